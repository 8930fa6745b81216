"""OpenTelemetry's SDK for Python, set as docs/interop/opentelemetry.md says, before a real Jaeger, and what the server reads of its spans."""
import os
import pathlib
import subprocess
import sys

import behind
import packages
from jaegers import world

SENDER = pathlib.Path(__file__).parent / "python_sdk_sender.py"
WAYS = ("otlp over gRPC", "otlp over HTTP")
POD = "k8s.namespace.name=bookinfo,k8s.deployment.name=reviews-v1,k8s.pod.name=reviews-v1-5f8cbd69f-x2v6k"
ELSEWHERE = "4bf92f3577b34da6a3ce929d0e0e4736"


def had():
    """Where the SDK's packages are; NotHad with the reason."""
    return packages.installed("python_sdk")


def _send(way, jaeger, service):
    """The id of the trace that was sent."""
    grpc = way.endswith("gRPC")
    endpoint = f"http://127.0.0.1:{jaeger.otlp_grpc_port if grpc else jaeger.otlp_port}"
    environment = {key: value for key, value in os.environ.items() if not key.startswith("OTEL_")}
    environment |= {
        "PYTHONPATH": str(had()), "OTEL_SERVICE_NAME": service,
        "OTEL_RESOURCE_ATTRIBUTES": POD, "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint,
    }
    done = subprocess.run(
        [sys.executable, SENDER, "grpc" if grpc else "http"], env=environment, capture_output=True, text=True, timeout=60
    )
    if done.returncode != 0:
        raise world.DemoError(f"the SDK for Python fails:\n{done.stderr[-1500:]}")
    return done.stdout.strip()


def _seen(span):
    return {
        "kind": span["kind"], "source": span["source"], "workload": span["workload"], "namespace": span["namespace"],
        "error": span["error"] is not None,
    }


def _wanted(kind, error):
    return {"kind": kind, "source": "app", "workload": "reviews-v1", "namespace": "bookinfo", "error": error}


def _wrong(console, way, trace_id, service):
    """What is not told as it was sent."""
    spans = behind.spans_awaited(console, service, {"user.name": "Žofie 日本 🛒"})
    by_name = {span["operationName"]: span for span in spans}
    kinds = {"GET /reviews/{id}": ("server", True), "SELECT": ("client", True), "GET /stars": ("client", True)}
    if sorted(by_name) != sorted(kinds):
        return [f"{way}: the spans are {sorted(by_name)}"]
    out = [line for name, how in kinds.items() for line in behind.differences(f"{way} {name}", _seen(by_name[name]), _wanted(*how))]
    raw = {span["operationName"]: span for span in console.ask(f"/api/traces/{trace_id}").json()["data"]["spans"]}
    links = [one["traceID"] for one in raw["GET /reviews/{id}"]["references"]]
    fields = {field["key"]: field["value"] for log in raw["SELECT"]["logs"] for field in log["fields"]}
    seen = {"link": ELSEWHERE in links, "exception": fields.get("exception.message")}
    return out + behind.differences(way, seen, {"link": True, "exception": "no stars"})


def run(build_dir, version, folder):
    """Way by way what is wrong with the spans of the SDK behind that Jaeger: nothing, when it is as the page says."""
    with behind.jaeger_and_console(build_dir, version, folder) as (jaeger, console):
        out = {}
        for way in WAYS:
            service = f"reviews-{way[-4:].lower()}.bookinfo"
            out[way] = _wrong(console, way, _send(way, jaeger, service), service)
        return out
