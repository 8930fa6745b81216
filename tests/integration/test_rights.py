"""Who sees what, over real processes: every route of the contract, asked by users of different rights."""
import concurrent.futures
import gzip
import json
import re
import time
import typing
import urllib.parse

import pytest

import demo_world as world
from conftest import NOW
from fake_jaeger import FakeJaeger
from otlp_collector import Collector
from test_program import eventually
from visitor import SESSION, Visitor, bearer, web_token

NAMESPACES = ("api-gateway", "auditors", "bank", "bookinfo", "istio-system", "travel-agency")
SEES = {
    "demo-admin": set(NAMESPACES),
    "demo-a": {"bookinfo"},
    "demo-b": {"travel-agency"},
    "demo-c": {"bank"},
    "demo-nobody": set(),
    None: set(),  # without a token
}
# Who needs no login may ask these, which tell nothing of the mesh.
OPEN = {"authInfo", "root", "logout", "openapi", "healthz", "readyz"}
# What only one namespace has a name for; a contract has examples.
TELLING = {
    "api-gateway": ("krakend",),
    "bank": ("tellers",),
    "auditors": ("auditors",),
    "bookinfo": ("bookinfo", "productpage", "reviews", "ratings"),
    "travel-agency": ("travel-agency", "cars", "discounts", "insurances"),
}
WINDOW = {"startMicros": NOW - 600_000_000, "endMicros": NOW + 1}
THIRD = {"startMicros": NOW - 1_200_000_000, "endMicros": NOW + 1}  # of an hour
# Names of each kind that the routes of a namespace are asked for.
SOME = 3


# What is posted here is a token, and the answer holds nothing of the mesh.
NOTHING_OF_THE_MESH = {"login"}


def marker(namespace):
    return f"mark-{namespace}"


class Ask(typing.NamedTuple):
    """One question: all of it, and the namespaces that it names as its own."""
    method: str
    target: str
    body: str | None
    about: frozenset

    def of(self, console, headers):
        posted = {"Content-Type": "application/json"} if self.body else {}
        return console.ask(self.target, method=self.method, headers={**posted, **headers}, body=self.body)

    def __str__(self):
        return f"{self.method} {self.target} {self.body or ''}"[:2000]


