"""What `./dev demo --check` looks at in the traffic graph, which it also prints."""
import demo_world as world
from demo_report import need

GRAPH = "/api/namespaces/graph"
WINDOW = 1800
# Who calls whom in Bookinfo: workloads.
CALLS = {
    ("istio-ingressgateway", "productpage-v1"),
    ("productpage-v1", "details-v1"),
    ("productpage-v1", "reviews-v1"),
    ("productpage-v1", "reviews-v2"),
    ("productpage-v1", "reviews-v3"),
    ("reviews-v2", "ratings-v1"),
    ("reviews-v3", "ratings-v1"),
}


class GraphCheck:
    def __init__(self, demo, report):
        self.console = next(iter(demo.consoles.values()))
        self.prometheus = demo.prometheus
        self.at = int(demo.mesh.metrics_history()["to"]) // 15 * 15
        self.report = report

    def run(self):
        self.report.run("", "GET /api/namespaces/graph", self.bookinfo)

    def bookinfo(self):
        target = world.query(GRAPH, namespaces="bookinfo", duration=f"{WINDOW}s", queryTime=self.at)
        answer = self.console.ask(target)
        need(answer.status == 200, f"status {answer.status}: {answer.body[:200]!r}")
        graph = answer.json()
        edges = edges_of(graph)
        missing = CALLS - {(source, target) for source, target, _ in edges}
        need(not missing, f"no edge for {sorted(missing)}")
        for source, target in sorted(CALLS):
            rate = float(edges[source, target, "http"]["rates"]["http"])
            labels = f'reporter="destination",source_workload="{source}",destination_workload="{target}"'
            counted = self.prometheus.value(f"sum(rate(istio_requests_total{{{labels}}}[{WINDOW}s]))", self.at)
            need(rate >= 0.98 * counted - 0.01, f"{source} to {target}: {rate} a second, Prometheus has {counted:.4f}")
        quiet = set(names_of(graph).values()) - {end for source, target, _ in edges for end in (source, target)}
        lines = lines_of(edges) + ([f"without traffic: {', '.join(sorted(quiet))}"] if quiet else [])
        self.report.note(f"The graph of bookinfo, per second over {WINDOW // 60} min:", lines)
        return 200, f"{len(graph['elements']['nodes'])} nodes, {len(edges)} edges"


def names_of(graph):
    nodes = [node["data"] for node in graph["elements"]["nodes"]]
    return {node["id"]: node.get("workload") or node.get("service") or node["nodeType"] for node in nodes}


def edges_of(graph):
    names = names_of(graph)
    return {
        (names[edge["data"]["source"]], names[edge["data"]["target"]], edge["data"]["traffic"]["protocol"]): edge["data"]["traffic"]
        for edge in graph["elements"]["edges"]
    }


def lines_of(edges):
    """The graph as text: who calls, then whom, how often, and how much of it fails."""
    lines = []
    caller = None
    for source, target, protocol in sorted(edges):
        rates = edges[source, target, protocol].get("rates", {})
        if source != caller:
            lines.append(source)
            caller = source
        failed = rates.get(f"{protocol}PercentErr")
        lines.append(f"  -> {target:<24} {protocol:<5} {rates.get(protocol, 'idle'):>8}" + (f"  {failed} % fail" if failed else ""))
    return lines
