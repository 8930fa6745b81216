"""Traces and spans: what is found, in which order, in which shape, the same over both protocols."""
import json

import demo_world as world
import pytest

from conftest import HOUR, NOW

PAGE = "/api/namespaces/bookinfo/apps/productpage"
MINUTE = 60_000_000


def around(minutes_ago):
    """A window that holds one of the fixed traces and nothing else."""
    start = NOW - minutes_ago * MINUTE
    return {"startMicros": start, "endMicros": start + 1}


def tags_of(span):
    return {tag["key"]: tag["value"] for tag in span["tags"]}


def services_of(trace):
    return {process["serviceName"] for process in trace["processes"].values()}


def fixed_trace(api, letter):
    """One of the traces A to G of demo/README.md."""
    minutes = {"A": 2, "B": 3, "C": 4, "D": 5, "E": 6, "F": 7, "G": 1}[letter]
    app = "details" if letter in "EFG" else "productpage"
    # Of E the earliest span that arrived begins 3 ms late.
    late = {"E": 3_000}.get(letter, 0)
    start = NOW - minutes * MINUTE + late
    path = f"/api/namespaces/bookinfo/apps/{app}/traces"
    window = {"startMicros": start, "endMicros": start + 10_000}
    traces = api.get(path, limit=10, **window).json()["data"]
    assert len(traces) == 1
    return traces[0]


def duration_of(trace):
    start = min(span["startTime"] for span in trace["spans"])
    return max(span["startTime"] + span["duration"] for span in trace["spans"]) - start


@pytest.mark.parametrize(
    "letter, spans, services, duration",
    [("A", 8, 5, 42_000), ("B", 6, 4, 24_000), ("C", 8, 5, 2_400_000), ("D", 8, 5, 38_000),
     ("E", 4, 3, None), ("F", 120, 3, 95_000), ("G", 2, 2, 6_400)],
)
def test_known_traces(api, letter, spans, services, duration):
    trace = fixed_trace(api, letter)
    assert len(trace["spans"]) == spans
    assert len(services_of(trace)) == services
    if duration is not None:
        assert duration_of(trace) == duration
    starts = [(span["startTime"], span["spanID"]) for span in trace["spans"]]
    assert starts == sorted(starts)


def test_an_application_has_its_traces_newest_first(api):
    body = api.get(PAGE + "/traces", limit=30, **HOUR).json()
    assert body["tracingServiceName"] == "productpage.bookinfo"
    assert body["errors"] is None
    assert len(body["data"]) == 30
    starts = [min(span["startTime"] for span in trace["spans"]) for trace in body["data"]]
    assert starts == sorted(starts, reverse=True)
    for trace in body["data"]:
        assert "productpage.bookinfo" in services_of(trace)


def test_the_same_question_has_the_same_answer(api):
    first, second = (api.get(PAGE + "/traces", limit=20, **HOUR).json()["data"] for _ in range(2))
    assert first == second


def test_both_protocols_give_the_same_traces(both):
    answers = [api.get(PAGE + "/traces", limit=200, **HOUR).json() for api in both.values()]
    assert len(answers[0]["data"]) == 200
    assert answers[0]["data"] == answers[1]["data"]
    krakend = [api.get("/api/traces", service="krakend-gateway", **HOUR).json() for api in both.values()]
    assert krakend[0]["data"] == krakend[1]["data"] != []


def test_windows_are_exact_to_the_microsecond(api):
    start = NOW - 2 * MINUTE
    path = "/api/namespaces/istio-system/apps/istio-ingressgateway/traces"
    count = {
        window: len(api.get(path, startMicros=start + window[0], endMicros=start + window[1]).json()["data"])
        for window in ((-1, 0), (0, 1), (1, 2))
    }
    assert count == {(-1, 0): 0, (0, 1): 1, (1, 2): 0}


def test_an_unnamed_window_is_the_last_ten_minutes(launch):
    mesh = launch.mesh()
    api = launch.console_for(mesh, "grpc")
    body = api.get(PAGE + "/traces", limit=1000).json()
    used = body["meta"]["used"]
    assert used["endMicros"] - used["startMicros"] == 600_000_000
    assert 60 <= len(body["data"]) <= 140


