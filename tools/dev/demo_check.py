"""What `./dev demo --check` looks at: every main route, with substance, over both protocols."""
import json
import time

import demo_world as world
from demo_graph_check import GraphCheck
from demo_heatmap_check import HeatmapCheck
from demo_login_check import LoginCheck
from demo_metrics_check import MetricsCheck
from demo_report import Report, need
from demo_trace_graph_check import TraceGraphCheck

WINDOW_MICROS = 600_000_000
HEALTHY_STOPS = ("complete", "limit")
CALLS = {"http": ("search", "trace"), "grpc": ("FindTraces", "GetTrace")}


class ConsoleCheck:
    """The routes of one console, with Jaeger over one protocol."""

    def __init__(self, demo, report, protocol, window):
        self.mesh = demo.mesh
        self.console = demo.consoles[protocol]
        self.report = report
        self.protocol = protocol
        self.window = window
        self.sight = demo.scenario.sight
        self.app = self.sight.path(f"apps/{self.sight.app}")
        self.fixture = demo.options.scenario == "fixture"
        self.skewed = demo.options.scenario == "clock-skew"
        self.traces = None  # of the app, by id

    def run(self):
        steps = {
            "GET /healthz": self.healthz,
            "GET /readyz": self.readyz,
            "GET /api/tracing": self.tracing,
            "GET /api/config": self.config,
            "GET /api/status": self.status,
            "GET /api/istio/status": self.istio_status,
            "GET /api/tracing/services": self.services,
            "GET /api/tracing/services/{s}/operations": self.operations,
            f"GET .../apps/{self.sight.app}/traces": self.app_traces,
            f"GET .../apps/{self.sight.app}/spans": self.app_spans,
            f"GET .../apps/{self.sight.app}/errortraces": self.error_traces,
            "GET /api/traces": self.search,
            "GET /api/traces/{id}": self.trace,
            "GET /api/traces/{id}, unknown": self.unknown_trace,
            "GET /api/traces/{id}/spans": self.rows,
            "GET /api/traces/{id}/forensics": self.forensics,
            "GET /api/traces, the console's own": self.own_traces,
        }
        for what, step in steps.items():
            self.report.run(self.protocol, what, step)

    def get(self, target, status=200):
        answer = self.console.ask(target)
        need(answer.status == status, f"status {answer.status}, not {status}: {answer.body[:200]!r}")
        return answer

    def calls(self):
        counts = self.mesh.calls(self.protocol)
        return sum(counts.get(method, 0) for method in CALLS[self.protocol])

    def get_counted(self, target):
        """An answer whose meta must name as many upstream calls as the mesh has counted."""
        before = self.calls()
        answer = self.get(target)
        counted = self.calls() - before
        meta = answer.meta()
        billed = sum(item["calls"] for item in meta["upstream"] if item["name"] == "jaeger")
        remembered = any(item.get("cached") for item in meta["upstream"])
        need(counted > 0 or remembered, "the mesh saw no call")
        need(billed == counted, f"meta.upstream says {billed} calls, the mesh counted {counted}")
        need(meta["stoppedBy"] in HEALTHY_STOPS, f"stoppedBy is {meta['stoppedBy']}")
        return answer, meta, f"{counted} call{'s' if counted != 1 else ''}"

    def healthz(self):
        return self.get("/healthz").status, ""

    def readyz(self):
        return self.console.wait("/readyz").status, ""

    def tracing(self):
        body = self.get("/api/tracing").json()
        need(body["enabled"] and body["integration"], f"not enabled or no integration: {body}")
        need(body["provider"] == "jaeger", f"provider is {body['provider']}")
        return 200, f"jaeger, {body.get('url', '')}"

    def config(self):
        body = self.get("/api/config").json()
        need(body["authStrategy"] == "anonymous", f"authStrategy is {body.get('authStrategy')}")
        return 200, f"{len(body)} members"

    def status(self):
        def has_version(answer):
            services = answer.json()["externalServices"]
            # Over gRPC nobody tells a version.
            return any(s["name"] == "jaeger" and (s.get("version") or self.protocol == "grpc") for s in services)

        body = self.console.wait("/api/status", until=has_version).json()
        need(body["status"]["Kiali state"] == "running", "not running")
        jaeger = next(s for s in body["externalServices"] if s["name"] == "jaeger")
        return 200, f"jaeger {jaeger.get('version', '')}"

    def istio_status(self):
        answer = self.console.wait(
            "/api/istio/status",
            until=lambda a: any(c["name"] == "tracing" and c["status"] == "Healthy" for c in a.json()),
        )
        return answer.status, "tracing is Healthy"

    def services(self):
        body = self.get("/api/tracing/services").json()
        need(self.sight.service in body["data"], f"{self.sight.service} is missing")
        need(len(body["data"]) >= 12, f"only {len(body['data'])} services")
        need("stoppedBy" in body["meta"], "no meta")
        return 200, f"{len(body['data'])} services"

    def operations(self):
        body = self.get(f"/api/tracing/services/{self.sight.service}/operations").json()
        names = {operation["name"] for operation in body["data"]}
        need(self.sight.operation in names, f"operations are {names}")
        return 200, f"{len(names)} operations"

    def app_traces(self):
        answer, meta, calls = self.get_counted(world.query(self.app + "/traces", limit=1000, **self.window))
        body = answer.json()
        need(len(body["data"]) > 0, "no traces")
        need(meta["returned"] == len(body["data"]), "meta.returned is not the number of traces")
        need(body["tracingServiceName"] == self.sight.service, body["tracingServiceName"])
        self.traces = {trace["traceID"]: trace for trace in body["data"]}
        spans = sum(len(trace["spans"]) for trace in body["data"])
        return 200, f"{len(body['data'])} traces, {spans} spans, {calls}"

    def app_spans(self):
        answer, _, calls = self.get_counted(world.query(self.app + "/spans", limit=1000, **self.window))
        spans = answer.json()
        need(len(spans) > 0, "no spans")
        ids = {span["traceID"] for span in spans}
        need(ids == set(self.traces or ()), "the spans are of other traces than .../traces gave")
        return 200, f"{len(spans)} spans, {calls}"

    def error_traces(self):
        answer, _, calls = self.get_counted(world.query(self.app + "/errortraces", duration=3600))
        count = answer.json()
        need(isinstance(count, int) and (count > 0 or self.fixture), f"the count is {count!r}")
        return 200, f"{count} in an hour, {calls}"

    def search(self):
        answer, _, calls = self.get_counted(
            world.query("/api/traces", service=self.sight.service, limit=1000, **self.window)
        )
        body = answer.json()
        need(len(body["data"]) > 0, "no traces")
        ids = {trace["traceID"] for trace in body["data"]}
        need(ids == set(self.traces or ()), "the search found other traces than .../traces gave")
        starts = [trace["startTime"] for trace in body["data"]]
        need(starts == sorted(starts, reverse=True), "not newest first")
        return 200, f"{len(ids)} summaries, {calls}"

    def own_traces(self):
        deadline = time.monotonic() + 120
        own = []
        while not own and time.monotonic() < deadline:
            now = int(time.time() * 1e6)
            window = {"startMicros": now - WINDOW_MICROS, "endMicros": now + 1}
            found = self.get(world.query("/api/traces", service="meshscope", **window)).json()["data"]
            own = [trace for trace in found if (trace["rootOperation"] or "").startswith("GET /api/")]
            time.sleep(0.2)
        need(own, "the console's own traces do not come back")
        return 200, f"{len(own)} traces"

    def first_trace(self):
        need(self.traces, "no trace to ask for")
        return next(iter(self.traces.items()))

    def trace(self):
        trace_id, expected = self.first_trace()
        answer, _, calls = self.get_counted(f"/api/traces/{trace_id}")
        trace = answer.json()["data"]
        need(trace["spans"] == expected["spans"], "the spans differ from those of the list")
        return 200, f"{len(trace['spans'])} spans, {calls}"

    def unknown_trace(self):
        body = self.get("/api/traces/0123456789abcdef", status=404).json()
        need(body["code"] == "not_found", f"code is {body['code']}")
        return 404, body["error"]

    def forensics(self):
        """Each parent that no span of a trace is has one gap, and only where clocks differ are they listed."""
        gaps, offsets = 0, []
        for trace_id, trace in list(self.traces.items())[:20]:
            body = self.get(f"/api/traces/{trace_id}/forensics").json()
            here = {span["spanID"] for span in trace["spans"]}
            missing = {r["spanID"] for s in trace["spans"] for r in s["references"] if r["spanID"] not in here}
            told = {gap["parent"] for gap in body["gaps"] if "parent" in gap}
            need(told == missing, f"the gaps name {told}, missing are {missing}")
            need(all(gap["evidence"] for gap in body["gaps"]), "a gap without evidence")
            gaps += len(body["gaps"])
            offsets += [clock["offset"] for clock in body["clocks"]]
        late = [offset for offset in offsets if 175_000 <= abs(offset) <= 185_000]
        if self.skewed:
            need(late, "no clock is measured")
        need(len(late) == len(offsets) if self.skewed else not offsets, f"clocks differ by {offsets} µs")
        return 200, f"{gaps} gaps, {len(offsets)} pairs of clocks that differ"

    def rows(self):
        trace_id, expected = self.first_trace()
        answer, _, calls = self.get_counted(f"/api/traces/{trace_id}/spans")
        rows = answer.json()["spans"]
        need(len(rows) == len(expected["spans"]), f"{len(rows)} rows for {len(expected['spans'])} spans")
        return 200, f"{len(rows)} rows, {calls}"


