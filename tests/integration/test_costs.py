"""meta.upstream is the bill: it equals what the backend itself has counted."""
import concurrent.futures

import pytest

from conftest import HOUR, NOW, PROTOCOLS

APP = "/api/namespaces/bookinfo/apps/productpage"
METHODS = {
    "grpc": {"search": "FindTraces", "trace": "GetTrace"},
    "http": {"search": "search", "trace": "trace"},
}
ROUTES = [
    ("search", APP + "/traces", {"limit": 20, **HOUR}),
    ("search", APP + "/spans", {"limit": 20, **HOUR}),
    ("search", APP + "/errortraces", {"duration": 3600}),
    ("search", "/api/traces", {"service": "reviews.bookinfo", "limit": 20, **HOUR}),
    ("search", "/api/traces", {"service": "reviews.bookinfo", "limit": 10, "errors": "true", **HOUR}),
    ("trace", "/api/traces/{id}", {}),
    ("trace", "/api/traces/{id}/spans", {}),
]


def bill(answer):
    items = answer.meta()["upstream"]
    assert {item["name"] for item in items} <= {"jaeger"}
    return items[0] if items else {"calls": 0, "joined": 0, "bytes": 0}


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("kind, path, parameters", ROUTES, ids=lambda v: v if isinstance(v, str) else None)
def test_calls_are_those_the_backend_saw(both, mesh, protocol, kind, path, parameters):
    api = both[protocol]
    if "{id}" in path:
        found = api.get(APP + "/traces", limit=1, **HOUR).json()["data"]
        path = path.format(id=found[0]["traceID"])
    mesh.reset()
    answer = api.get(path, **parameters)
    counted = mesh.calls(protocol).get(METHODS[protocol][kind], 0)
    assert counted >= 1
    assert bill(answer)["calls"] == counted
    assert bill(answer)["bytes"] > 0 or answer.json() == 0
    other = next(p for p in PROTOCOLS if p != protocol)
    assert not any(mesh.calls(other).get(method) for method in METHODS[other].values())


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_equal_questions_at_once_share_calls(launch, protocol):
    mesh = launch.mesh(mesh="fixture", flags=["--start-micros", str(NOW)])
    api = launch.console_for(mesh, protocol, wait="/readyz", query_timeout=60)
    mesh.reset()
    mesh.set_faults(latency_ms=2000)

    def one(_):
        return api.get(APP + "/traces", limit=5, **HOUR)

    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(one, range(12)))
    counted = mesh.calls(protocol)[METHODS[protocol]["search"]]
    bills = [bill(answer) for answer in answers]
    assert sum(item["calls"] for item in bills) == counted
    assert sum(item["joined"] for item in bills) + counted == 12
    assert counted < 12
    assert len({answer.body.split(b'"meta"')[0] for answer in answers}) == 1


def test_a_page_with_rights_of_everybody_scans_what_it_returns(api):
    meta = api.get(APP + "/traces", limit=20, **HOUR).meta()
    assert (meta["returned"], meta["stoppedBy"]) == (20, "limit")
    assert meta["scanned"] >= 20
    assert meta["used"]["startMicros"] == HOUR["startMicros"]


def test_the_next_look_at_a_trace_needs_no_call(launch):
    mesh = launch.mesh(mesh="fixture", flags=["--start-micros", str(NOW)])
    api = launch.console_for(mesh, "http", wait="/readyz")
    trace_id = api.get(APP + "/traces", limit=1, **HOUR).json()["data"][0]["traceID"]
    mesh.reset()
    answers = [api.get(f"/api/traces/{trace_id}{suffix}") for suffix in ("", "", "/spans")]
    assert mesh.calls("http").get("trace") == 1
    assert [bill(answer).get("cached") for answer in answers] == [0, 1, 1]
    assert answers[0].json()["data"] == answers[1].json()["data"]


def test_an_answer_beyond_its_limit_is_cut_and_says_so(launch):
    mesh = launch.mesh(mesh="fixture", flags=["--start-micros", str(NOW)])
    small = {"meshscope": {"response_limit_mb": 1}}
    whole = launch.console_for(mesh, "http", wait="/readyz", query_timeout=60).get(APP + "/traces", limit=1000, **HOUR)
    api = launch.console_for(mesh, "http", small, wait="/readyz", query_timeout=60)
    if len(whole.body) < 1_100_000:
        pytest.fail(f"the mesh has too little to show: {len(whole.body)} bytes")
    answer = api.get(APP + "/traces", limit=1000, **HOUR)
    meta = answer.meta()
    assert meta["stoppedBy"] == "bytes"
    assert answer.json()["errors"]
    shown = answer.json()["data"]
    assert {"reason": "response_bytes", "count": len(whole.json()["data"]) - len(shown)} in meta["dropped"]
    assert shown == whole.json()["data"][:len(shown)]
    assert len(answer.body) < 1_050_000
    assert api.get("/healthz").status == 200
