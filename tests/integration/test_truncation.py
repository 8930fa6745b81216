"""Why an answer ends where it ends: twelve ways to end, each named, over both protocols."""
import pytest

from conftest import HOUR, NOW, PROTOCOLS

APP = "/api/namespaces/bookinfo/apps/productpage"
EVER = {"startMicros": NOW, "endMicros": 4_000_000_000_000_000}


def ends(answer, reason):
    meta = answer.meta()
    assert meta["stoppedBy"] == reason, meta
    return meta


def test_1_and_2_complete(api):
    """All there is: of a window, and of an application nobody knows."""
    meta = ends(api.get(APP + "/traces", limit=1000, **HOUR), "complete")
    assert meta["returned"] > 300
    assert meta["covered"]["startMicros"] <= HOUR["startMicros"]
    meta = ends(api.get("/api/namespaces/bookinfo/apps/nobody/traces", limit=1, **HOUR), "complete")
    assert meta["returned"] == 0


def test_3_limit_of_traces(api):
    meta = ends(api.get(APP + "/traces", limit=7, **HOUR), "limit")
    assert meta["returned"] == 7
    assert meta["covered"]["startMicros"] > HOUR["startMicros"]


def test_4_limit_of_spans(api):
    ends(api.get(APP + "/spans", limit=7, **HOUR), "limit")


def test_5_limit_of_a_search(api):
    answer = api.get("/api/traces", service="productpage.bookinfo", limit=7, **HOUR)
    ends(answer, "limit")
    assert answer.json()["cursor"]


def test_6_rows_end_with_their_page(api):
    found = api.get("/api/namespaces/bookinfo/apps/details/traces",
                    startMicros=NOW - 420_000_000, endMicros=NOW - 419_999_000 + 100_000).json()["data"]
    fan_out = max(found, key=lambda trace: len(trace["spans"]))
    assert len(fan_out["spans"]) == 120
    ends(api.get(f"/api/traces/{fan_out['traceID']}/spans", count=5), "limit")
    ends(api.get(f"/api/traces/{fan_out['traceID']}/spans"), "complete")


def partial(answer, reason):
    """A 200 that says what is missing, in `meta` and, for clients of old, in `errors`."""
    meta = ends(answer, reason)
    assert meta["returned"] > 0
    assert meta["warnings"]
    assert answer.json()["errors"]
    return meta


@pytest.mark.parametrize(
    "protocol, stall", [("grpc", {"stall_after_chunks": 40}), ("http", {"stall_after_bytes": 1_000_000})]
)
def test_7_and_8_time(launch, protocol, stall):
    mesh = launch.mesh()
    api = launch.console_for(mesh, protocol, query_timeout=2, wait="/readyz")
    mesh.set_faults(**stall)
    partial(api.get(APP + "/traces", limit=1000, **EVER), "time")
    partial(api.get("/api/traces", service="productpage.bookinfo", limit=1000, **EVER), "time")


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_9_and_10_bytes(launch, protocol):
    mesh = launch.mesh()
    small = {"meshscope": {"receive_limit_mb": 1}}
    api = launch.console_for(mesh, protocol, more=small, wait="/readyz")
    partial(api.get(APP + "/traces", limit=1000, **EVER), "bytes")


@pytest.mark.parametrize(
    "protocol, cut", [("grpc", {"cut_after_chunks": 40}), ("http", {"cut_after_bytes": 1_000_000})]
)
def test_11_and_12_backend(launch, protocol, cut):
    mesh = launch.mesh()
    api = launch.console_for(mesh, protocol, wait="/readyz")
    mesh.set_faults(**cut)
    partial(api.get(APP + "/traces", limit=1000, **EVER), "backend")


@pytest.mark.parametrize(
    "protocol, stall", [("grpc", {"stall_after_chunks": 2}), ("http", {"stall_after_bytes": 60_000})]
)
def test_a_single_trace_that_came_in_part_says_so(launch, protocol, stall):
    # Over gRPC only api_v2 sends a trace in pieces.
    pieces = ["--without-api-v3"] if protocol == "grpc" else []
    mesh = launch.mesh(mesh="fixture", flags=["--start-micros", str(NOW), *pieces])
    api = launch.console_for(mesh, protocol, query_timeout=2, wait="/readyz")
    found = api.get("/api/traces", service="details.bookinfo",
                    startMicros=NOW - 420_000_000, endMicros=NOW - 419_900_000).json()["data"]
    fan_out = max(found, key=lambda summary: summary["spans"])
    mesh.set_faults(**stall)
    answer = api.get(f"/api/traces/{fan_out['traceID']}")
    ends(answer, "time")
    assert answer.json()["errors"]
    assert 0 < len(answer.json()["data"]["spans"]) < 120
