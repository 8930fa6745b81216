"""What is missing in a trace and why: seven traces with one hole each, one that goes on growing, clocks that are apart."""
import json
import re
import time

import pytest

import demo_world as world
from conftest import NOW
from fake_jaeger import FakeServer

LOST = "00000000000000aa"


def now():
    return int(time.time() * 1e6)


def span(number, parent=None, kind="server", pod=None, age=3600, **tags):
    tags = {"span.kind": kind, **tags}
    if pod:
        tags |= {"component": "proxy", "node_id": f"sidecar~10.0.0.{pod[-1]}~{pod}.bookinfo~bookinfo.svc.cluster.local"}
    return {
        "spanID": f"{number:016x}", "operationName": "work", "processID": pod or f"p{number}",
        "references": [{"refType": "CHILD_OF", "spanID": parent if isinstance(parent, str) else f"{parent:016x}"}] if parent else [],
        "startTime": now() - age * 1_000_000 + number, "duration": 1000, "logs": [], "warnings": None,
        "tags": [{"key": key, "type": "string", "value": str(value)} for key, value in tags.items()],
    }


class Traces(FakeServer):
    """Jaeger's HTTP v1; `held` gives the spans of a trace, by the last digit of its id and how often it was asked for."""

    def __init__(self, held):
        self.held = held
        super().__init__()

    def handle(self, method, path, headers, body):
        kind = "application/json"
        if path == "/api/services":
            return 200, kind, json.dumps({"data": ["web.bookinfo"], "errors": None}), {}
        found = re.match(r"/api/traces/0*(\d+)(\?|$)", path)
        if not found:
            return 404, "text/plain", "404 page not found\n", {}
        number = int(found[1])
        asked = sum(f"{number:x}?" in f"{p}?" for _, p, _, _ in self.requests if p.startswith("/api/traces/"))
        trace_id = f"{number:032x}"
        spans = [{**one, "traceID": trace_id} for one in self.held(number, asked)]
        for one in spans:
            for reference in one["references"]:
                reference["traceID"] = trace_id
        processes = {one["processID"]: {"serviceName": one["processID"] + ".bookinfo", "tags": []} for one in spans}
        data = [{"traceID": trace_id, "spans": spans, "processes": processes, "warnings": None}]
        return 200, kind, json.dumps({"data": data, "errors": None}), {}


HOLES = {
    1: ("unknown", [span(1), span(2, LOST)]),
    2: ("parent_unsampled", [span(1), span(2, LOST, **{"sampler.type": "probabilistic"})]),
    3: ("exporter_drop", [span(1), span(2, LOST), span(3, LOST)]),
    4: ("exporter_drop", [span(1, pod="web-1"), span(2, LOST, pod="cart-2", **{"peer.address": "10.0.0.1:4000"})]),
    5: ("header_not_forwarded", [span(1, kind="client", pod="web-1"), span(2, 1, pod="cart-2")]),
}


@pytest.fixture
def traces(launch, request):
    def serve(held):
        store = Traces(held)
        request.addfinalizer(store.stop)
        return store, launch.console({"internal_url": f"http://127.0.0.1:{store.port}", "use_grpc": False}, wait="/readyz")

    return serve


def test_each_hole_has_its_cause(traces):
    _, api = traces(lambda number, _: HOLES[number][1])
    for number, (cause, spans) in HOLES.items():
        body = api.get(f"/api/traces/{number}/forensics").json()
        (gap,) = body["gaps"]
        assert gap["cause"] == cause, (number, gap)
        assert gap["certainty"] in ("likely", "possible")
        assert gap.get("parent", LOST) == LOST
        assert gap["kind"] == ("missing_root" if cause == "header_not_forwarded" else "missing_parent")
        assert body["spans"] == len(spans) and body["reads"] == 1 and body["clocks"] == []