class FaultCheck:
    """An outage or a mistake: the error names the cause and the setting, and never looks like "no traces"."""

    def __init__(self, demo, report, protocol, fault):
        self.console = demo.consoles[protocol]
        self.report = report
        self.protocol = protocol
        self.fault = fault

    def run(self):
        self.report.run(self.protocol, "GET /healthz", lambda: (self.console.wait("/healthz").status, ""))
        app = world.BOOKINFO.path("apps/productpage")
        for target in (
            app + "/traces",
            app + "/spans",
            app + "/errortraces?duration=600",
            "/api/traces?service=productpage.bookinfo",
            "/api/traces/0123456789abcdef",
            "/api/traces/0123456789abcdef/spans",
            "/api/tracing/services",
            "/api/tracing/services/productpage.bookinfo/operations",
        ):
            what = "GET " + target.split("?")[0].replace("/api/namespaces/bookinfo", "...")
            self.report.run(self.protocol, what, lambda target=target: self.route(target))
        self.report.run(self.protocol, "GET /api/istio/status", self.istio_status)
        self.report.run(self.protocol, "GET /api/tracing/explain", self.explanation)

    def explanation(self):
        answer = self.console.ask("/api/tracing/explain?namespace=bookinfo&workload=productpage-v1")
        need(answer.status == 200, f"status {answer.status}: {answer.body[:200]!r}")
        body = answer.json()
        verdict = body["verdict"]
        need(verdict["code"] in self.fault.codes, f"the verdict is {verdict}")
        need(body["calls"] <= 8, f"{body['calls']} calls")
        change = verdict.get("change", {})
        turn = f": {change.get('key')} -> {change['to']}" if change.get("to") else ""
        return 200, f"{verdict['code']}, {verdict['certainty']}{turn}"

    def route(self, target):
        answer = self.console.ask(target)
        need(answer.status in self.fault.statuses, f"status {answer.status}: {answer.body[:200]!r}")
        body = answer.json()
        for member in ("error", "code", "hint"):
            need(body.get(member), f"no {member}: {body}")
        return answer.status, self.explained(body)

    def explained(self, reason):
        setting = reason["hint"].get("setting", "")
        need(setting.startswith(self.fault.settings), f"the setting named is {setting!r}")
        text = json.dumps(reason)
        for word in self.fault.words:
            need(word in text, f"{word!r} is not said: {text}")
        self.report.read(reason["error"], f"{setting}: {reason['hint']['advice']}")
        return f"{reason['code']} -> {setting}"

    def istio_status(self):
        def known(answer):
            return any(c["name"] == "tracing" and "reason" in c for c in answer.json())

        answer = self.console.wait("/api/istio/status", until=known)
        tracing = next(c for c in answer.json() if c["name"] == "tracing")
        need(tracing["status"] != "Healthy", "tracing is Healthy")
        return 200, f"tracing is {tracing['status']}, {self.explained(tracing['reason'])}"


