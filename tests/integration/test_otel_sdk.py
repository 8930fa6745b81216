"""Spans of a real OpenTelemetry SDK, sent over OTLP to the demo's Jaeger, found through the server."""
import json
import os
import pathlib
import shutil
import subprocess

import pytest

SENDER = pathlib.Path(__file__).parent / "otel_sender"
WAYS = [(protocol, packing) for protocol in ("http", "proto", "grpc") for packing in ("none", "gzip")]
ELSEWHERE = {"traceID": "4bf92f3577b34da6a3ce929d0e0e4736", "spanID": "00f067aa0ba902b7", "refType": "FOLLOWS_FROM"}


@pytest.fixture(scope="session")
def sender(build_dir):
    """The SDK as the lock file names it, installed beside the build once."""
    folder = build_dir / "otel_sender"
    folder.mkdir(exist_ok=True)
    shutil.copy(SENDER / "send.mjs", folder)
    stamp = folder / "installed.json"
    lock = (SENDER / "package-lock.json").read_text()
    if not stamp.exists() or stamp.read_text() != lock:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(SENDER / name, folder)
        subprocess.run(
            ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"],
            cwd=folder, check=True, timeout=300,
        )
        stamp.write_text(lock)

    def send(*arguments):
        environment = {key: value for key, value in os.environ.items() if not key.startswith("OTEL_")}
        done = subprocess.run(
            ["node", "send.mjs", *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)

    return send


@pytest.fixture(scope="module")
def world_of_spans(request, build_dir, contract, tmp_path_factory, sender):
    """What each way sent, by way, and consoles over both transports."""
    from conftest import Launcher

    launcher = Launcher(build_dir, tmp_path_factory.mktemp("otel"), contract)
    request.addfinalizer(launcher.stop)
    mesh = launcher.mesh(flags=["--jaeger-version", "next"])
    urls = {
        "http": f"http://127.0.0.1:{mesh.otlp_ports['http']}/v1/traces",
        "proto": f"http://127.0.0.1:{mesh.otlp_ports['http']}/v1/traces",
        "grpc": f"http://127.0.0.1:{mesh.otlp_ports['grpc']}",
    }
    sent = {way: sender(way[0], urls[way[0]], way[1]) for way in WAYS}
    apis = {transport: launcher.console_for(mesh, transport, wait="/readyz") for transport in ("grpc", "http")}
    return sent, apis


@pytest.fixture(params=WAYS, ids="-".join)
def sent(request, world_of_spans):
    return world_of_spans[0][request.param]


@pytest.fixture(params=["grpc", "http"])
def console(request, world_of_spans):
    return world_of_spans[1][request.param]


def test_they_are_found(console, sent):
    (summary,) = console.get("/api/traces", service=sent["service"]).json()["data"]
    assert summary["traceID"] == sent["traceId"]
    assert summary["rootService"] == sent["service"]
    assert (summary["spans"], summary["errors"], summary["orphans"]) == (5, 1, 0)
    (failed,) = console.get("/api/traces", service=sent["service"], errors="true").json()["data"]
    assert failed["traceID"] == sent["traceId"]
    by_tag = {"service": sent["service"], "tags": json.dumps({"user.name": "Žofie 日本 🛒"})}
    assert len(console.get("/api/traces", **by_tag).json()["data"]) == 1
    operations = console.get(f"/api/tracing/services/{sent['service']}/operations").json()["data"]
    assert {operation["name"] for operation in operations} >= {"GET /warenkörbe/{id}", "orders process"}


def test_they_arrive_whole(console, sent):
    trace = console.get(f"/api/traces/{sent['traceId']}").json()["data"]
    spans = {span["spanID"]: span for span in trace["spans"]}
    (process,) = trace["processes"].values()
    assert process["serviceName"] == sent["service"]
    resource = {tag["key"]: tag["value"] for tag in process["tags"]}
    assert resource["service.version"] == "1.4.2"
    assert json.loads(resource["process.command_args"]) == ["node", "shop.js"]

    server = spans[sent["spans"]["server"]]
    assert server["operationName"] == "GET /warenkörbe/{id}"
    tags = {tag["key"]: (tag["type"], tag["value"]) for tag in server["tags"]}
    assert tags["user.name"] == ("string", "Žofie 日本 🛒")
    assert tags["http.response.status_code"] == ("int64", 200)
    assert tags["cart.count"] == ("int64", 9007199254740991)
    assert tags["cart.total"] == ("float64", 12.75)
    assert tags["cart.empty"] == ("bool", False)
    for key, value in {
        "cart.items": ["a", "b", "ü"], "cart.sizes": [1, 2, 3], "cart.weights": [0.5, 1.25], "cart.flags": [True, False]
    }.items():
        assert tags[key][0] == "string"
        assert json.loads(tags[key][1]) == value
    assert tags["otel.scope.name"] == ("string", "shop-instrumentation")
    assert tags["otel.scope.version"] == ("string", "0.9.0")
    assert ELSEWHERE in server["references"]

    client = spans[sent["spans"]["client"]]
    tags = {tag["key"]: tag["value"] for tag in client["tags"]}
    assert tags["otel.status_description"] == "payment failed: naïve"
    (log,) = client["logs"]
    fields = {field["key"]: field["value"] for field in log["fields"]}
    assert (fields["event"], fields["exception.type"], fields["exception.message"]) == ("exception", "TypeError", "no money")

    consumer = spans[sent["spans"]["consumer"]]
    assert [reference["spanID"] for reference in consumer["references"]] == [sent["spans"]["producer"]] * 2


def test_they_are_read_right(console, sent):
    rows = {row["spanID"]: row for row in console.get(f"/api/traces/{sent['traceId']}/spans").json()["spans"]}
    assert len(rows) == 5
    for name in ("server", "client", "producer", "consumer"):
        row = rows[sent["spans"][name]]
        assert (row["kind"], row["source"]) == (name, "app")
        assert bool(row["error"]) == (name == "client")
    server, client = (rows[sent["spans"][name]] for name in ("server", "client"))
    assert server["depth"] == 0
    assert server["request"]["route"] == "/warenkörbe/{id}"
    assert (server["type"], server["status"]["http"]) == ("http", 200)
    assert client["peer"]["value"] == "pay"
    producer = rows[sent["spans"]["producer"]]
    assert (producer["type"], producer["target"]["system"], producer["target"]["name"]) == ("messaging", "kafka", "orders")
