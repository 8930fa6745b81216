"""The real Prometheus of the tests and the metrics of the simulated mesh in it."""
import re
import time

import demo_world as world
from conftest import NOW

AT = NOW // 1_000_000

# Calls of details in ten minutes by bucket: 9 up to 1 ms, 400 more up to 5, 286 up to 10, 75 up to 25.
DETAILS = {"0.5": 0, "1": 9, "5": 409, "10": 695, "25": 770, "+Inf": 770}


def bucket_text(counts, steps=41, seconds=15):
    """A histogram that grows evenly from nothing to `counts`, up to AT."""
    name = "istio_request_duration_milliseconds"
    lines = [f"# TYPE {name} histogram"]
    for bound, count in counts.items():
        labels = f'{{reporter="destination",destination_workload="details-v1",le="{bound}"}}'
        for i in range(steps):
            lines.append(f"{name}_bucket{labels} {count * i / (steps - 1)} {AT - (steps - 1 - i) * seconds}")
    return "\n".join(lines)


def test_a_block_of_text_is_what_prometheus_serves(static_block):
    prometheus = static_block(bucket_text(DETAILS))

    def quantile(q):
        buckets = "rate(istio_request_duration_milliseconds_bucket[10m])"
        return prometheus.value(f"histogram_quantile({q}, sum({buckets}) by (le))", AT)

    assert abs(quantile(0.99) - 23.46) < 1e-9
    assert abs(quantile(0.5) - 4.76) < 1e-9
    # A trace's call of 5.96 ms is 17.5 ms faster than one in a hundred of its kind.
    assert round(5.96 - quantile(0.99), 2) == -17.5


def test_prometheus_comes_back_with_its_data(static_block):
    prometheus = static_block(bucket_text(DETAILS))
    last = 'istio_request_duration_milliseconds_bucket{le="+Inf"}'
    assert prometheus.value(last, AT) == 770
    assert prometheus.stop() == 0
    prometheus.start()
    assert prometheus.value(last, AT) == 770


def exposed(mesh):
    """What a scrape of the mesh reads: value by name and labels."""
    answer = world.ask(mesh.metrics_port, "/metrics")
    assert answer.status == 200
    lines = [line for line in answer.body.decode().splitlines() if not line.startswith("#")]
    return {frozen(*line.split("{")[::-1]): float(line.rsplit(" ", 1)[1]) for line in lines}


def frozen(labels, name):
    return frozenset([("__name__", name), *re.findall(r'(\w+)="([^"]*)"', labels)])


def test_the_history_ends_with_what_a_scrape_reads(shared, prometheus):
    found = {
        frozenset(series["metric"].items()): float(series["value"][1])
        for series in prometheus.query('{__name__=~"istio_.*"}', AT)
    }
    live, _ = shared
    longer = exposed(live)  # has counted for six hours, the history for 70 minutes
    assert found.keys() <= longer.keys()
    assert len(found) > 2000
    assert all(value <= longer[series] for series, value in found.items())


def spans_of(mesh, service, kind, start, end):
    """Jaeger's spans of one side that ended in a window of seconds."""
    found = world.ask(mesh.http_port, world.query(
        mesh.base_path + "/api/traces", service=service, limit=2000, start=(start - 60) * 10**6, end=end * 10**6
    )).json()["data"]
    return [
        span for trace in found for span in trace["spans"]
        if trace["processes"][span["processID"]]["serviceName"] == service
        and any(tag["key"] == "span.kind" and tag["value"] == kind for tag in span["tags"])
        and start * 10**6 < span["startTime"] + span["duration"] <= end * 10**6
    ]


def test_every_span_is_in_its_bucket_and_in_its_quarter_of_a_minute(shared, prometheus):
    mesh, _ = shared
    buckets = 'istio_request_duration_milliseconds_bucket{reporter="destination",destination_workload="ratings-v1"}'
    bounds = {
        series["metric"]["le"]: [float(value) for _, value in series["values"]]
        for series in prometheus.query_range(f"sum({buckets}) by (le)", AT - 1800, AT - 15, 15)
    }
    assert len(bounds) == 20
    spans = spans_of(mesh, "ratings.bookinfo", "server", AT - 1800, AT - 15)
    assert len(spans) > 50
    for bound, counted in bounds.items():
        for step in range(1, len(counted)):
            at = AT - 1800 + 15 * step
            expected = sum(
                (at - 15) * 10**6 < span["startTime"] + span["duration"] <= at * 10**6
                and span["duration"] / 1000 <= float(bound)
                for span in spans
            )
            assert counted[step] - counted[step - 1] == expected, (bound, at)


def test_scrapes_go_on_where_the_history_ends(launch):
    mesh, prometheus = launch.prometheus(history=900, scrape="5s")
    deadline = time.monotonic() + 120
    while not any(series["value"][1] == "1" for series in prometheus.query("up")):
        assert time.monotonic() < deadline, "no scrape"
        time.sleep(0.1)
    # The same series as in the history and hardly others, and no counter has begun anew.
    now = time.time()
    stored = prometheus.value("count(last_over_time(istio_requests_total[10m]))", now)
    shown = sum(dict(series)["__name__"] == "istio_requests_total" for series in exposed(mesh))
    assert 0.9 * shown <= stored <= shown
    assert prometheus.value("max(resets(istio_requests_total[10m]))", now) == 0
    # One request every four seconds, before the seam as after it.
    seam = mesh.metrics_history()["to"]
    entering = 'sum(increase(istio_requests_total{reporter="source",source_workload="istio-ingressgateway"}[5m]))'
    before = prometheus.value(entering, seam)
    assert abs(prometheus.value(entering, now) - before) < 0.1 * before
