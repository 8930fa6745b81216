"""A real Prometheus that holds native histograms in place of buckets: series, dashboards, heatmaps and statistics are those it tells itself."""
import json
import math

import pytest

import demo_prometheus
import remote_write
from conftest import NOW

AT = NOW // 1_000_000
FLAGS = ["--enable-feature=native-histograms", "--web.enable-remote-write-receiver"]
LABELS = {
    "reporter": "destination", "destination_workload": "details-v1", "destination_workload_namespace": "bookinfo",
    "destination_canonical_service": "details", "destination_cluster": "Kubernetes", "source_workload": "productpage-v1",
    "request_protocol": "http",
}
SELECTOR = "{" + ",".join(f'{name}="{LABELS[name]}"' for name in ("reporter", "destination_workload", "destination_workload_namespace")) + "}"
DETAILS = "/api/namespaces/bookinfo/workloads/details-v1/"
QUERY = {"direction": "inbound", "reporter": "destination", "queryTime": AT, "duration": 600, "step": 60, "rateInterval": "5m"}


def growing(name, code, each):
    """A histogram of 70 minutes that grows evenly: so many observations in neighbouring buckets with every sample."""
    samples = [
        remote_write.histogram((AT - (280 - i) * 15) * 1000, 0, 1, [count * i for count in each], 4.5 * sum(each) * i)
        for i in range(281)
    ]
    return remote_write.series({**LABELS, "__name__": name, "response_code": code}, samples)


@pytest.fixture(scope="module")
def native(request, tmp_path_factory):
    prometheus = demo_prometheus.Prometheus(tmp_path_factory.mktemp("native"), flags=FLAGS)
    request.addfinalizer(prometheus.stop)
    remote_write.write(prometheus, [
        growing("istio_request_duration_milliseconds", "200", [5, 9, 3, 1]),
        growing("istio_request_duration_milliseconds", "503", [0, 1, 0, 4]),
        growing("istio_request_bytes", "200", [0, 0, 18]),
    ])
    return prometheus


@pytest.fixture
def api(launch, shared, native):
    return launch.console_for(shared[0], "grpc", {"external_services": {"prometheus": {"url": native.url}}}, wait="/readyz")


def stats_alone(prometheus, metric, interval, by=""):
    """What single queries say, by statistic."""
    summed = f"sum(rate({metric}{SELECTOR}[{interval}])){by}"
    texts = {quantile: f"histogram_quantile({quantile}, {summed})" for quantile in ("0.5", "0.9", "0.99")}
    return {**texts, "avg": f"histogram_sum({summed}) / histogram_count({summed})"}


def test_series_and_dashboards(api, native):
    asked = {**QUERY, "quantiles[]": "0.99", "byLabels[]": "response_code", "filters[]": "request_duration_millis"}
    answer = api.get(DETAILS + "metrics", **asked)
    texts = stats_alone(native, "istio_request_duration_milliseconds", "5m", " by (response_code)")
    found = answer.json()["request_duration_millis"]
    assert [(one["stat"], one["labels"]["response_code"]) for one in found] == [
        ("0.99", "200"), ("0.99", "503"), ("avg", "200"), ("avg", "503")]
    for one in found:
        alone = {row["metric"]["response_code"]: row["values"] for row in native.query_range(texts[one["stat"]], AT - 600, AT, 60)}
        said = alone[one["labels"]["response_code"]]
        assert [point[0] for point in one["datapoints"]] == [point[0] for point in said]
        for ours, theirs in zip(one["datapoints"], said, strict=True):
            assert math.isclose(float(ours[1]), float(theirs[1]), rel_tol=1e-12)
    (bill,) = answer.meta()["upstream"]
    assert bill["calls"] == 2

    answer = api.get(DETAILS + "dashboard", **QUERY)
    charts = {chart["name"]: chart["metrics"] for chart in answer.json()["charts"]}
    per_second = 18 / 15
    assert math.isclose(float(charts["Request throughput"][0]["datapoints"][-1][1]), 8 * 4.5 * per_second, rel_tol=1e-9)
    assert math.isclose(float(charts["Request size"][0]["datapoints"][-1][1]), 4.5, rel_tol=1e-9)
    assert charts["Response size"] == []
    (bill,) = answer.meta()["upstream"]
    assert bill["calls"] + bill["joined"] + bill["cached"] <= 8


def test_heatmaps_and_statistics(api, native):
    texts = stats_alone(native, "istio_request_duration_milliseconds", "10m")
    window = {"startMicros": NOW - 3_600_000_000, "endMicros": NOW + 1}
    for trace in api.get("/api/namespaces/bookinfo/apps/details/traces", limit=5, **window).json()["data"]:
        heatmap = api.get(f"/api/traces/{trace['traceID']}/heatmap", workload="details-v1").json()
        at = heatmap["evaluatedAt"] // 1_000_000
        for stat, cell in zip(heatmap["stats"], heatmap["trace"]["cells"][0], strict=True):
            assert math.isclose(cell["stat"], native.value(texts[stat], at), rel_tol=1e-12), (stat, cell)
            assert cell["samples"] > 100
    query = {"target": {"namespace": "bookinfo", "name": "details-v1", "kind": "workload"}, "direction": "inbound",
             "interval": "10m", "avg": True, "quantiles": ["0.5", "0.9", "0.99"], "queryTime": AT}
    headers = {"Content-Type": "application/json"}
    answer = api.get("/api/stats/metrics", method="POST", headers=headers, body=json.dumps({"queries": [query]}))
    (found,) = answer.json()["stats"].values()
    assert {one["name"] for one in found["responseTimes"]} == set(texts)
    for one in found["responseTimes"]:
        assert math.isclose(one["value"], native.value(texts[one["name"]], AT), rel_tol=1e-12)
