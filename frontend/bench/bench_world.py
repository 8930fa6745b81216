#!/usr/bin/env python3
"""One console for the benchmark of the pages: a mesh with an hour of traffic, to which more traces of one workload are sent, and
traces of 5 000 and 50 000 spans. Prints where they are as one line of JSON and ends with its standard input."""
import json
import pathlib
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools" / "dev"))

import demo_world as world  # noqa: E402

LARGE = {"5000": 5_000, "50000": 50_000}  # spans by the name of the trace
MORE = 500  # traces of details besides those of the mesh, so that there are a thousand in an hour
SERVICES = ("gateway", "orders", "stock", "prices", "payments", "mail")
TICK = 20_000  # ns
IN_ONE = 4_000  # spans in a request


def trace_id(name):
    return (name * 8)[:32].ljust(32, "0")


def attribute(key, value):
    kind = "intValue" if isinstance(value, int) else "stringValue"
    return {"key": key, "value": {kind: value}}


def span(trace, number, start, end, parent, path):
    return {
        "traceId": trace,
        "spanId": f"{number + 1:016x}",
        "parentSpanId": "" if parent is None else f"{parent + 1:016x}",
        "name": f"GET {path}",
        "kind": 2,
        "startTimeUnixNano": str(start),
        "endTimeUnixNano": str(end),
        "attributes": [
            attribute("http.request.method", "GET"),
            attribute("url.path", path),
            attribute("http.response.status_code", 503 if number % 97 == 96 else 200),
        ],
        "status": {},
    }


def send(port, resource, spans):
    attributes = [attribute(key, value) for key, value in resource.items()]
    body = json.dumps({"resourceSpans": [{"resource": {"attributes": attributes}, "scopeSpans": [{"spans": spans}]}]}).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{port}/v1/traces", body, {"Content-Type": "application/json"})
    urllib.request.urlopen(request, timeout=60).read()


def send_large(port, name, count):
    """A tree in which each span has four below it."""
    start = time.time_ns() - 120 * 10**9
    spans = [
        span(trace_id(name), at, start + at * TICK, start + (2 * count - at) * TICK, (at - 1) // 4 if at else None, f"/part/{at % 40}")
        for at in range(count)
    ]
    for at, service in enumerate(SERVICES):
        own = spans[at :: len(SERVICES)]
        for first in range(0, len(own), IN_ONE):
            send(port, {"service.name": service}, own[first : first + IN_ONE])


def send_more(port, count):
    """Traces of eight spans, all over the hour."""
    now = time.time_ns()
    spans = []
    for at in range(count):
        start = now - 60 * 10**9 - at * 7 * 10**9
        trace = f"{0xBE7C4 + at:032x}"
        spans += [span(trace, n, start + n * 10**6, start + (20 - n) * 10**6 + at * 10**4, n - 1 if n else None, f"/details/{n}") for n in range(8)]
    for first in range(0, len(spans), IN_ONE):
        resource = {"service.name": "details.bookinfo", "k8s.namespace.name": "bookinfo", "k8s.deployment.name": "details-v1"}
        send(port, resource, spans[first : first + IN_ONE])


def main(build_dir):
    with tempfile.TemporaryDirectory(prefix="meshscope-bench-") as folder:
        folder = pathlib.Path(folder)
        processes = []
        try:
            mesh = world.Mesh(pathlib.Path(build_dir), folder, mesh="normal")
            processes.append(mesh)
            send_more(mesh.otlp_ports["http"], MORE)
            for name, count in LARGE.items():
                send_large(mesh.otlp_ports["http"], name, count)
            console = world.Console(
                pathlib.Path(build_dir),
                folder,
                world.free_port(),
                world.free_port(),
                {"in_cluster_url": mesh.url("grpc"), "use_grpc": True},
                {"meshscope": {"kubernetes": {"kubeconfig": str(mesh.kubeconfig(folder / "kubeconfig"))}}},
            )
            processes.append(console)
            console.wait("/healthz", patience=90)
            address = f"http://localhost:{console.port}{console.web_root}"
            told = {"now": time.time_ns() // 1000, "consoles": {"bench": address}, "token": "", "traces": {name: trace_id(name) for name in LARGE}}
            print(json.dumps(told), flush=True)
            sys.stdin.read()
        finally:
            for process in reversed(processes):
                process.stop()


if __name__ == "__main__":
    main(sys.argv[1])
