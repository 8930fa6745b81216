"""What `./dev demo --check` looks at in heatmaps: a slow trace and a fast one, and that the slow call is the red one."""
import demo_world as world
from demo_report import need

RED = 10  # ms above the median of its kind, as the console draws it
SLOW_MICROS = 1_000_000
SCENARIOS = ("normal", "slow-ratings")  # those in which some calls of ratings are slow and most are not


class HeatmapCheck:
    """Traces end within the history: metrics of that time are there."""

    def __init__(self, demo, report, protocol):
        self.demo = demo
        self.console = demo.consoles[protocol]
        self.report = report
        self.protocol = protocol

    def run(self):
        if self.demo.options.scenario not in SCENARIOS:
            return
        self.report.run(self.protocol, "GET /api/traces/{id}/heatmap, a slow trace", self.slow)
        self.report.run(self.protocol, "GET /api/traces/{id}/heatmap, a fast trace", self.fast)

    def ask(self, path, **query):
        answer = self.console.ask(world.query(path, **query))
        need(answer.status == 200, f"status {answer.status}: {answer.body[:200]!r}")
        return answer.json()

    def traces(self, **more):
        end = self.demo.mesh.metrics_history()["to"] * 1_000_000
        window = {"startMicros": end - 1_800_000_000, "endMicros": end}
        return self.ask("/api/traces", service="productpage.bookinfo", limit=100, **window, **more)["data"]

    def slow(self):
        """The newest with a call of ratings that took over a second."""
        for trace in self.traces(minDuration=SLOW_MICROS):
            leaves, heatmap = self.leaves(trace["traceID"])
            if any(name == "ratings-v1" and duration > SLOW_MICROS for _, name, duration, _ in leaves):
                red = {span: name for span, name, _, value in leaves if value >= RED}
                need(set(red.values()) == {"ratings-v1"}, f"red of the calls that call nobody: {set(red.values()) or 'none'}")
                self.show("A slow trace", heatmap, red)
                return 200, "the slow call of ratings is the red one"
        need(False, "no trace with a slow call of ratings in the last half hour of the history")

    def fast(self):
        trace = min(self.traces(), key=lambda trace: trace["duration"])
        leaves, heatmap = self.leaves(trace["traceID"])
        need(leaves, "nothing is measured in it")
        red = {name for _, name, _, value in leaves if value >= RED}
        need(not red, f"red of the calls that call nobody: {red}")
        self.show("A fast trace", heatmap, {})
        return 200, f"{trace['duration'] / 1000:.1f} ms, nothing is red"

    def leaves(self, trace_id):
        """(span, workload, duration, value against the median of ten minutes) of inbound calls below which there is none."""
        spans = self.ask(f"/api/traces/{trace_id}")["data"]["spans"]
        parents = {reference["spanID"] for span in spans for reference in span["references"]}
        heatmap = self.ask(f"/api/traces/{trace_id}/heatmap")
        median = heatmap["stats"].index("0.5")
        found = [
            (span["spanID"], span["target"]["name"], span["duration"], span["cells"][0][median]["value"])
            for span in heatmap["spans"]
            if span["direction"] == "inbound" and span["spanID"] not in parents and "value" in span["cells"][0][median]
        ]
        return found, heatmap

    def show(self, title, heatmap, red):
        interval = heatmap["intervals"][0]
        stats = "".join(f"{name if name == 'avg' else 'p' + name[2:].ljust(2, '0'):>10}" for name in heatmap["stats"])
        lines = [f"{'':44}{'took':>10}  {stats}"]
        lines += self.rows("the trace (" + heatmap["trace"]["basis"] + ")", "", heatmap, heatmap["trace"]["cells"])
        for span in heatmap["spans"]:
            if span["target"] and span["direction"] != "internal":
                name = f"{span['direction']} {span['target']['name']}.{span['target']['namespace']}"
                lines += self.rows(name, f"{span['duration'] / 1000:.1f}", heatmap, span["cells"])
                lines[-1] += "  <- red, and calls nobody: here the time goes" if span["spanID"] in red else ""
        if red:
            lines.append("Those above it are red because they wait for it.")
        self.report.note(f"{title}, {heatmap['traceID']}: ms against what the mesh measured in the {interval} before it ended", lines)

    def rows(self, name, took, heatmap, cells):
        """One line: the first interval, which is what the check looks at."""
        texts = "".join(f"{cell['value']:+10.1f}" if "value" in cell else f"{cell['missing'][:9]:>10}" for cell in cells[0])
        return [f"{name:44}{took:>10}  {texts}"]
