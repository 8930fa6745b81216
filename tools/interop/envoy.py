"""A real Envoy that reports over Zipkin and OTLP to a real Jaeger, and what the server reads of its spans."""
import contextlib
import http.server
import json
import threading
import time

import behind
import packages
from jaegers import world

NODE = "sidecar~10.0.0.7~reviews-v1-5f8cbd69f-x2v6k.bookinfo~bookinfo.svc.cluster.local"
UPSTREAM = "outbound|9080||details.bookinfo.svc.cluster.local"
WAYS = ("zipkin", "otlp over gRPC", "otlp over HTTP")
FLUSH_MS = 200
HCM = "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"

# What is asked for, the status that comes, whether that is an error of a client, and Envoy's flags.
CALLS = (("/ok", "200", False, []), ("/none", "404", True, []), ("/fail", "503", True, []), ("/dead", "503", True, ["UF"]))


def had():
    """Where Envoy is, out of the package that envoy.txt pins; NotHad with the reason."""
    found = packages.installed("envoy") / "envoy" / "_bin" / "envoy"
    found.chmod(0o755)
    return found


class _Service(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response({"/fail": 503, "/none": 404}.get(self.path, 200))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def _typed(kind, **fields):
    return {"@type": f"type.googleapis.com/{kind}", **fields}


def _tracer(way):
    """As docs/interop/envoy.md says that it is to be set."""
    if way == "zipkin":
        return {"name": "envoy.tracers.zipkin", "typed_config": _typed(
            "envoy.config.trace.v3.ZipkinConfig", collector_cluster="zipkin", collector_endpoint="/api/v2/spans",
            collector_endpoint_version="HTTP_JSON", shared_span_context=False, trace_id_128bit=True,
        )}
    service = {"grpc_service": {"envoy_grpc": {"cluster_name": "otlp_grpc"}, "timeout": "1s"}}
    if way.endswith("HTTP"):
        service = {"http_service": {"http_uri": {"uri": "http://127.0.0.1/v1/traces", "cluster": "otlp_http", "timeout": "1s"}}}
    return {"name": "envoy.tracers.opentelemetry", "typed_config": _typed("envoy.config.trace.v3.OpenTelemetryConfig", service_name="reviews.bookinfo", **service)}


def _address(port):
    return {"address": {"socket_address": {"address": "127.0.0.1", "port_value": port}}}


def _cluster(name, port, http2=False):
    out = {"name": name, "type": "STATIC", "connect_timeout": "1s", "load_assignment": {
        "cluster_name": name, "endpoints": [{"lb_endpoints": [{"endpoint": _address(port)}]}]}}
    if http2:
        options = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
        out["typed_extension_protocol_options"] = {options: _typed(options, explicit_http_config={"http2_protocol_options": {}})}
    return out


def _listener(way, port):
    def route(prefix, cluster):
        return {"match": {"prefix": prefix}, "route": {"cluster": cluster}, "decorator": {"operation": "details.bookinfo.svc.cluster.local:9080/*"}}

    hosts = [{"name": "all", "domains": ["*"], "routes": [route("/dead", "dead"), route("/", UPSTREAM)]}]
    manager = _typed(
        HCM, stat_prefix="out", tracing={"provider": _tracer(way), "random_sampling": {"value": 100}}, route_config={"virtual_hosts": hosts},
        http_filters=[{"name": "router", "typed_config": _typed("envoy.extensions.filters.http.router.v3.Router")}],
    )
    return {"name": way, "traffic_direction": "OUTBOUND", **_address(port), "filter_chains": [{"filters": [{"name": "hcm", "typed_config": manager}]}]}


def _configuration(jaeger, ports, service_port):
    clusters = [
        _cluster(UPSTREAM, service_port), _cluster("dead", world.free_port()), _cluster("zipkin", jaeger.zipkin_port),
        _cluster("otlp_grpc", jaeger.otlp_grpc_port, http2=True), _cluster("otlp_http", jaeger.otlp_port),
    ]
    flush = {f"tracing.{name}.flush_interval_ms": FLUSH_MS for name in ("zipkin", "opentelemetry")}
    return {
        "node": {"id": NODE, "cluster": "reviews.bookinfo"},
        "static_resources": {"listeners": [_listener(way, port) for way, port in ports.items()], "clusters": clusters},
        "layered_runtime": {"layers": [{"name": "static", "static_layer": flush}]},
    }


@contextlib.contextmanager
def _running(folder, jaeger):
    """Ports by way of an Envoy that reports to `jaeger`."""
    service = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Service)
    thread = threading.Thread(target=service.serve_forever)
    thread.start()
    ports = {way: world.free_port() for way in WAYS}
    path = folder / "envoy.json"
    path.write_text(json.dumps(_configuration(jaeger, ports, service.server_port)))
    envoy = world.Process("envoy", [had(), "-c", path, "--concurrency", "1", "--disable-hot-restart", "-l", "warning"], folder / "envoy.log")
    try:
        _wait(envoy, ports)
        yield ports
    finally:
        envoy.stop()
        service.shutdown()
        thread.join()
        service.server_close()


def _wait(envoy, ports, patience=20):
    deadline = time.monotonic() + patience
    for port in ports.values():
        while True:
            if not envoy.running():
                raise envoy.ended()
            with contextlib.suppress(OSError):
                with contextlib.closing(world.socket.create_connection(("127.0.0.1", port), 1)):
                    break
            if time.monotonic() > deadline:
                raise world.DemoError(f"envoy does not listen:\n{envoy.log()[-1500:]}")
            time.sleep(0.05)


def _wrong(span, way, path, status, flags, is_error):
    """What is not told as it should be."""
    seen = {
        "source": span["source"], "direction": span["direction"], "workload": span["workload"], "namespace": span["namespace"],
        "operation": span["operationName"], "status": str(span["status"]["http"]), "flags": [flag["code"] for flag in span["flags"]],
        "error": span["error"] is not None,
    }
    wanted = {
        "source": "envoy", "direction": "outbound", "workload": "reviews-v1", "namespace": "bookinfo", "operation": "details.bookinfo:9080",
        "status": status, "flags": flags, "error": is_error,
    }
    if path != "/dead":
        seen["peer"], wanted["peer"] = (span["peer"] or {}).get("service"), "details"
    return behind.differences(f"{way} {path}", seen, wanted)


def _ask(console, port, way, path, status, is_error, flags):
    request_id = f"{WAYS.index(way):08d}-2141-9947-a7e0-{path[1:].encode().hex():0>12}"
    world.ask(port, path, headers={"X-Request-Id": request_id})
    spans = behind.spans_awaited(console, "reviews.bookinfo", {"guid:x-request-id": request_id})
    return _wrong(spans[0], way, path, status, flags, is_error) if spans else [f"{way} {path}: no span came"]


def run(build_dir, version, folder):
    """Way by way what is wrong with the spans of an Envoy behind that Jaeger: nothing, when it is as the page says."""
    out = {way: [] for way in WAYS}
    with behind.jaeger_and_console(build_dir, version, folder) as (jaeger, console), _running(folder, jaeger) as ports:
        for way, port in ports.items():
            out[way] = [wrong for call in CALLS for wrong in _ask(console, port, way, *call)]
    return out