def test_filters(api):
    slow = api.get(PAGE + "/traces", minDuration=1_000_000, **HOUR).json()["data"]
    assert [duration_of(trace) for trace in slow] == [2_400_000]
    failed = api.get(
        "/api/namespaces/bookinfo/apps/ratings/traces", tags=json.dumps({"error": "true"}), **HOUR
    ).json()["data"]
    assert [trace["traceID"] for trace in failed] == [fixed_trace(api, "D")["traceID"]]
    both_tags = json.dumps({"response_flags": "DI", "http.method": "GET"})
    delayed = api.get("/api/namespaces/bookinfo/apps/reviews/traces", tags=both_tags, **HOUR).json()["data"]
    assert [trace["traceID"] for trace in delayed] == [slow[0]["traceID"]]
    # Each tag is somewhere in the trace, no span has both.
    apart = json.dumps({"response_flags": "UF", "span.kind": "client"})
    assert api.get(PAGE + "/traces", tags=apart, **HOUR).json()["data"] == []


def test_a_cluster_is_asked_for_only_when_it_is_named(api):
    asked = {"service": "krakend-gateway", "limit": 5, **HOUR}
    assert len(api.get("/api/traces", **asked).json()["data"]) == 5
    assert api.get("/api/traces", clusterName="Kubernetes", **asked).json()["data"] == []
    in_mesh = api.get(PAGE + "/traces", clusterName="Kubernetes", limit=5, **HOUR).json()["data"]
    assert len(in_mesh) == 5


def test_an_application_nobody_knows_has_no_traces(api):
    body = api.get("/api/namespaces/bookinfo/apps/nobody/traces", **HOUR).json()
    assert body["data"] == []
    assert body["meta"]["stoppedBy"] == "complete"
    assert api.get("/api/namespaces/bookinfo/apps/nobody/spans", **HOUR).json() == []


def test_spans_of_an_application_are_its_own(api):
    answer = api.get(PAGE + "/spans", limit=10, **HOUR)
    spans = answer.json()
    assert spans
    assert {span["process"]["serviceName"] for span in spans} == {"productpage.bookinfo"}
    assert {"traceSize"} <= set(spans[0])
    assert answer.meta()["returned"] == len(spans)
    traces = api.get(PAGE + "/traces", limit=10, **HOUR).json()["data"]
    sizes = {trace["traceID"]: len(trace["spans"]) for trace in traces}
    assert {span["traceID"]: span["traceSize"] for span in spans} == sizes


def test_equal_processes_share_one_id(api):
    trace = fixed_trace(api, "F")
    processes = [json.dumps(process, sort_keys=True) for process in trace["processes"].values()]
    assert len(processes) == len(set(processes)) == 3
    assert {span["processID"] for span in trace["spans"]} == set(trace["processes"])


def test_a_trace_by_its_id(api):
    listed = fixed_trace(api, "A")
    single = api.get(f"/api/traces/{listed['traceID']}").json()
    assert single["data"] == listed
    assert single["errors"] is None
    assert api.get(f"/api/traces/{listed['traceID'].upper()}").json()["data"] == listed


def test_short_ids_are_padded(api):
    found = api.get(PAGE + "/traces", limit=1000, **HOUR).json()["data"]
    short = [trace["traceID"] for trace in found if len(trace["traceID"]) == 16]
    assert short, "the mesh makes some ids of 64 bits"
    for written in (short[0], short[0].rjust(32, "0")):
        assert api.get(f"/api/traces/{written}").json()["data"]["traceID"] == short[0]


@pytest.mark.parametrize("route", ["/api/traces/{}", "/api/traces/{}/spans"])
def test_an_unknown_trace_is_404_over_both_protocols(api, route):
    error = api.get(route.format("0123456789abcdef"), status=404).json()
    assert error["code"] == "not_found"
    assert "0123456789abcdef" in error["error"]


