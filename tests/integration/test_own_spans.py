"""The server's own spans, over OTLP to a collector."""
import time

import pytest

import demo_world as world
from conftest import HOUR, NOW, PROTOCOLS
from otlp_collector import Collector

APP = "/api/namespaces/bookinfo/apps/productpage"
ROUTE = "GET /api/namespaces/{namespace}/apps/{app}/traces"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
CALLER = "00f067aa0ba902b7"


@pytest.fixture
def collector(request):
    made = Collector()
    request.addfinalizer(made.stop)
    return made


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "50")


def own_spans(port, **more):
    tracing = {"enabled": True, "collector_url": f"127.0.0.1:{port}", "sampling_rate": 1, **more}
    return {"server": {"observability": {"tracing": tracing}}}


def fixture_mesh(launch):
    return launch.mesh(mesh="fixture", flags=["--start-micros", str(NOW)])


def servers(spans):
    return [span for span in spans if span.kind == "server"]


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_request_and_its_calls_are_one_trace(launch, collector, protocol):
    api = launch.console_for(fixture_mesh(launch), protocol, own_spans(collector.port), wait="/readyz")
    headers = {"traceparent": f"00-{TRACE}-{CALLER}-01", "tracestate": "v=1", "X-Request-Id": "req-7"}
    api.get(APP + "/traces", headers=headers, limit=3, **HOUR)
    spans = collector.wait(servers)
    assert {span.resource["service.name"] for span in spans} == {"meshscope"}
    ours = [span for span in spans if span.trace == TRACE]
    assert len(ours) == len(spans)  # probes leave none

    (server,) = servers(ours)
    assert (server.name, server.parent, server.state, server.error) == (ROUTE, CALLER, "v=1", False)
    assert server.attributes["http.response.status_code"] == 200
    assert server.attributes["http.request.header.x-request-id"] == "req-7"
    question = next(span for span in ours if span.name == "find traces")
    assert question.parent == server.id
    assert question.attributes["meshscope.upstream"] == "jaeger"
    calls = [span for span in ours if span.kind == "client"]
    assert calls
    assert {span.parent for span in calls} <= {span.id for span in ours}
    for span in calls:
        assert span.attributes["server.address"] == "127.0.0.1"
        assert span.attributes["peer.service"] == "jaeger"
        assert "?" not in span.attributes.get("url.full", "")
        assert server.start <= span.start <= span.end <= server.end + 1_000_000
    names = {span.name for span in calls}
    if protocol == "grpc":
        assert any(name.endswith("QueryService/FindTraces") for name in names)
    else:
        assert names == {"GET jaeger"}


def test_an_error_is_an_error_and_an_unsampled_caller_is_heard(launch, collector):
    closed = world.free_port()
    tracing = {"internal_url": f"http://127.0.0.1:{closed}", "use_grpc": False}
    api = launch.console(tracing, own_spans(collector.port))
    api.get(APP + "/traces", status=503, headers={"b3": f"{TRACE}-{CALLER}-0"})
    api.get(APP + "/traces", status=503, headers={"b3": f"{TRACE[16:]}-{CALLER}-1"})
    spans = collector.wait(servers)
    (server,) = servers(spans)
    assert server.trace == TRACE[16:].rjust(32, "0")
    assert server.error
    assert any(span.error for span in spans if span.kind == "client")


def test_a_collector_that_is_away_costs_nothing(launch, collector):
    collector.answer = 503
    api = launch.console_for(fixture_mesh(launch), "grpc", own_spans(collector.port), wait="/readyz")
    asked = 0
    # No longer than until it has refused: spans are given up after some seconds.
    while not asked or not collector.requests:
        assert api.get(APP + "/traces", limit=1, **HOUR).seconds < 30
        asked += 1
    collector.answer = 200
    # Nobody waited for the collector: all spans came, and none before all was answered.
    spans = collector.wait(lambda spans: len(servers(spans)) == asked)
    assert len({span.trace for span in servers(spans)}) == asked


def test_the_last_spans_are_sent_when_the_server_stops(launch, collector):
    api = launch.console_for(fixture_mesh(launch), "http", own_spans(collector.port), wait="/readyz")
    api.get("/api/status")
    assert api.console.stop() == 0
    assert [span.name for span in servers(collector.spans)] == ["GET /api/status"]


def test_what_became_of_the_spans_is_counted(launch, collector):
    collector.answer = 400
    api = launch.console_for(fixture_mesh(launch), "http", own_spans(collector.port), wait="/readyz")
    api.get("/api/status")

    def metrics():
        return world.ask(api.console.metrics_port, "/metrics").body.decode()

    collector.wait(lambda _: 'meshscope_own_spans_total{reason="refused"} 1' in metrics())
    assert 'meshscope_upstream_calls_total{outcome="status_400",upstream="otlp"} 1' in metrics()
    assert "meshscope_own_spans_queued 0" in metrics()
    log = api.console.process.log()
    assert log.count("the span collector refuses own spans") == 1


def test_names_and_headers_come_from_the_environment(launch, collector, monkeypatch):
    monkeypatch.setenv("OTEL_SERVICE_NAME", "console-a")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20hunter2,x-tenant=a")
    more = own_spans(f"{collector.port}/otlp")
    api = launch.console_for(fixture_mesh(launch), "http", more, wait="/readyz")
    api.get("/api/status")
    spans = collector.wait(servers)
    assert spans[0].resource["service.name"] == "console-a"
    path, headers = collector.requests[0]
    assert path == "/otlp/v1/traces"
    assert headers["authorization"] == "Bearer hunter2"
    assert headers["x-tenant"] == "a"
    assert "traceparent" not in {name.lower() for name in headers}
    assert "hunter2" not in api.console.process.log()


def test_without_the_setting_nothing_is_sent(launch, collector):
    api = launch.console_for(
        fixture_mesh(launch), "http", own_spans(collector.port, enabled=False), wait="/readyz"
    )
    api.get("/api/status", headers={"traceparent": f"00-{TRACE}-{CALLER}-01"})
    assert api.console.stop() == 0
    assert not collector.requests


@pytest.mark.parametrize("wire", PROTOCOLS)
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_the_console_finds_its_own_traces(launch, protocol, wire):
    mesh = launch.mesh()
    api = launch.console_for(mesh, protocol, world.own_spans(mesh, wire), wait="/readyz")
    api.get(APP + "/traces", limit=2)
    api.get(f"/api/traces/{TRACE}", status=404)

    def own():
        found = api.get("/api/traces", service="meshscope", limit=100).json()["data"]
        return {trace["rootOperation"]: trace for trace in found}

    deadline = time.monotonic() + 60
    while not {ROUTE, "GET /api/traces/{traceID}"} <= own().keys():
        assert time.monotonic() < deadline, f"only {own().keys()} came"
        time.sleep(0.2)
    trace = own()[ROUTE]
    assert trace["rootService"] == "meshscope"
    assert trace["errors"] == 0
    rows = api.get(f"/api/traces/{trace['traceID']}/spans").json()["spans"]
    root = next(row for row in rows if row["parentSpanID"] is None)
    assert root["operationName"] == ROUTE
    assert len(rows) >= 3
    assert "meshscope" in api.get("/api/tracing/services").json()["data"]
    # Probes leave no trace, so whatever begins here is a request to the console.
    assert all(name.startswith("GET /") for name in own())
