"""The traffic graph over the real Prometheus, against what the simulated mesh really did."""
import collections
import json
import time

import pytest

import demo_world as world
from conftest import NOW

AT = NOW // 1_000_000
WINDOW = 1800
ROUTE = "/api/namespaces/graph"


def tag(span, key):
    return next((tag["value"] for tag in span["tags"] if tag["key"] == key), "")


def workload_of(span):
    """Of a proxy's span: the pod that its node id names, without its two suffixes."""
    pod, _, namespace = tag(span, "node_id").split("~")[2].rpartition(".")
    return f"{namespace}/{pod.rsplit('-', 2)[0]}"


def calls_of(mesh):
    """How often who called whom in the window, out of all traces: by workloads, then by status."""
    calls = collections.defaultdict(collections.Counter)
    seen = set()
    for service in ("istio-ingressgateway.istio-system", "productpage.bookinfo"):
        traces = world.ask(mesh.http_port, world.query(
            mesh.base_path + "/api/traces", service=service, limit=5000, start=(AT - WINDOW - 60) * 10**6, end=AT * 10**6,
        )).json()["data"]
        for trace in traces:
            spans = {span["spanID"]: span for span in trace["spans"]}
            if trace["traceID"] in seen:
                continue
            seen.add(trace["traceID"])
            for span in trace["spans"]:
                parent = span["references"] and spans.get(span["references"][0]["spanID"])
                if parent and tag(span, "span.kind") == "server" and tag(parent, "span.kind") == "client" \
                        and (AT - WINDOW) * 10**6 < span["startTime"] + span["duration"] <= AT * 10**6:
                    calls[workload_of(parent), workload_of(span)][str(tag(span, "http.status_code"))] += 1
    return calls


def elements(graph):
    nodes = {node["data"]["id"]: node["data"] for node in graph["elements"]["nodes"]}
    return nodes, [edge["data"] for edge in graph["elements"]["edges"]]


def name_of(node):
    return f"{node['namespace']}/{node.get('aggregate') or node.get('workload') or node.get('service')}"


def edges_of(graph):
    """Edges by the names of their ends and the protocol."""
    nodes, edges = elements(graph)
    return {(name_of(nodes[e["source"]]), name_of(nodes[e["target"]]), e["traffic"]["protocol"]): e["traffic"] for e in edges}


def ask(api, namespaces="bookinfo", **query):
    return api.get(ROUTE, namespaces=namespaces, queryTime=AT, duration=f"{WINDOW}s", **query).json()


def test_nodes_edges_and_rates_are_those_of_the_requests(shared, metered):
    calls = {ends: count for ends, count in calls_of(shared[0]).items() if any(end.startswith("bookinfo/") for end in ends)}
    assert len(calls) > 6
    graph = ask(metered, appenders="")
    edges = edges_of(graph)
    # What a caller without a proxy asks for has no span of the caller.
    assert {(source, target) for source, target, _ in edges if source != "unknown/unknown"} == set(calls)
    for (source, target), by_status in calls.items():
        traffic = edges[source, target, "http"]
        counted = sum(by_status.values())
        rate = float(traffic["rates"]["http"]) * WINDOW
        assert abs(rate - counted) <= max(0.02 * counted, 0.005 * WINDOW), (source, target, rate, counted)
        failed = sum(count for status, count in by_status.items() if status >= "5")
        assert abs(float(traffic["rates"].get("http5xx", 0)) * WINDOW - failed) <= max(0.02 * failed, 0.005 * WINDOW)
    assert graph["timestamp"] == AT and graph["duration"] == WINDOW
    assert graph["meta"]["dropped"] == [] and graph["meta"]["warnings"] == []


def test_more_namespaces_are_not_more_questions(metered):
    def questions(namespaces):
        # Another second each time: nothing is kept of it.
        questions.at -= 1
        graph = metered.get(ROUTE, namespaces=namespaces, queryTime=questions.at, duration="600s", appenders="").json()
        (cost,) = [cost for cost in graph["meta"]["upstream"] if cost["name"] == "prometheus"]
        return cost["calls"]

    questions.at = AT - 100
    assert questions("bookinfo") == questions("api-gateway,bookinfo,travel-agency") == 6


def test_namespaces_together_say_what_they_say_alone(metered):
    together = edges_of(ask(metered, "bookinfo,istio-system,travel-agency", appenders=""))
    for namespace in ("bookinfo", "travel-agency"):
        for ends, traffic in edges_of(ask(metered, namespace, appenders="")).items():
            # The share of a source outside is of what it sends into the namespace.
            assert together[ends]["rates"]["http"] == traffic["rates"]["http"], ends