def same_over_both(checks):
    first, second = checks
    need(first.traces and second.traces, "one of them has no traces")
    need(first.traces.keys() == second.traces.keys(), "the trace ids differ")
    different = [i for i in first.traces if first.traces[i]["spans"] != second.traces[i]["spans"]]
    need(not different, f"the spans of {len(different)} traces differ, first {different[:1]}")
    return "", f"the same {len(first.traces)} traces, span by span"


def check(demo):
    report = Report()
    if demo.scenario.fault is not None:
        for protocol in demo.consoles:
            FaultCheck(demo, report, protocol, demo.scenario.fault).run()
        return report
    # A window that is over: nothing moves in it between two questions.
    end = world.FIXTURE_START_MICROS
    if demo.options.scenario != "fixture":
        end = int((time.time() - 5) * 1e6)
    window = {"startMicros": end - WINDOW_MICROS, "endMicros": end}
    checks = [ConsoleCheck(demo, report, protocol, window) for protocol in demo.consoles]
    for one in checks:
        one.run()
    report.run("both", "the same through gRPC and HTTP", lambda: same_over_both(checks))
    LoginCheck(demo, report, window).run()
    if demo.scenario.sight is world.BOOKINFO:  # whose traffic the rows of metrics and graphs are about
        MetricsCheck(demo, report).run()
        GraphCheck(demo, report).run()
        HeatmapCheck(demo, report, next(iter(demo.consoles))).run()
        TraceGraphCheck(demo, report).run()
    else:
        report.note("Not looked at:", ["metrics, graphs, heatmaps: their rows are about Bookinfo's traffic, which this mesh lacks"])
    return report
