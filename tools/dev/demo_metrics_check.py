"""What `./dev demo --check` looks at in Prometheus: the history is there, and it tells of the same calls as the spans."""
import demo_world as world
from demo_report import need

STEP = 15
HISTORY_WITHIN = 30  # seconds after the start, of what `./dev demo` builds; sanitizers take their time
EDGES = {  # workload to service
    "istio-ingressgateway": "productpage",
    "productpage-v1": "details",
    "reviews-v2": "ratings",
}


class MetricsCheck:
    """Windows end with the history: nothing moves in them."""

    def __init__(self, demo, report):
        self.mesh = demo.mesh
        self.prometheus = demo.prometheus
        self.console = demo.consoles["grpc"]
        self.filled_in = demo.history_seconds
        self.patience = HISTORY_WITHIN if demo.options.build_dir.name == "demo" else 5 * HISTORY_WITHIN
        self.history = demo.mesh.metrics_history()
        self.end = self.history["to"] // STEP * STEP
        self.start = self.end - 1800
        self.report = report
        # A node whose clock is late has spans that end in the window before.
        self.at_the_border = 1 if demo.options.scenario == "clock-skew" else 0

    def run(self):
        self.report.run("", "Prometheus: the history is complete", self.complete)
        for source, destination in EDGES.items():
            self.report.run(
                "", f"Prometheus: rate {source} to {destination}",
                lambda source=source, destination=destination: self.rate(source, destination),
            )
        self.report.run("", "Prometheus: buckets of slow calls of ratings", self.slow_ratings)
        self.report.run("grpc", "GET .../workloads/reviews-v1/dashboard", self.dashboard)
        self.report.run("grpc", "GET /api/clusters/health", self.health)

    def complete(self):
        need(self.history["state"] == "complete", f"the history is {self.history['state']}")
        need(self.filled_in <= self.patience, f"it took {self.filled_in:.1f} s")
        seconds = self.history["to"] - self.history["from"]
        count = 'max(count_over_time(istio_requests_total{reporter="source",source_workload="istio-ingressgateway"}[%ds]))' % seconds
        samples = self.prometheus.value(count, self.end)
        need(samples >= seconds / STEP - 10, f"{samples} samples in {seconds} s, one each {STEP} s was expected")
        return 200, f"{seconds / 3600:.1f} h, {self.history['series']} series, written in {self.filled_in:.1f} s"

    def rate(self, source, destination):
        selector = f'{{reporter="source",source_workload="{source}",destination_service_name="{destination}"}}'
        window = self.end - self.start
        counted = self.prometheus.value(f"sum(rate(istio_requests_total{selector}[{window}s]))", self.end) * window
        seen = len(self.client_spans(source, destination))
        need(seen > 20, f"only {seen} spans")
        need(abs(counted - seen) <= max(0.02 * seen, 2), f"{counted:.1f} requests by the rate, {seen} spans")
        return 200, f"{counted / window:.4f} a second, {seen} spans in {window // 60} min"

    def slow_ratings(self):
        found = []
        for reporter, spans in (
            ("destination", self.spans("ratings", "server")),
            ("source", self.client_spans("reviews", "ratings")),
        ):
            slow = sum(span["duration"] > 1_000_000 for span in spans)
            name = "istio_request_duration_milliseconds_bucket"
            labels = f'reporter="{reporter}",destination_workload="ratings-v1"'
            above = f'(sum({name}{{{labels},le="+Inf"}}) - sum({name}{{{labels},le="1000"}}))'
            counted = self.prometheus.value(above, self.end) - self.prometheus.value(above, self.start)
            need(abs(counted - slow) <= self.at_the_border, f"{reporter}: {counted:.0f} calls above a second by the buckets, {slow} spans")
            found.append(f"{slow} of {len(spans)} at the {reporter}")
        return 200, ", ".join(found)

    def dashboard(self):
        window = self.end - self.start
        body = self.get("/api/namespaces/bookinfo/workloads/reviews-v1/dashboard", direction="inbound", reporter="destination",
                        queryTime=self.end, duration=STEP, step=STEP, rateInterval=f"{window}s")
        failed = [chart["error"] for chart in body["charts"] if chart["error"]]
        need(not failed, f"{failed[:1]}")
        (series,) = body["charts"][0]["metrics"]
        shown = float(series["datapoints"][-1][1])
        self.need_rate(shown, window)
        bill = next(one for one in body["meta"]["upstream"] if one["name"] == "prometheus")
        asked = bill["calls"] + bill["joined"] + bill["cached"]
        need(asked <= 8, f"{asked} queries")
        return 200, f"{shown:.4f} requests a second, {asked} queries"

    def health(self):
        window = self.end - self.start
        body = self.get("/api/clusters/health", namespaces="bookinfo", queryTime=self.end, rateInterval=f"{window}s")
        workloads = body["namespaceWorkloadHealth"]["bookinfo"]
        inbound = workloads["reviews-v1"]["requests"]["inbound"]
        self.need_rate(sum(rate for codes in inbound.values() for rate in codes.values()), window)
        words = [workload["status"]["status"] for workload in workloads.values()]
        counts = [f"{words.count(word)} {word}" for word in sorted(set(words))]
        return 200, f"bookinfo: {', '.join(counts)}; worst: {body['namespaceHealth']['bookinfo']['worstStatus']}"

    def need_rate(self, shown, window):
        selector = '{reporter="destination",destination_workload="reviews-v1",destination_workload_namespace="bookinfo"}'
        expected = self.prometheus.value(f"sum(rate(istio_requests_total{selector}[{window}s]))", self.end)
        need(abs(shown - expected) <= 0.02 * expected, f"{shown:.4f} requests a second, Prometheus says {expected:.4f}")

    def get(self, path, **query):
        answer = self.console.ask(world.query(path, **query))
        need(answer.status == 200, f"status {answer.status}: {answer.body[:200]!r}")
        return answer.json()

    def client_spans(self, source, destination):
        return [
            span for span in self.spans(source.removesuffix("-v1").removesuffix("-v2"), "client", f"{source}-")
            if span["operationName"].startswith(f"{destination}.bookinfo.")
        ]

    def spans(self, app, kind, pod=""):
        """Of one side's proxies, of pods whose names begin so, that ended in the window by the mesh's clock."""
        namespace = "istio-system" if app == "istio-ingressgateway" else "bookinfo"
        service = f"{app}.{namespace}"
        found = world.ask(self.mesh.http_port, world.query(
            self.mesh.base_path + "/api/traces",
            service=service, limit=5000, start=(self.start - 60) * 10**6, end=self.end * 10**6,
        )).json()["data"]
        return [
            span for trace in found for span in trace["spans"]
            if trace["processes"][span["processID"]]["serviceName"] == service
            and self.start * 10**6 < span["startTime"] + span["duration"] <= self.end * 10**6
            and tag(span, "span.kind") == kind and f"~{pod}" in tag(span, "node_id")
        ]


def tag(span, key):
    return next((tag["value"] for tag in span["tags"] if tag["key"] == key), "")