@pytest.mark.parametrize("kind, ids", [("workload", "workload"), ("versionedApp", "workload"), ("app", "app"), ("service", "service")])
def test_types_of_graphs(metered, kind, ids):
    nodes, edges = elements(ask(metered, graphType=kind, appenders=""))
    inside = [node for node in nodes.values() if node["nodeType"] != "box" and not node.get("isOutside")]
    assert inside and edges
    assert all(node.get(ids) or node.get("isRoot") for node in inside)
    total = sum(float(edge["traffic"]["rates"]["http"]) for edge in edges)
    assert total > 0.3


@pytest.mark.parametrize("services", ["false", "true"])
def test_every_call_has_a_response_time(metered, services):
    """Calls that reached nobody, too: there the callers' proxies know how long it took to fail."""
    nodes, edges = elements(ask(metered, appenders="responseTime", injectServiceNodes=services))
    ends = {(name_of(nodes[edge["source"]]), name_of(nodes[edge["target"]])): edge for edge in edges}
    timed = {names for names, edge in ends.items() if "responseTime" in edge}
    if services == "false":
        assert timed == set(ends), set(ends) - timed
    else:  # of a call over a service's node the half behind it has the time
        served = {nodes[edge["source"]]["id"] for edge in edges}
        assert timed == {names for names, edge in ends.items() if edge["target"] not in served or nodes[edge["source"]].get("isInjected")}


def test_a_graph_around_a_node_has_its_edges(metered):
    whole = edges_of(ask(metered, appenders=""))
    query = {"queryTime": AT, "duration": f"{WINDOW}s", "appenders": ""}
    around = edges_of(metered.get("/api/namespaces/bookinfo/workloads/reviews-v2/graph", **query).json())
    assert around == {
        ends: {**traffic, "rates": around[ends]["rates"]}
        for ends, traffic in whole.items() if "bookinfo/reviews-v2" in ends
    }
    service = edges_of(metered.get("/api/namespaces/bookinfo/services/ratings/graph", **query).json())
    assert set(service) == {ends for ends in whole if ends[1] == "bookinfo/ratings-v1"}
    app = edges_of(metered.get("/api/namespaces/bookinfo/applications/reviews/graph", graphType="versionedApp", **query).json())
    assert {ends for ends in whole if "reviews" in ends[0] + ends[1]} == set(app)


def test_graphs_of_a_version_and_of_what_requests_have_in_common(metered):
    query = {"queryTime": AT, "duration": f"{WINDOW}s", "appenders": ""}
    version = edges_of(metered.get("/api/namespaces/bookinfo/applications/reviews/versions/v2/graph", graphType="versionedApp", **query).json())
    assert version
    assert all("reviews-v2" in ends[0] + ends[1] for ends in version)
    common = "/api/namespaces/bookinfo/aggregates/request_protocol/http"
    kind = "bookinfo/request_protocol=http"
    every = edges_of(metered.get(common + "/graph", **query).json())
    assert all(kind in ends for ends in every)
    assert {ends[1] for ends in every if ends[0] == kind} >= {"bookinfo/reviews-v1", "bookinfo/ratings-v1", "bookinfo/details-v1"}
    one = edges_of(metered.get(common + "/details/graph", **query).json())
    assert {ends[1] for ends in one if ends[0] == kind} == {"bookinfo/details-v1"}


def test_kinds_of_requests_change_no_sum(metered):
    def traffic_of(graph):
        return {name_of(node): node.get("traffic") for node in elements(graph)[0].values() if node["nodeType"] != "aggregate"}

    kinds = ask(metered, appenders="aggregateNode", aggregate="response_code")
    assert traffic_of(kinds) == traffic_of(ask(metered, appenders=""))
    edges = edges_of(kinds)
    # Requests that never reached their target have no kind: nobody there could say.
    to_ratings = {ends[0]: traffic for ends, traffic in edges.items() if ends[1] == "bookinfo/ratings-v1"}
    answered = to_ratings["bookinfo/response_code=200"]
    assert set(answered["responses"]) == {"200"}
    assert ("bookinfo/reviews-v2", "bookinfo/response_code=200", "http") in edges


