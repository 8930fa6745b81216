"""What `./dev demo --check` looks at of traces laid over the traffic graph."""
import json

import demo_world as world
from demo_report import need

CROSSING = ("travels.travel-agency", "travel-agency")  # an API gateway outside of the mesh calls it


class TraceGraphCheck:
    """The hops of traces within the metrics' history."""

    def __init__(self, demo, report):
        self.console = demo.consoles["http"]
        self.end = demo.mesh.metrics_history()["to"]
        self.report = report

    def run(self):
        self.report.run("", "GET /api/traces/{id}/graph", self.hops)
        self.report.run("", "GET /api/traces/{id}/graph, another namespace", self.crossing)
        self.report.run("", "POST /api/traces/graph", self.flow)

    def ask(self, target, **how):
        answer = self.console.ask(target, **how)
        need(answer.status == 200, f"status {answer.status}: {answer.body[:300]!r}")
        return answer.json()

    def traces(self, service):
        found = self.ask(world.query(
            "/api/traces", service=service, limit=20,
            startMicros=(self.end - 900) * 10**6, endMicros=(self.end - 60) * 10**6,
        ))["data"]
        need(found, f"no traces of {service}")
        return found

    def window(self, **more):
        return {"queryTime": self.end, "duration": "1800s", "graphType": "workload", **more}

    def names(self, namespaces):
        graph = self.ask(world.query("/api/namespaces/graph", **self.window(namespaces=namespaces)))
        return {
            node["data"]["id"]: node["data"].get("workload") or node["data"].get("service") or "?"
            for node in graph["elements"]["nodes"]
        }

    def laid(self, trace, **parameters):
        laid = self.ask(world.query(f"/api/traces/{trace['traceID']}/graph", **self.window(**parameters)))
        need(laid["placed"] + len(laid["unplaced"]) == laid["total"], "spans are lost")
        need(len(laid["hops"]) == laid["placed"], "the hops are not those that are placed")
        return laid

    def hops(self):
        trace = max(self.traces("productpage.bookinfo"), key=lambda one: one["spans"])
        laid = self.laid(trace)
        need(laid["placed"] == laid["total"], f"not placed: {laid['unplaced'][:3]}")
        lines = self.calls(laid)
        need(len(lines) >= 3, f"only {len(lines)} calls lie on edges")
        self.report.note(f"Hops of trace {trace['traceID']} on the graph of {', '.join(laid['namespaces'])}:", lines)
        return 200, f"{laid['placed']} of {laid['total']} spans placed, {len(lines)} calls"

    def calls(self, laid):
        names = self.names(",".join(laid["namespaces"]))
        lines = []
        for hop in laid["hops"]:
            path = [names.get(node, "") for node in hop["nodes"]]
            need(all(path), f"nodes that are not on the graph: {hop}")
            if len(path) > 1 and not hop["repeats"]:
                error = " error" if hop["error"] else ""
                lines.append(f"{hop['offset'] / 1000:8.1f} ms {' -> '.join(path)} ({hop['duration'] / 1000:.1f} ms{error})")
        return lines

    def crossing(self):
        service, namespace = CROSSING
        trace = self.traces(service)[0]
        laid = self.laid(trace, namespaces=namespace)
        need(laid["placed"] > 0, "nothing is placed")
        outside = {one["namespace"] for one in laid["unplaced"] if one["reason"] == "namespace_not_on_graph"}
        need(outside and namespace not in outside, f"listed are {laid['unplaced'][:3]}")
        spans = {span["spanID"]: span for span in self.ask(f"/api/traces/{trace['traceID']}")["data"]["spans"]}
        lines = self.calls(laid) + ["not on this graph:"]
        for one in laid["unplaced"]:
            whose = f"{one['workload'] or '?'}.{one['namespace'] or '?'}"
            lines.append(f"  span {one['spanID']} {spans[one['spanID']]['operationName']}, of {whose}: {one['reason']}")
        self.report.note(f"Hops of trace {trace['traceID']}, which comes from elsewhere, on the graph of {namespace}:", lines)
        return 200, f"{laid['placed']} of {laid['total']} spans placed, in namespaces not on the graph: {', '.join(sorted(outside))}"

    def flow(self):
        ids = [trace["traceID"] for trace in self.traces("productpage.bookinfo")]
        laid = self.ask(
            world.query("/api/traces/graph", **self.window(namespaces="bookinfo,istio-system")),
            method="POST", headers={"Content-Type": "application/json"},
            body=json.dumps({"traceIDs": ids}).encode(),
        )
        listed = sum(one["spans"] for one in laid["unplaced"])
        need(laid["placed"] + listed == laid["total"] > 0, "spans are lost")
        need(len(laid["traces"]) == len(ids), f"{len(laid['traces'])} of {len(ids)} traces")
        busiest = max(laid["edges"], key=lambda edge: edge["calls"])
        return 200, f"{len(ids)} traces on {len(laid['edges'])} edges, {busiest['calls']} calls on the busiest"
