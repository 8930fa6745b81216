"""Prometheus stops, hangs and comes back: what does not need it goes on, what does says why, nobody waits beyond the deadline."""
import concurrent.futures
import json
import os
import signal
import time

import pytest

import demo_world as world
from conftest import NOW
from test_rights import Targets

AT = NOW // 1_000_000
DEADLINE = 15  # seconds, of every request
BUSY = 20  # seconds that a busy machine may take besides
REVIEWS = "/api/namespaces/bookinfo/workloads/reviews-v1"
WINDOW = {"startMicros": NOW - 3_600_000_000, "endMicros": NOW + 1}
# What is made of metrics alone, and cannot be had without.
OF_METRICS = ("metrics", "graph", "reconcile", "dashboard")


@pytest.fixture
def mesh_with_metrics(launch):
    flags = ["--start-micros", str(NOW)]
    mesh, prometheus = launch.prometheus(mesh="fixture", flags=flags)
    settings = {
        "external_services": {"prometheus": {"url": prometheus.url, "cache_enabled": False}},
        "meshscope": {"request_timeout": f"{DEADLINE}s", "trace_cache_mb": 0, "probe_interval": "1s"},
    }
    return launch.console_for(mesh, "grpc", settings, wait="/readyz", query_timeout=DEADLINE - 5), prometheus, mesh


def needs_metrics(operation):
    # Rates are part of health, which is kept for a while.
    return not operation.template.endswith("/rates") and ( operation.definition["tags"] in (["metrics"], ["graph"]) or any(part in OF_METRICS for part in operation.template.split("/")))


def looks(mesh, api, contract):
    """(path, parameters, body) of every GET and of what is posted about metrics, with whether it is of metrics alone."""
    targets = Targets(mesh, api)
    for operation in contract.operations:
        if operation.method == "GET" and not operation.template.startswith("/console"):
            for path, parameters in list(targets.of(operation))[:1]:
                yield path, parameters, None, needs_metrics(operation)
    target = {"namespace": "bookinfo", "name": "reviews-v1", "kind": "workload"}
    query = {"target": target, "direction": "inbound", "interval": "10m", "avg": True, "quantiles": ["0.5"], "queryTime": AT}
    traces = {"traceIDs": [trace_of(api)]}
    yield "/api/stats/metrics", {}, {"queries": [query]}, True
    yield "/api/traces/heatmaps", {}, traces, False
    yield "/api/traces/graph", {"namespaces": "bookinfo"}, traces, True


def trace_of(api):
    return api.get("/api/namespaces/bookinfo/apps/productpage/traces", limit=1, **WINDOW).json()["data"][0]["traceID"]


def timed(api, path, parameters, body=None):
    how = {} if body is None else {"method": "POST", "headers": {"Content-Type": "application/json"}, "body": json.dumps(body)}
    began = time.monotonic()
    answer = api.console.ask(world.query(path, **parameters), **how)
    return answer, time.monotonic() - began


def explained(answer):
    error = answer.json()
    assert error["upstream"] == "prometheus" and error["hint"]["setting"].startswith("external_services.prometheus."), error


def reasons(heatmap):
    return {cell.get("missing") for span in heatmap["spans"] for row in span["cells"] for cell in row}


def test_everything_else_goes_on(mesh_with_metrics, contract):
    api, prometheus, mesh = mesh_with_metrics
    before = [(*asked, of_metrics, timed(api, *asked)[0]) for *asked, of_metrics in looks(mesh, api, contract)]
    assert len(before) > 50 and sum(of_metrics for *_, of_metrics, _ in before) > 10
    prometheus.stop()
    for path, parameters, body, of_metrics, known in before:
        answer, took = timed(api, path, parameters, body)
        assert took < DEADLINE + BUSY, (path, took)
        if of_metrics and known.status == 200:
            assert answer.status == 503, (path, answer.status, answer.body[:500])
            explained(answer)
        else:
            assert answer.status == known.status, (path, answer.body[:500])
    # A part that is missing is said, the rest of the answer is there.
    heatmap = api.get(f"/api/traces/{trace_of(api)}/heatmap").json()
    assert "upstream" in reasons(heatmap) and heatmap["spans"] and heatmap["pairs"]
    assert heatmap["meta"]["warnings"]
    assert api.get(REVIEWS + "/logs", tail=100).json()["entries"]
    assert health_of(api) == "NA"
    prometheus.start()


def health_of(api):
    return api.get(REVIEWS, queryTime=AT, rateInterval="10m").json()["health"]["status"]["status"]


def test_a_prometheus_that_hangs_costs_no_more_than_its_share(mesh_with_metrics, contract):
    """Everything is asked at once: nobody waits beyond the deadline, also not in the line before the calls that hang."""
    api, prometheus, mesh = mesh_with_metrics
    heatmap = f"/api/traces/{trace_of(api)}/heatmap"
    now = {"queryTime": AT, "rateInterval": "10m"}
    asked = [*looks(mesh, api, contract), (heatmap, {}, None, False), (REVIEWS, now, None, False), ("/api/clusters/health", now, None, False)]
    known = [timed(api, *one)[0].status for *one, _ in asked]
    os.kill(prometheus.child.pid, signal.SIGSTOP)
    try:
        with concurrent.futures.ThreadPoolExecutor(len(asked)) as pool:
            answers = list(pool.map(lambda one: timed(api, *one[:-1]), asked))
    finally:
        os.kill(prometheus.child.pid, signal.SIGCONT)
    for (path, *_, of_metrics), before, (answer, took) in zip(asked, known, answers, strict=True):
        # The server's own answer, not the end of a connection that was given up.
        assert took < DEADLINE + BUSY, (path, took)
        if of_metrics and before == 200:
            assert answer.status in (503, 504), (path, answer.status, answer.body[:500])
            assert answer.json()["upstream"] == "prometheus", path
        else:
            assert answer.status == before, (path, answer.body[:500])
    (hung,) = [answer for (path, *_), (answer, _) in zip(asked, answers, strict=True) if path == heatmap][-1:]
    assert "upstream" in reasons(hung.json())


def test_health_is_back_within_seconds(mesh_with_metrics):
    api, prometheus, _ = mesh_with_metrics
    prometheus.stop()
    api.console.wait("/api/istio/status", patience=60, until=lambda answer: state_of(answer) == "Unreachable")
    health = "/api/clusters/health?namespaces=bookinfo"
    assert "requests_unknown" in codes(api.console.ask(health))
    prometheus.start()
    # It was looked at in vain, which is remembered for some seconds; not beyond the first sign of life.
    api.console.wait(health, until=lambda answer: "requests_unknown" not in codes(answer))


def state_of(answer):
    (found,) = [one for one in json.loads(answer.body) if one["name"] == "prometheus"]
    return found["status"]


def codes(answer):
    return [warning["code"] for warning in answer.json()["meta"].get("warnings", [])]