def test_a_trace_that_is_still_arriving_is_read_until_it_is_whole(traces):
    """The root comes with the third read; at most six reads bring the full count."""
    def held(_, asked):
        late = [span(170, age=1), span(3, 170, age=1)] if asked > 2 else []
        return [span(1, 170, age=1), span(2, 1, age=1), *late]

    store, api = traces(held)
    at_once = api.get("/api/traces/7/forensics").json()
    assert at_once["young"] and at_once["gaps"][0]["cause"] == "still_arriving"
    assert at_once["gaps"][0]["kind"] == "missing_root"
    store.requests.clear()
    body = api.get("/api/traces/7/forensics", waitMs=10_000).json()
    assert body["spans"] == 4 and body["gaps"] == [] and not body["young"]
    assert body["arrived"] == 2
    assert store.count("/api/traces/") <= 6
    api.get("/api/traces/7/forensics", status=400, waitMs=60_000)


def test_a_hidden_parent_is_said(launch):
    mesh = launch.mesh(mesh="fixture", flags=["--start-micros", str(NOW), "--kubernetes-port", "0"])
    api = launch.guarded(mesh)
    window = {"startMicros": NOW - 3_600_000_000, "endMicros": NOW + 1}
    app = "/api/namespaces/bookinfo/apps/productpage/traces"
    headers = {"Authorization": f"Bearer {world.token_of('demo-a')}"}
    causes = set()
    for trace in api.get(app, headers=headers, **window).json()["data"]:
        path = f"/api/traces/{trace['traceID']}/forensics"
        body = api.get(path, headers=headers).json()
        hidden = {one["spanID"] for one in trace["spans"] if one.get("redacted")}
        for gap in body["gaps"]:
            assert (gap["kind"] == "hidden_parent") == (gap.get("parent") in hidden), gap
            causes.add((gap["cause"], gap["certainty"]))
        everybody = {"Authorization": f"Bearer {world.token_of('demo-admin')}"}
        assert all(gap["cause"] != "hidden_by_rights" for gap in api.get(path, headers=everybody).json()["gaps"])
    assert ("hidden_by_rights", "certain") in causes


def test_clocks_that_are_apart_are_measured_and_nothing_is_moved(launch):
    """One node of this mesh is 180 ms late."""
    mesh = launch.mesh(mesh="clock-skew", flags=["--kubernetes-port", "0"])
    api = launch.console_for(mesh, "http", wait="/readyz")
    found = api.get("/api/namespaces/bookinfo/apps/productpage/traces", limit=20).json()["data"]
    seen = {}
    for trace in found:
        path = f"/api/traces/{trace['traceID']}"
        body = api.get(path + "/forensics").json()
        for clock in body["clocks"]:
            seen.setdefault((clock["from"], clock["to"]), []).append(clock)
        named = {clock[end] for clock in body["clocks"] for end in ("from", "to")}
        assert {host["name"] for host in body["hosts"]} == named
        timed = [span for host in body["hosts"] for span in host["spans"]]
        assert len(timed) == len(set(timed)) and set(timed) <= {span["spanID"] for span in trace["spans"]}
        assert all(host["spans"] for host in body["hosts"])
        assert api.get(path).json()["data"]["spans"] == trace["spans"]
    assert seen
    for clock in (one for clocks in seen.values() for one in clocks):
        assert 175_000 <= abs(clock["offset"]) <= 185_000, clock
        assert clock["low"] <= clock["offset"] <= clock["high"]
        assert clock["samples"] >= 1


def test_clocks_that_agree_are_not_mentioned(launch):
    mesh = launch.mesh(flags=["--kubernetes-port", "0"])
    api = launch.console_for(mesh, "http", wait="/readyz")
    found = api.get("/api/namespaces/bookinfo/apps/productpage/traces", limit=20).json()["data"]
    assert found
    for trace in found:
        assert api.get(f"/api/traces/{trace['traceID']}/forensics").json()["clocks"] == []
