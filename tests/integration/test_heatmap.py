"""Heatmaps and statistics over the real Prometheus: every number is the one that a query of its own gives."""
import itertools
import json
import math
import random
import time

import demo_world as world
from conftest import NOW
from test_prometheus import DETAILS, bucket_text
from test_promql import Recorder
from visitor import bearer

SIDES = {"inbound": "destination", "outbound": "source"}
SECONDS = {"10m": 600, "60m": 3600, "3h": 10800}
WINDOW = {"startMicros": NOW - 3_600_000_000, "endMicros": NOW + 1}
METRIC = "istio_request_duration_milliseconds"


def post(api, path, body, status=200, token=None):
    headers = {"Content-Type": "application/json", **(bearer(token) if token else {})}
    return api.get(path, method="POST", headers=headers, body=json.dumps(body), status=status)


def traces(api, limit=20):
    found = api.get("/api/namespaces/bookinfo/apps/productpage/traces", limit=limit, **WINDOW).json()["data"]
    return [trace["traceID"] for trace in found]


def asked_alone(prometheus, target, direction, interval, stat, at):
    """What one query for one number says; None for no number."""
    side = SIDES[direction]
    labels = f'reporter="{side}",{side}_workload_namespace="{target["namespace"]}",{side}_workload="{target["name"]}"'
    if stat == "avg":
        text = f"sum(rate({METRIC}_sum{{{labels}}}[{interval}])) / sum(rate({METRIC}_count{{{labels}}}[{interval}]))"
    else:
        text = f"histogram_quantile({stat}, sum(rate({METRIC}_bucket{{{labels}}}[{interval}])) by (le))"
    result = prometheus.query(text, at)
    value = float(result[0]["value"][1]) if result else math.nan
    return None if math.isnan(value) else value


def close(a, b):
    """Sums may be added up in another order, no more."""
    return math.isclose(a, b, rel_tol=4e-15)


def cells(heatmap, rows):
    for interval, row in zip(heatmap["intervals"], rows, strict=True):
        for stat, cell in zip(heatmap["stats"], row, strict=True):
            yield interval, stat, cell


def test_every_cell_is_what_a_query_of_its_own_says(metered, prometheus):
    compared = 0
    missing = 0
    for trace in traces(metered, 6):
        answer = metered.get(f"/api/traces/{trace}/heatmap")
        heatmap = answer.json()
        # The history is 70 minutes: what is longer is the same in both.
        at = heatmap["evaluatedAt"] // 1_000_000
        alone = {}
        for span in heatmap["spans"]:
            for interval, stat, cell in cells(heatmap, span["cells"]):
                if cell.get("missing") == "not_a_proxy_span" or not span["target"] or span["direction"] not in SIDES:
                    continue
                key = (json.dumps(span["target"]), span["direction"], interval, stat)
                if key not in alone:
                    alone[key] = asked_alone(prometheus, span["target"], span["direction"], interval, stat, at)
                if "missing" in cell:
                    assert cell["missing"] in ("no_samples", "no_metrics") and alone[key] is None, (key, cell)
                    missing += 1
                    continue
                assert close(cell["stat"], alone[key]), (key, cell, alone[key])
                assert cell["value"] == span["duration"] / 1000 - cell["stat"] and cell["samples"] >= 1
                compared += 1
        (bill,) = [item for item in answer.meta()["upstream"] if item["name"] == "prometheus"]
        assert bill["calls"] + bill["joined"] + bill["cached"] <= 6
    assert compared > 100 and compared > missing


BOUNDS = (0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 30000, 60000, 300000, 600000, 1800000, 3600000)


def changing_histograms(at):
    """Two pods of each workload, whose requests took other times an hour ago; one is restarted."""
    rng = random.Random(5)
    lines = [f"# TYPE {METRIC} histogram"]
    for side, workload in itertools.product(SIDES.values(), ("productpage-v1", "details-v1", "reviews-v1", "reviews-v2", "reviews-v3", "ratings-v1")):
        typical = {"now": rng.choice([4, 20, 300]), "then": rng.choice([4, 30, 900, 90_000])}
        for pod in "ab":
            labels = f'{{reporter="{side}",{side}_workload_namespace="bookinfo",{side}_workload="{workload}",pod="{pod}"'
            counts, total = dict.fromkeys((*BOUNDS, math.inf), 0), 0.0
            samples = []
            for step in range(180):
                if pod == "b" and step == 70:
                    counts, total = dict.fromkeys(counts, 0), 0.0
                for _ in range(rng.randint(0, 6)):
                    took = rng.lognormvariate(math.log(typical["then" if step < 130 else "now"]), 1.2)
                    total += took
                    counts = {bound: count + (took <= bound) for bound, count in counts.items()}
                samples.append((at - (179 - step) * 60, counts, total))
            for bound in (*BOUNDS, math.inf):
                le = "+Inf" if math.isinf(bound) else f"{bound}"
                lines += [f'{METRIC}_bucket{labels},le="{le}"}} {counts[bound]} {time}' for time, counts, _ in samples]
            lines += [f"{METRIC}_count{labels}}} {counts[math.inf]} {time}" for time, counts, _ in samples]
            lines += [f"{METRIC}_sum{labels}}} {total!r} {time}" for time, _, total in samples]
    return "\n".join(lines)