@pytest.mark.parametrize("wrong", ["xyz", "0" * 33, "12-34"])
def test_what_is_no_trace_id_is_400(api, wrong):
    assert api.get(f"/api/traces/{wrong}", status=400).json()["code"] == "invalid_parameter"


def test_search_summaries(api):
    body = api.get("/api/traces", service="ratings.bookinfo", minDuration=5_000, **HOUR).json()
    by_id = {summary["traceID"]: summary for summary in body["data"]}
    failed = by_id[fixed_trace(api, "D")["traceID"]]
    assert failed["rootService"] == "istio-ingressgateway.istio-system"
    assert failed["duration"] == 38_000
    assert failed["spans"] == 8
    assert failed["errors"] == 2
    assert failed["orphans"] == 0
    assert [s["name"] for s in failed["services"]] == sorted(s["name"] for s in failed["services"])
    lost = api.get("/api/traces", service="reviews.bookinfo", startMicros=NOW - 6 * MINUTE,
                   endMicros=NOW - 6 * MINUTE + 30_000).json()["data"]
    assert [summary["orphans"] for summary in lost if summary["spans"] == 4] == [2]


def test_search_by_operation_errors_and_longest_duration(api):
    operation = "ratings.bookinfo.svc.cluster.local:9080/*"
    found = api.get("/api/traces", service="ratings.bookinfo", operation=operation, limit=3, **HOUR)
    assert len(found.json()["data"]) == 3
    other = api.get("/api/traces", service="ratings.bookinfo", operation="nothing", **HOUR)
    assert other.json()["data"] == []
    # Ratings was not slow itself: the delay was injected before it.
    quick = api.get("/api/traces", service="ratings.bookinfo", maxDuration=800, **HOUR).json()["data"]
    assert quick == []
    window = {"startMicros": NOW - 6 * MINUTE, "endMicros": NOW - 4 * MINUTE}
    failed = api.get("/api/traces", service="ratings.bookinfo", errors="true", **window).json()["data"]
    assert fixed_trace(api, "D")["traceID"] in {summary["traceID"] for summary in failed}
    assert all(summary["errors"] > 0 for summary in failed)


def test_a_filter_of_ours_looks_deeper_than_the_limit(api, mesh):
    """The one failed trace is some twenty traces deep; five were asked for, so all of the hour is looked at."""
    found = api.get("/api/traces", service="ratings.bookinfo", errors="true", limit=5, **HOUR)
    assert [summary["traceID"] for summary in found.json()["data"]] == [fixed_trace(api, "D")["traceID"]]
    meta = found.meta()
    assert meta["stoppedBy"] == "complete"
    hour = {"start": HOUR["startMicros"], "end": HOUR["endMicros"]}
    held = world.ask(
        mesh.http_port,
        world.query(f"{world.BASE_PATH}/api/traces", service="ratings.bookinfo", limit=5000, **hour),
    )
    assert meta["scanned"] == len(held.json()["data"]) > 20


def test_pages_of_a_search_join_without_gap_or_double(api):
    asked = {"service": "productpage.bookinfo", "limit": 40, **HOUR}
    seen, cursor = [], None
    for _ in range(20):
        body = api.get("/api/traces", **asked, **({"cursor": cursor} if cursor else {})).json()
        seen += [summary["traceID"] for summary in body["data"]]
        cursor = body["cursor"]
        if cursor is None:
            break
    whole = api.get("/api/traces", **{**asked, "limit": 1000}).json()
    assert whole["cursor"] is None
    assert seen == [summary["traceID"] for summary in whole["data"]]
    assert len(seen) == len(set(seen)) > 300


def test_rows_of_a_trace(api):
    trace_id = fixed_trace(api, "D")["traceID"]
    body = api.get(f"/api/traces/{trace_id}/spans").json()
    rows = body["spans"]
    assert (body["total"], body["rows"], body["errors"]) == (8, 8, 2)
    assert [row["depth"] for row in rows][0] == 0
    places = {row["spanID"]: index for index, row in enumerate(rows)}
    for row in rows[1:]:
        assert places[row["parentSpanID"]] < places[row["spanID"]]
    served = next(r for r in rows if r["service"] == "ratings.bookinfo")
    assert served["kind"] == "server"
    assert served["namespace"] == "bookinfo"
    assert served["pod"].startswith("ratings-v1-")
    page = api.get(f"/api/traces/{trace_id}/spans", **{"from": 2, "count": 3}).json()
    assert page["spans"] == rows[2:5]
    assert page["from"] == 2


