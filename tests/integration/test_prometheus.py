"""The real Prometheus of the tests: what a block is made of is what it answers."""
import demo_world as world

AT = world.FIXTURE_START_MICROS // 1_000_000

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