def test_a_trace_on_the_graph_has_a_place_or_a_reason_for_each_span(metered):
    period = {"startMicros": NOW - WINDOW * 10**6, "endMicros": NOW}
    found = metered.get("/api/namespaces/bookinfo/apps/productpage/traces", limit=3, **period).json()["data"]
    ids = [trace["traceID"] for trace in found]
    laid = metered.get(f"/api/traces/{ids[0]}/graph", queryTime=AT, namespaces="bookinfo").json()
    assert laid["placed"] + len(laid["unplaced"]) == laid["total"] == len(found[0]["spans"])
    assert laid["placed"] and [hop["order"] for hop in laid["hops"]] == sorted(hop["order"] for hop in laid["hops"])
    assert all(one["reason"] == "namespace_not_on_graph" and one["namespace"] == "istio-system" for one in laid["unplaced"])
    body = json.dumps({"traceIDs": ids})
    flow = metered.get("/api/traces/graph", 200, "POST", {"Content-Type": "application/json"}, body, namespaces="bookinfo", queryTime=AT).json()
    assert sorted(trace["traceID"] for trace in flow["traces"]) == sorted(ids)
    assert {trace["traceID"]: trace["total"] for trace in flow["traces"]} == {trace["traceID"]: len(trace["spans"]) for trace in found}
    assert flow["placed"] == sum(trace["placed"] for trace in flow["traces"]) > 0


# One call each so many seconds: source, target, protocol, seconds.
ZOO = [
    ("bookinfo/productpage-v1", "bookinfo/currency-v1", "grpc", 3),
    ("travel-agency/cars-v1", "travel-agency/hotels-v1", "http", 6),
    ("bookinfo/details-v1", "unknown/PassthroughCluster", "http", 7),
    ("bookinfo/reviews-v3", "unknown/BlackHoleCluster", "http", 15),
]


def test_every_class_of_traffic(launch):
    mesh, prometheus = launch.prometheus(mesh="graph-zoo", history=3600)
    console = launch.console_for(mesh, "grpc", {"external_services": {"prometheus": {"url": prometheus.url}}}, wait="/readyz")
    at = int(mesh.metrics_history()["to"]) // 15 * 15
    namespaces = "bookinfo,istio-system,travel-agency"
    graph = console.get(ROUTE, namespaces=namespaces, queryTime=at, duration="1500s", appenders="", includeIdleEdges="true").json()
    edges = edges_of(graph)
    for source, target, protocol, seconds in ZOO:
        rate = float(edges[source, target, protocol]["rates"][protocol])
        # Two decimals are shown; a call more or less is at the window's ends.
        assert abs(rate - 1 / seconds) <= 0.02 / seconds + 0.005 + 1 / 1500, (source, target, rate)
    # How long calls took that nobody serves, their callers know.
    timed = console.get(ROUTE, namespaces=namespaces, queryTime=at, duration="1500s", appenders="responseTime").json()
    nodes, carried = elements(timed)
    outside = {nodes[edge["target"]].get("service"): edge for edge in carried if nodes[edge["target"]]["namespace"] == "unknown"}
    assert all("responseTime" in outside[service] for service in ("PassthroughCluster", "BlackHoleCluster")), outside
    zoo = {ends: traffic for ends, traffic in edges.items() if ends[2] in ("tcp", "grpc") or "loyalty" in ends[0]}
    assert float(zoo["bookinfo/ratings-v1", "bookinfo/mysqldb-v1", "tcp"]["rates"]["tcp"]) > 10
    assert set(zoo["unknown/unknown", "bookinfo/mysqldb-v1", "tcp"]["responses"]) == {"-"}
    assert "14" in zoo["bookinfo/productpage-v1", "bookinfo/currency-v1", "grpc"]["responses"]
    assert zoo["travel-agency/flights-v1", "travel-agency/fares.example.com", "tcp"]["rates"]["tcp"]
    entering = [traffic for ends, traffic in edges.items() if ends[0] == "istio-system/istio-ingressgateway"]
    assert [list(traffic["responses"]["-"]["flags"]) for traffic in entering if "-" in traffic["responses"]] == [["DC"]]
    idle = [traffic for ends, traffic in edges.items() if ends[0].endswith("/loyalty-v1")]
    assert idle == [{"protocol": "http"}]


def test_without_prometheus_there_is_no_graph(launch, shared):
    prometheus = {"external_services": {"prometheus": {"url": "http://127.0.0.1:1"}}}
    console = launch.console_for(shared[0], "grpc", prometheus, wait="/healthz")
    deadline = time.monotonic() + 60
    while (answer := console.get(ROUTE, status=503, namespaces="bookinfo").json())["code"] == "cluster_syncing":
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert answer["code"] == "upstream_unreachable"