def test_folded_rows_are_left_out(api):
    trace_id = fixed_trace(api, "F")["traceID"]
    rows = api.get(f"/api/traces/{trace_id}/spans").json()["spans"]
    assert len(rows) == 120
    page = next(row for row in rows if row["descendants"] == 118)
    folded = api.get(f"/api/traces/{trace_id}/spans", collapse=page["spanID"]).json()
    assert folded["rows"] == 2
    assert folded["total"] == 120
    assert folded["spans"][-1]["collapsed"] is True


def test_errors_in_words_are_errors(launch):
    """KrakenD leaves the status alone and writes the error's text into an attribute."""
    mesh = launch.mesh()
    api = launch.console_for(mesh, "grpc")
    listed = api.get("/api/traces", service="krakend-gateway", errors="true", limit=500,
                     startMicros=1, endMicros=4_000_000_000_000_000).json()["data"]
    assert listed
    for summary in listed[:3]:
        rows = api.get(f"/api/traces/{summary['traceID']}/spans").json()["spans"]
        worded = [row for row in rows if row["source"] == "krakend" and row["error"]]
        assert worded, summary


def test_error_traces_are_counted(launch):
    mesh = launch.mesh(mesh="ratings-errors")
    counts = []
    for protocol in ("grpc", "http"):
        api = launch.console_for(mesh, protocol)
        # Errors of reviews towards ratings, an hour; the stream goes on while we ask.
        counts.append(api.get("/api/namespaces/bookinfo/apps/reviews/errortraces", duration=3600).json())
    assert counts[0] > 100
    assert abs(counts[0] - counts[1]) <= 3


def test_services_and_operations(api):
    names = api.get("/api/tracing/services").json()["data"]
    assert len(names) == 12
    assert names == sorted(names)
    operations = api.get("/api/tracing/services/productpage.bookinfo/operations").json()["data"]
    assert len({operation["name"] for operation in operations}) == 3
    assert api.get("/api/tracing/services/nobody/operations").json()["data"] == []


def test_a_trace_of_fifty_thousand_spans(launch):
    mesh = launch.mesh(mesh="big-trace", flags=["--start-micros", str(NOW)])
    api = launch.console_for(mesh, "grpc", query_timeout=60)
    found = api.get("/api/traces", service="travels.travel-agency", minDuration=5_000_000, **HOUR).json()
    (summary,) = found["data"]
    assert summary["spans"] == 50_000
    page = api.get(f"/api/traces/{summary['traceID']}/spans", **{"from": 49_990, "count": 100}).json()
    assert page["total"] == 50_000
    assert len(page["spans"]) == 10


def test_a_service_has_the_traces_of_the_pods_behind_it(api):
    """All of an application's versions stand behind its service here, and nobody else does."""
    def ids(page):
        return [trace["traceID"] for trace in api.get(page + "/traces", limit=40, **HOUR).json()["data"]]

    of_service = ids("/api/namespaces/bookinfo/services/reviews")
    assert len(of_service) == 40
    assert of_service == ids("/api/namespaces/bookinfo/apps/reviews")
    spans = api.get("/api/namespaces/bookinfo/services/reviews/spans", limit=40, **HOUR).json()
    assert {span["traceID"] for span in spans} == set(of_service)
    assert {tags_of(span)["istio.canonical_service"] for span in spans} == {"reviews"}
    assert {tags_of(span)["istio.canonical_revision"] for span in spans} == {"v1", "v2", "v3"}
    missing = api.get("/api/namespaces/bookinfo/services/no-such/traces", status=404, **HOUR)
    assert missing.json()["code"] == "not_found"