def test_cells_are_right_whatever_the_longer_intervals_need(launch, mesh, static_block):
    prometheus = static_block(changing_histograms(NOW // 1_000_000))
    recorder = Recorder(prometheus.port)
    try:
        more = {"external_services": {"prometheus": {"url": f"http://127.0.0.1:{recorder.port}"}}, "meshscope": {"trace_cache_mb": 0}}
        api = launch.console_for(mesh, "grpc", more, wait="/readyz")
        compared, again = 0, 0
        for trace in traces(api, 6):
            recorder.asked.clear()
            heatmap = api.get(f"/api/traces/{trace}/heatmap").json()
            asked = [text for text, *_ in recorder.asked if METRIC in text]
            assert len(asked) <= 6 and any("le!~" in text for text in asked)
            assert all(status == 200 and not warnings for _, status, warnings, _ in recorder.asked)
            again += any("le=~" in text for text in asked)
            for span in heatmap["spans"]:
                for interval, stat, cell in cells(heatmap, span["cells"]):
                    if "missing" not in cell:
                        alone = asked_alone(prometheus, span["target"], span["direction"], interval, stat, heatmap["evaluatedAt"] // 1_000_000)
                        assert close(cell["stat"], alone), (span, interval, stat, cell, alone)
                        compared += 1
        assert compared > 100 and again > 0
    finally:
        recorder.stop()


def test_a_page_of_traces_is_held_against_the_moments_of_its_grid(metered, prometheus):
    ids = traces(metered, 20)
    answer = post(metered, "/api/traces/heatmaps", {"traceIDs": ids, "mode": "kiali"})
    page = answer.json()
    grid = page["grid"]
    assert answer.meta()["used"] == {"startMicros": grid["start"], "endMicros": grid["end"]}
    (bill,) = [item for item in answer.meta()["upstream"] if item["name"] == "prometheus"]
    assert bill["calls"] + bill["joined"] + bill["cached"] <= 12
    compared = 0
    for trace, entry in zip(ids, page["heatmaps"], strict=True):
        assert entry["traceID"] == trace
        at = entry["evaluatedAt"]
        assert grid["start"] <= at <= grid["end"] and (grid["step"] == 0 or (at - grid["start"]) % grid["step"] == 0)
        if compared > 20:
            continue
        spans = [span for span in metered.get(f"/api/traces/{trace}/heatmap").json()["spans"]
                 if span["cells"][1][0].get("missing") not in ("not_a_proxy_span", "no_metrics")]
        for interval, stat, cell in cells(page, entry["cells"]):
            alone = [(span["duration"] / 1000, asked_alone(prometheus, span["target"], span["direction"], interval, stat,
                                                           at // 1_000_000)) for span in spans]
            values = [duration - value for duration, value in alone if value is not None]
            if not values:
                assert "missing" in cell
                continue
            assert math.isclose(cell["value"], sum(values) / len(values), rel_tol=1e-9, abs_tol=1e-9), (trace, interval, stat)
            compared += 1
    assert compared > 20


def test_statistics_are_those_of_single_queries(metered, prometheus):
    at = NOW // 1_000_000
    targets = [("inbound", "details-v1"), ("inbound", "reviews-v2"), ("outbound", "productpage-v1"), ("inbound", "ratings-v1")]
    body = {"queries": [
        {"target": {"namespace": "bookinfo", "name": name, "kind": "workload"}, "direction": direction, "interval": interval,
         "avg": True, "quantiles": ["0.5", "0.9", "0.99"], "queryTime": at}
        for direction, name in targets for interval in ("10m", "60m")
    ]}
    answer = post(metered, "/api/stats/metrics", body)
    stats = answer.json()["stats"]
    for query in body["queries"]:
        name, direction, interval = query["target"]["name"], query["direction"], query["interval"]
        times = stats[f"bookinfo:workload:{name}::{direction}:{interval}:{SIDES[direction]}"]["responseTimes"]
        assert [time["name"] for time in times] == ["0.5", "0.9", "0.99", "avg"]
        for one in times:
            assert close(one["value"], asked_alone(prometheus, query["target"], direction, interval, one["name"], at))
    # Two directions, two intervals: four questions in one query each, instead of 32.
    (bill,) = [item for item in answer.meta()["upstream"] if item["name"] == "prometheus"]
    assert bill["calls"] + bill["joined"] + bill["cached"] == 4


def details_alone(api):
    """The trace in which productpage calls details, and waits 6.4 ms for 5.96."""
    for trace in traces(api):
        heatmap = api.get(f"/api/traces/{trace}/heatmap", workload="details-v1").json()
        if [span["duration"] for span in heatmap["spans"] if (span["target"] or {}).get("name") == "details-v1"] == [5960]:
            return heatmap
    raise AssertionError("no such trace")


def test_a_call_of_5960_microseconds_is_17_5_ms_faster_than_one_in_a_hundred(launch, mesh, static_block):
    labels = 'reporter="destination",destination_workload_namespace="bookinfo"'
    text = bucket_text(DETAILS, steps=281).replace('reporter="destination"', labels)
    prometheus = static_block(text)
    api = launch.console_for(mesh, "grpc", {"external_services": {"prometheus": {"url": prometheus.url}}}, wait="/readyz")
    heatmap = details_alone(api)
    row = dict(zip(heatmap["stats"], heatmap["trace"]["cells"][0], strict=True))
    assert round(row["0.99"]["stat"], 2) == 23.46
    assert round(row["0.99"]["value"], 2) == -17.5
    assert heatmap["trace"]["basis"] == "inbound spans of details-v1"
    # The caller's side of the call is longer, and told apart.
    (pair,) = [pair for pair in heatmap["pairs"] if pair["gap"] == 440]
    assert pair["client"] != pair["server"]

    # Without Prometheus the route stands, at once.
    prometheus.stop()
    began = time.monotonic()
    other = next(trace for trace in traces(api) if trace != heatmap["traceID"])
    broken = api.get(f"/api/traces/{other}/heatmap", at="now").json()
    assert time.monotonic() - began < 30
    reasons = {cell.get("missing") for span in broken["spans"] for row in span["cells"] for cell in row}
    assert reasons <= {"upstream", "not_a_proxy_span", "no_metrics"} and "upstream" in reasons
    assert api.get(f"/api/traces/{other}").status == 200
    prometheus.start()


def test_posted_questions_tell_nothing_of_other_namespaces(guarded):
    api = guarded[1]
    admin, limited = world.token_of("demo-admin"), world.token_of("demo-b")
    found = api.get("/api/traces", headers=bearer(admin), service="productpage.bookinfo", limit=3, **WINDOW).json()["data"]
    ids = [trace["traceID"] for trace in found]
    assert ids
    answer = post(api, "/api/traces/heatmaps", {"traceIDs": ids}, token=limited)
    for hidden in ("mark-bookinfo", "productpage", "reviews"):
        assert hidden not in answer.body.decode()
    query = {"target": {"namespace": "bookinfo", "name": "details-v1", "kind": "workload"}, "direction": "inbound",
             "interval": "10m", "avg": True, "queryTime": NOW // 1_000_000}
    post(api, "/api/stats/metrics", {"queries": [query]}, status=403, token=limited)


def test_two_traces_are_compared_and_spans_lie_over_charts(metered):
    first, second = traces(metered)[:2]
    comparison = metered.get(f"/api/traces/{first}/compare/{second}").json()
    assert comparison["a"]["traceID"] == first and comparison["b"]["traceID"] == second
    assert comparison["nodes"] and all(node["inA"] and node["inB"] for node in comparison["nodes"])
    for kind, name in (("apps", "reviews"), ("services", "reviews"), ("workloads", "reviews-v2")):
        overlay = metered.get(f"/api/namespaces/bookinfo/{kind}/{name}/overlay", **WINDOW).json()
        assert overlay["points"] and not overlay["buckets"], kind
        boxes = metered.get(f"/api/namespaces/bookinfo/{kind}/{name}/overlay", maxPoints=0, **WINDOW).json()
        assert sum(box["count"] for box in boxes["buckets"]) == len(overlay["points"]) and not boxes["points"]
