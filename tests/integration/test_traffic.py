"""Series, dashboards and health of the mesh's traffic, held against what the real Prometheus says itself."""
import math

import pytest

from conftest import NOW

AT = NOW // 1_000_000
WINDOW = {"queryTime": AT, "duration": 1800, "step": 60, "rateInterval": "10m"}
REVIEWS = "/api/namespaces/bookinfo/workloads/reviews-v1/"
SELECTOR = ('reporter="destination",destination_workload_namespace="bookinfo",destination_workload="reviews-v1",'
            'destination_cluster="Kubernetes"')
OBJECTS = ("apps/reviews", "services/reviews", "workloads/reviews-v1")


def last(series):
    time, value = series["datapoints"][-1]
    assert time == AT - AT % 60
    return float(value)


def only(found):
    (series,) = found
    return series


def test_the_rate_is_what_prometheus_says(metered, prometheus):
    found = metered.get(REVIEWS + "metrics", direction="inbound", reporter="destination", **WINDOW).json()
    assert len(found) == 13
    expected = prometheus.value(f"sum(rate(istio_requests_total{{{SELECTOR}}}[10m]))", AT - AT % 60)
    assert expected > 0
    assert math.isclose(last(only(found["request_count"])), expected, rel_tol=0.02)
    series = only(found["request_count"])["datapoints"]
    assert len(series) == 31 and series[0][0] == AT - AT % 60 - 1800
    assert found["tcp_sent"] is None


@pytest.mark.parametrize("quantile", ["0.5", "0.95", "0.99"])
def test_quantiles_of_one_query_are_those_of_many(metered, prometheus, quantile):
    query = {**WINDOW, "direction": "inbound", "reporter": "destination", "filters[]": "request_duration_millis"}
    alone = metered.get(REVIEWS + "metrics", **query, **{"quantiles[]": quantile, "avg": "false"}).json()
    both = metered.get(REVIEWS + "metrics", **query, **{"quantiles[]": quantile}).json()
    by_stat = {series["stat"]: series for series in both["request_duration_millis"]}
    assert sorted(by_stat) == [quantile, "avg"]
    asked = only(alone["request_duration_millis"])
    assert [time for time, _ in asked["datapoints"]] == [time for time, _ in by_stat[quantile]["datapoints"]]
    for (_, one), (_, other) in zip(asked["datapoints"], by_stat[quantile]["datapoints"]):
        assert math.isclose(float(one), float(other), rel_tol=1e-12) or one == other == "NaN"
    parts = [f"sum(rate(istio_request_duration_milliseconds_{part}{{{SELECTOR}}}[10m]))" for part in ("sum", "count")]
    expected = prometheus.value(" / ".join(parts), AT - AT % 60)
    assert math.isclose(last(by_stat["avg"]), expected, rel_tol=1e-12)


@pytest.mark.parametrize("path", OBJECTS)
def test_a_dashboard_costs_few_queries(metered, path):
    query = {**WINDOW, "direction": "inbound", "reporter": "destination", "byLabels[]": "source_workload"}
    body = metered.get(f"/api/namespaces/bookinfo/{path}/dashboard", **query, **{"quantiles[]": "0.99"}).json()
    charts = {chart["name"]: chart for chart in body["charts"]}
    assert len(charts) == 12 and not any(chart["error"] for chart in charts.values())
    volume = charts["Request volume"]["metrics"]
    assert {series["labels"]["source_workload"] for series in volume} >= {"productpage-v1"}
    seconds = {series["stat"]: last(series) for series in charts["Request duration"]["metrics"]}
    assert 0 < seconds["avg"] < seconds["0.99"] < 10
    (cost,) = body["meta"]["upstream"]
    assert cost["name"] == "prometheus" and cost["calls"] + cost["cached"] + cost["joined"] <= 8


def test_namespaces_are_asked_together(metered):
    query = {**WINDOW, "direction": "inbound", "reporter": "destination", "filters[]": "request_count"}
    answer = metered.get("/api/clusters/metrics", namespaces="bookinfo,travel-agency", **query)
    found = answer.json()
    assert set(found) == {"bookinfo", "travel-agency"}
    alone = metered.get("/api/namespaces/bookinfo/metrics", **query).json()
    assert math.isclose(last(only(found["bookinfo"]["request_count"])), last(only(alone["request_count"])), rel_tol=1e-9)