class Targets:
    """What to ask so that every route that can answers with something of every namespace; found out as the admin."""

    def __init__(self, mesh, console):
        self.jaeger = mesh.url("grpc")
        self.ask = lambda path, **query: console.get(path, headers=bearer(world.token_of("demo-admin")), **query)
        # Kinds that not every cluster has come a little later than those it cannot do without.
        eventually(lambda: any(item["gvk"]["Kind"] == "WorkloadGroup" for item in self.workloads()), True)
        workloads = self.workloads()
        self.names = {
            "workload": self.by_namespace(workloads),
            "app": self.by_namespace(self.ask("/api/clusters/apps").json()["applications"]),
            "service": self.by_namespace(self.ask("/api/clusters/services").json()["services"]),
            "pod": self.pods(workloads),
        }
        self.tracing_services = self.ask("/api/tracing/services").json()["data"]
        self.traces = self.some_traces()

    def workloads(self):
        return self.ask("/api/clusters/workloads").json()["workloads"]

    def by_namespace(self, items):
        return {ns: [item["name"] for item in items if item["namespace"] == ns][:SOME] for ns in NAMESPACES}

    def pods(self, workloads):
        found = {}
        for namespace, names in self.by_namespace(workloads).items():
            details = [self.ask(f"/api/namespaces/{namespace}/workloads/{name}").json() for name in names]
            found[namespace] = [pod["name"] for detail in details for pod in detail["pods"]][:SOME]
        return found

    def some_traces(self):
        ids = []
        for service in self.tracing_services:
            traces = self.ask("/api/traces", service=service, limit=1, **WINDOW).json()["data"]
            ids += [trace["traceID"] for trace in traces]
        return sorted(set(ids))

    def asks(self, operation):
        """Everything that is asked of an operation."""
        if operation.method == "GET":
            for path, parameters in self.of(operation):
                target = world.query(path, **parameters)
                yield Ask("GET", target, None, about(target))
            return
        for parameters, body, own in self.posts(operation):
            yield Ask(operation.method, world.query(operation.template, **parameters), json.dumps(body), frozenset(own))

    def posts(self, operation):
        """(query, body, the namespaces that it is about) of what is posted. A route that is not known here fails."""
        ids = {"traceIDs": self.traces}
        if operation.id == "traceHeatmaps":
            yield from (({}, {**ids, **more}, ()) for more in ({}, {"mode": "kiali"}, {"at": "now"}))
            for namespace in NAMESPACES:
                for workload in self.names["workload"][namespace][:1]:
                    yield {}, {**ids, "namespace": namespace, "workload": workload}, ()
        elif operation.id == "metricStats":
            queries = {namespace: [self.stats_of(namespace, name) for name in self.names["workload"][namespace]]
                       for namespace in NAMESPACES if self.names["workload"][namespace]}
            yield from (({}, {"queries": some}, (namespace,)) for namespace, some in queries.items())
            yield {}, {"queries": sum(queries.values(), [])}, ()
        elif operation.id == "tracesOnGraph":
            for some in (*([namespace] for namespace in NAMESPACES), NAMESPACES):
                moment = {"queryTime": NOW // 1_000_000, "duration": "1800s"}
                yield {"namespaces": ",".join(some), **moment}, ids, some
        elif operation.id == "tracingCheck":
            yield {}, {"internalURL": self.jaeger, "useGRPC": True}, ()
        else:
            raise AssertionError(f"{operation.template}: nothing is known to post")

    @staticmethod
    def stats_of(namespace, workload):
        target = {"namespace": namespace, "name": workload, "kind": "workload"}
        return {"target": target, "direction": "inbound", "interval": "10m", "avg": True, "quantiles": ["0.5"],
                "queryTime": NOW // 1_000_000}

    def of(self, operation):
        """(target, query) pairs of a GET. A part of a path that is not known here fails."""
        template = operation.template
        query = [{}]
        if "endMicros" in operation.query:
            query = [WINDOW, {**WINDOW, "limit": 1}]
        if template == "/api/traces":
            query = [{**WINDOW, "service": service} for service in self.tracing_services]
            query += [{**WINDOW, "service": "ratings.bookinfo", **more}
                      for more in ({"errors": "true"}, {"tags": json.dumps({"note": marker("bookinfo")})})]
        if operation.definition["tags"] == ["metrics"] and "queryTime" in operation.query:
            query = [{"queryTime": NOW // 1_000_000, **({"direction": "inbound"} if "direction" in operation.query else {})}]
        if operation.definition["tags"] == ["graph"]:
            query = [{"queryTime": NOW // 1_000_000, "duration": "1800s"}]
            if template == "/api/namespaces/graph":
                query = [{"namespaces": names, **query[0]} for names in (*NAMESPACES, ",".join(NAMESPACES))]
        elif template.endswith("/errortraces"):
            query = [{"duration": 3600}]
        elif "namespaces" in operation.query and operation.query["namespaces"].get("required"):
            query = [{"namespaces": ",".join(NAMESPACES)}]
        if template == "/api/tracing/explain":
            query = [{**WINDOW, "namespace": namespace, "workload": name}
                     for namespace in NAMESPACES for name in self.names["workload"][namespace]]
        if template.endswith("/pods/{pod}/logs"):
            query = [{}, {"container": "istio-proxy"}, {"logType": "ztunnel"}]
        if template.endswith("/workloads/{workload}/logs"):
            query = [{"since": "600s"}, {"tail": 100, "spans": "true"}]
        parts = re.findall(r"{(\w+)}", template)
        for path in self.paths(template, parts):
            for parameters in query:
                yield path, parameters

    def paths(self, template, parts):
        if not parts:
            return [template]
        if parts == ["traceID"]:
            return [template.format(traceID=trace) for trace in self.traces]
        if parts == ["a", "b"]:
            return [template.format(a=a, b=b) for a, b in zip(self.traces, self.traces)]
        if parts == ["service"]:
            return [template.format(service=name) for name in self.tracing_services]
        if parts == ["namespace", "aggregate", "value"]:
            return [template.format(namespace=namespace, aggregate="response_code", value=200) for namespace in NAMESPACES]
        fixed = {"version": "v1", "aggregate": "response_code", "aggregateValue": "200"}
        if any(part in fixed for part in parts):
            # Around each name, or once a namespace.
            (named,) = [part for part in parts if part != "namespace" and part not in fixed] or [None]
            return [template.format(**fixed, namespace=namespace, **({named: name} if named else {}))
                    for namespace in NAMESPACES for name in (self.names[named][namespace] if named else [None])]
        assert parts[0] == "namespace" and len(parts) <= 2, f"{template}: nothing is known to ask for"
        if len(parts) == 1:
            return [template.format(namespace=namespace) for namespace in NAMESPACES]
        return [template.format(**{"namespace": namespace, parts[1]: name})
                for namespace in NAMESPACES for name in self.names[parts[1]][namespace]]


@pytest.fixture(scope="module")
def targets(guarded):
    return Targets(*guarded)


@pytest.fixture(scope="module")
def operations(contract):
    return [operation for operation in contract.operations if operation.id not in NOTHING_OF_THE_MESH]


def everything_of(answer):
    """All that an answer says: its headers and its body, unpacked."""
    body = answer.body
    if answer.headers.get("Content-Encoding") == "gzip":
        body = gzip.decompress(body)
    head = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
    return head + "\n\n" + body.decode()


def about(target):
    """The namespaces that a target names as its own."""
    listed = re.match("/api/namespaces/graph.*[?&]namespaces=([^&]*)", target)
    own = re.search("/namespaces/([^/?]+)|/tracing/explain.*[?&]namespace=([^&]+)", target)
    return frozenset(urllib.parse.unquote(listed[1]).split(",") if listed else [own[1] or own[2]] if own else [])


COSTS = '"name":"jaeger","calls"'


def markers_in(text):
    return {namespace for namespace in NAMESPACES if marker(namespace) in text}


def answers(guarded, operation, targets, user):
    """(question, status, all of the answer) for everything that is asked of an operation."""
    headers = {"Accept-Encoding": "gzip", **(bearer(world.token_of(user)) if user else {})}
    for ask in targets.asks(operation):
        answer = ask.of(guarded[1].console, headers)
        yield ask, answer.status, everything_of(answer)


@pytest.fixture(scope="module")
def seen_by_all(guarded, targets, operations):
    """By question, the namespaces whose marker the admin finds in the answer."""
    found = {}
    billed = set()
    for operation in operations:
        for ask, status, text in answers(guarded, operation, targets, "demo-admin"):
            if COSTS in text:
                billed.add(operation.id)
            # No session to extend; a pod whose container is not named.
            assert status in (200, 204) or operation.id in ("extendLogin", "podLogs"), f"{ask}: {text[:2000]}"
            found[ask] = markers_in(text)
    assert {"appTraces", "appSpans", "searchTraces", "trace", "workloadLogs", "workloadTraces"} <= billed
    return found


def test_the_admin_finds_every_namespace(targets, operations, seen_by_all):
    """Else the scan below would prove nothing."""
    marked = ("namespaces", "namespaceInfo", "workloads", "workload", "apps", "app", "services", "service", "trace",
              "appTraces", "appSpans", "serviceTraces", "serviceSpans", "workloadTraces", "workloadSpans", "workloadLogs")
    by_id = {operation.id: operation for operation in operations}
    for name in marked:
        found = [seen_by_all[ask] for ask in targets.asks(by_id[name])]
        assert set().union(*found) >= {"bookinfo", "travel-agency"}, name
    of_ztunnel = [seen_by_all[ask] for ask in targets.asks(by_id["podLogs"])
                  if "/bank/" in ask.target and "logType=ztunnel" in ask.target]
    assert {"bank", "auditors"} in of_ztunnel


@pytest.mark.parametrize("user", [user for user in SEES if user])
def test_traces_that_are_posted_are_told_to_whom_sees_them(guarded, targets, user):
    """These answers are numbers: who may not see a trace learns as much as of one that is not there."""
    def post(path, body, **query):
        headers = {"Content-Type": "application/json", **bearer(world.token_of(user))}
        return guarded[1].get(path, method="POST", headers=headers, body=json.dumps(body), **query).json()

    statuses = {trace: guarded[1].console.ask(f"/api/traces/{trace}", headers=bearer(world.token_of(user))).status
                for trace in targets.traces}
    assert set(statuses.values()) <= {200, 404}
    seen = {trace for trace, status in statuses.items() if status == 200}
    # Of the bank there are no traces.
    assert bool(seen) == bool(SEES[user] - {"bank"}) and (user == "demo-admin") == (len(seen) == len(targets.traces))
    none = "f" * 32
    asked = {"traceIDs": [*targets.traces, none]}
    page = post("/api/traces/heatmaps", asked)
    assert {entry["traceID"] for entry in page["heatmaps"] if "cells" in entry} == seen
    assert all(entry["missing"] == "not_found" for entry in page["heatmaps"] if entry["traceID"] not in seen)
    if user == "demo-admin":
        assert any("value" in cell for entry in page["heatmaps"] for row in entry.get("cells", []) for cell in row)
    for namespace in SEES[user]:
        flow = post("/api/traces/graph", asked, namespaces=namespace, queryTime=NOW // 1_000_000, duration="1800s")
        assert set(flow["missing"]) == set(targets.traces) - seen | {none}
        assert flow["failed"] == []


@pytest.mark.parametrize("user", [user for user in SEES if user != "demo-admin"])
def test_no_answer_holds_what_may_not_be_seen(guarded, targets, operations, seen_by_all, user):
    for operation in operations:
        for ask, status, text in answers(guarded, operation, targets, user):
            what = f"{user}: {ask}: {status}"
            if user is None and operation.id not in OPEN:
                assert status == 401, what
            found = markers_in(text)
            assert found <= SEES[user], what
            if not ask.about <= SEES[user]:
                assert status == (403 if user else 401), what
            elif user:
                assert found == seen_by_all[ask] & SEES[user], what
            if operation.id == "openapi":
                continue
            # How much was read would tell how much is hidden; lists of operations hide nothing.
            assert COSTS not in text or operation.id == "tracingOperations", what
            for namespace, words in TELLING.items():
                for word in () if namespace in SEES[user] else words:
                    asked = ask.target + (ask.body or "")
                    assert word in asked or word not in text, f"{what}: {word}"


def test_who_asks_at_once_shares_calls_and_no_rights(launch, guarded, targets):
    """The same questions of three users at the same time: searches are joined, traces remembered for all of them."""
    console = launch.guarded(guarded[0])
    users = ("demo-admin", "demo-a", "demo-b")
    paths = [f"/api/traces/{trace}" for trace in targets.traces]
    paths += [world.query("/api/traces", service=service, **WINDOW) for service in targets.tracing_services]
    paths += [world.query(f"/api/namespaces/{namespace}/apps/{app}/traces", limit=20, **WINDOW)
              for namespace, app in (("bookinfo", "productpage"), ("travel-agency", "cars"))]
    visitors = {user: Visitor(console, world.token_of(user)) for user in users}

    def ask(path, user):
        headers = {"Cookie": f"{SESSION}={visitors[user].cookies[SESSION]}"}
        return user, path, console.console.ask(path, headers=headers)

    first = {}
    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        asked = [pool.submit(ask, path, user) for _ in range(3) for path in paths for user in users]
        for done in asked:
            user, path, answer = done.result()
            assert answer.status in (200, 403, 404), answer.body[:500]
            assert markers_in(everything_of(answer)) <= SEES[user], f"{user}: {path}"
            data = answer.json().get("data", [])
            found = answer.status, [trace["traceID"] for trace in data] if isinstance(data, list) else data["spans"]
            assert first.setdefault((user, path), found) == found, f"{user}: {path}"


@pytest.mark.parametrize("query", [
    {"service": "istio-ingressgateway.istio-system"},
    {"service": "cars.travel-agency", "limit": 1},
    {"service": "productpage.bookinfo", "tags": json.dumps({"note": marker("istio-system")})},
])
def test_what_is_hidden_is_found_as_little_as_what_is_not_there(guarded, query):
    def told(asked):
        return guarded[1].get("/api/traces", headers=bearer(world.token_of("demo-a")), **asked, **WINDOW).json()

    nothing = {**query, "service": "none.none"} if "tags" not in query else {**query, "tags": '{"note": "none"}'}
    assert told(query) == told(nothing)
    assert told(query)["data"] == []


def told_apart(answer, namespace):
    """What an answer tells, without the name that was asked for."""
    body = answer.json()
    body.pop("requestId")
    return answer.status, json.dumps(body).replace(namespace, "NAMESPACE")


def test_a_hidden_namespace_and_none_are_answered_alike(guarded, targets, operations):
    headers = bearer(world.token_of("demo-a"))
    asked = set()
    for operation in operations:
        for ask in targets.asks(operation):
            if ask.about != {"travel-agency"}:
                continue
            nowhere = ask._replace(
                target=ask.target.replace("travel-agency", "no-such-place"),
                body=ask.body and ask.body.replace('"travel-agency"', '"no-such-place"'),
            )
            hidden, none = (one.of(guarded[1].console, headers) for one in (ask, nowhere))
            assert told_apart(hidden, "travel-agency") == told_apart(none, "no-such-place"), ask
            asked.add(operation.id)
    assert len(asked) > 20 and {"metricStats", "tracesOnGraph"} <= asked


def of_pod(span, workload):
    """Whether the span's proxy was of a pod of that workload: what the mesh itself says."""
    node = next((tag["value"] for tag in span["tags"] if tag["key"] == "node_id"), "")
    return node.split("~")[2:3] != [] and node.split("~")[2].startswith(workload + "-")


def newest(traces):
    return sorted(traces, key=lambda trace: (-min(s["startTime"] for s in trace["spans"]), trace["traceID"]))


@pytest.mark.parametrize("user", ["demo-admin", "demo-a"])
def test_ten_when_ten_exist(guarded, user):
    """Reviews has three versions: a page of one shows its own traces, the newest, as many as were asked for."""
    def traces(path, **more):
        answer = guarded[1].get(path, headers=bearer(world.token_of(user)), **THIRD, **more)
        return answer.json()["data"], answer.meta()

    everything, meta = traces("/api/namespaces/bookinfo/apps/reviews/traces", limit=10_000)
    assert meta["stoppedBy"] == ("complete" if user == "demo-admin" else "rights")
    for version in ("v1", "v3"):
        wanted = [trace["traceID"] for trace in newest(everything)
                  if any(of_pod(span, f"reviews-{version}") for span in trace["spans"])]
        # Many others stand between them.
        assert 20 < len(wanted) < len(everything) / 2
        page = f"/api/namespaces/bookinfo/workloads/reviews-{version}"
        for limit in (10, 10_000):
            found, meta = traces(page + "/traces", limit=limit)
            assert [trace["traceID"] for trace in found] == wanted[:limit], (version, limit)
            assert meta["returned"] == len(found)
        spans = guarded[1].get(page + "/spans", headers=bearer(world.token_of(user)), limit=10, **THIRD).json()
        assert {span["traceID"] for span in spans} == set(wanted[:10])
        assert all(of_pod(span, f"reviews-{version}") for span in spans)


@pytest.fixture
def others(request):
    """What a console talks to beside Kubernetes; each writes down what it is sent."""
    made = FakeJaeger(int(time.time() * 1e6)), Collector()
    for other in made:
        request.addfinalizer(other.stop)
    return made


def test_a_callers_token_goes_to_kubernetes_only(launch, guarded, others):
    jaeger, collector = others
    spans_to = {"enabled": True, "sampling_rate": 1, "collector_url": f"127.0.0.1:{collector.port}", "otel": {"protocol": "http"}}
    more = world.merged(world.login_settings(), {"server": {"observability": {"tracing": spans_to}}})
    api = launch.console_for(
        guarded[0], "http", more, "/readyz", internal_url=f"http://127.0.0.1:{jaeger.port}/jaeger",
        auth={"type": "bearer", "token": "the-consoles-own"},
    )
    tokens = [web_token("demo-a", jti="kept-in-a-session"), web_token("demo-a", jti="sent-by-a-script")]
    before = guarded[0].counts()["kubernetes_users"].get("demo-a", 0)
    visitor = Visitor(api, tokens[0])
    visitor.get("/api/authenticate")
    details = "/api/namespaces/bookinfo/apps/details/traces"
    for headers in ({}, bearer(tokens[1])):
        assert len(visitor.get(details, headers=headers).json()["data"]) == 1
        visitor.get("/api/traces", service="details.bookinfo", headers=headers)
        visitor.cookies.clear()
    jaeger.accepts = lambda headers: (401, "invalid token")
    refused = api.get(details, status=502, headers=bearer(tokens[1]), limit=7)
    assert guarded[0].counts()["kubernetes_users"].get("demo-a", 0) > before
    assert {headers.get("authorization") for _, _, headers, _ in jaeger.requests} == {"Bearer the-consoles-own"}
    assert api.console.stop() == 0  # which sends the last spans
    spans = collector.spans
    assert {"POST /api/authenticate", "GET /api/authenticate"} <= {span.name for span in spans}
    told = [str(jaeger.requests), str(collector.requests), everything_of(refused), api.console.process.log()]
    told += [f"{span.name} {span.state} {span.attributes} {span.resource}" for span in spans]
    for token in tokens:
        for part in (token, token.split(".")[1]):
            assert not any(part in text for text in told)