def test_metrics_of_an_aggregate_and_of_objects(metered):
    query = {**WINDOW, "filters[]": "request_count"}
    found = metered.get("/api/namespaces/bookinfo/aggregates/destination_workload/reviews-v1/metrics", **query).json()
    alone = metered.get(REVIEWS + "metrics", direction="inbound", reporter="destination", **query).json()
    assert found == alone
    for path in OBJECTS:
        series = metered.get(f"/api/namespaces/bookinfo/{path}/metrics", direction="inbound", **query).json()
        assert last(only(series["request_count"])) > 0, path


def test_the_overview_tells_the_busy_and_the_slow(metered, prometheus):
    """Requests out of what serves health, and a question of their own for the slow ones."""
    query = {"queryTime": AT, "rateInterval": "10m", "namespaces": "bookinfo"}
    apps = metered.get("/api/overview/metrics/apps/rates", **query).json()["apps"]
    by_name = {app["appName"]: app for app in apps}
    expected = prometheus.value(f"sum(rate(istio_requests_total{{{SELECTOR}}}[10m]))".replace(
        'destination_workload="reviews-v1"', 'destination_app="reviews"'), AT)
    assert math.isclose(by_name["reviews"]["requestRateIn"], expected, rel_tol=0.02)
    services = metered.get("/api/overview/metrics/services/rates", **query).json()["services"]
    ranks = [(-service["errorRate"], -service["requestRate"]) for service in services]
    assert len(ranks) >= 4 and ranks == sorted(ranks)
    slow = metered.get("/api/overview/metrics/services/latency", **query).json()["services"]
    latencies = [service["latency"] for service in slow]
    assert len(slow) >= 4 and latencies == sorted(latencies, reverse=True) and latencies[-1] > 0
    bytes_moved = metered.get("/api/overview/metrics/services/throughput", **{**query, "namespaces": ""}).json()
    rates = [service["tcpRate"] for service in bytes_moved["services"]]
    moving = prometheus.value(
        "count(sum by (destination_service_name, destination_service_namespace) "
        "(rate(istio_tcp_received_bytes_total[10m])) > 0) or vector(0)", AT)
    assert len(rates) == min(6, moving) and rates == sorted(rates, reverse=True)


def rate_of(rates):
    return sum(rate for codes in rates.values() for rate in codes.values())


def test_health_has_the_rates_of_prometheus(metered, prometheus):
    answer = metered.get("/api/clusters/health", queryTime=AT, rateInterval="10m")
    body = answer.json()
    reviews = body["namespaceWorkloadHealth"]["bookinfo"]["reviews-v1"]
    expected = prometheus.value(f"sum(rate(istio_requests_total{{{SELECTOR}}}[10m]))", AT)
    assert math.isclose(rate_of(reviews["requests"]["inbound"]), expected, rel_tol=0.02)
    service = body["namespaceServiceHealth"]["bookinfo"]["reviews"]
    by_service = prometheus.value(
        'sum(rate(istio_requests_total{reporter="destination",destination_service_name="reviews",'
        'destination_service_namespace="bookinfo"}[10m]))', AT)
    assert math.isclose(rate_of(service["requests"]["inbound"]), by_service, rel_tol=0.02)
    assert reviews["status"]["totalRequestRate"] > 0 and reviews["status"]["status"] != "NA"
    assert set(body["namespaceHealth"]) >= {"bookinfo", "travel-agency"}
    (cost,) = [one for one in body["meta"]["upstream"] if one["name"] == "prometheus"]
    assert cost["calls"] + cost["cached"] + cost["joined"] == 3
    assert answer.headers["X-Kiali-Health-Cached"] == "false"
    at = {"queryTime": AT, "rateInterval": "10m"}
    alone = metered.get(REVIEWS.rstrip("/"), **at).json()["health"]
    assert alone["requests"] == reviews["requests"] and alone["status"] == reviews["status"]
    listed = metered.get("/api/clusters/workloads", namespaces="bookinfo", **at).json()["workloads"]
    assert {item["name"]: item["health"]["status"] for item in listed}["reviews-v1"] == reviews["status"]


def test_prometheus_stopped_is_told_and_nothing_else_stops(metered, prometheus):
    prometheus.stop()
    try:
        error = metered.get(REVIEWS + "metrics", status=503, queryTime=AT - 7).json()
        assert error["error"].startswith("error in metric ") and error["code"] == "upstream_unreachable"
        assert metered.get("/api/clusters/workloads").json()["workloads"]
        body = metered.get("/api/clusters/health", namespaces="bookinfo", queryTime=AT - 7).json()
        assert "requests_unknown" in [warning["code"] for warning in body["meta"]["warnings"]]
        assert body["namespaceHealth"]["bookinfo"]["statusWorkload"]["inSuccess"] == []
    finally:
        prometheus.start()
