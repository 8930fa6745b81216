"""Why metrics count what traces do not have: gaps that are made on the mesh's side, told by what both say."""
import pytest

import demo_world as world
from conftest import NOW, Launcher
from visitor import bearer

WINDOW = {"startMicros": NOW - 1_800_000_000, "endMicros": NOW, "limit": 10_000}
GATEWAY = ("inbound", "istio-ingressgateway")


@pytest.fixture(scope="module")
def gaps(request, build_dir, contract, tmp_path_factory):
    """A mesh with a request each second whose time stands still, its Prometheus, and a console with login."""
    launcher = Launcher(build_dir, tmp_path_factory.mktemp("gaps"), contract)
    request.addfinalizer(launcher.stop)
    flags = ["--start-micros", str(NOW), "--kubernetes-anonymous", "none"]
    mesh, prometheus = launcher.prometheus(mesh="gaps", flags=flags, history=2_400)
    more = {"external_services": {"prometheus": {"url": prometheus.url}}, "meshscope": {"trace_cache_mb": 0}}
    return mesh, launcher.guarded(mesh, more=more, query_timeout=60)


class Told:
    """What the console tells of one workload: classes of the reasons by direction and peer."""

    def __init__(self, api, workload, user="demo-admin", **parameters):
        path = f"/api/namespaces/bookinfo/workloads/{workload}/reconcile"
        self.body = api.get(path, headers=bearer(world.token_of(user)), **{"lines": "false", **WINDOW, **parameters}).json()
        self.edges = {(edge["direction"], edge["peer"]["workload"]): edge for edge in self.body["edges"]}

    def classes(self, *edge):
        return [reason["class"] for reason in self.edges[edge]["reasons"]]

    def all(self):
        return {edge: self.classes(*edge) for edge in self.edges}


# What is broken, whom one asks about with which parameters, and the classes of each edge.
DETAILS = ("outbound", "details-v1")
REVIEWS = [("outbound", f"reviews-v{n}") for n in (1, 2, 3)]
PAGE = ("inbound", "productpage-v1")
RATINGS = ("outbound", "ratings-v1")
WHOLE = {GATEWAY: [], **{edge: [] for edge in REVIEWS}}
SEEDED = [
    ("sampled at 10 %", {"sampling": 10}, "reviews-v2", {}, {PAGE: ["sampling"], RATINGS: ["sampling"]}),
    ("sampled at 1 %", {"sampling": 1}, "productpage-v1", {}, {edge: ["sampling"] for edge in [*WHOLE, DETAILS]}),
    ("sampled as configured", {"sampling": 10}, "reviews-v2", {"sampling": 10}, {PAGE: [], RATINGS: []}),
    ("an exporter loses everything", {"drop": "reviews-v2:100"}, "reviews-v2", {},
     {PAGE: ["exporter_drops"], RATINGS: ["exporter_drops"]}),
    ("it loses half", {"drop": "reviews-v3:50"}, "reviews-v3", {}, {PAGE: ["exporter_drops"], RATINGS: ["exporter_drops"]}),
    ("a peer's exporter does", {"drop": "reviews-v3:100"}, "productpage-v1", {},
     {**WHOLE, REVIEWS[2]: ["exporter_drops"], DETAILS: ["flags_without_span"]}),
    ("reviews forwards no context", {"no_context": "reviews"}, "reviews-v3", {}, {PAGE: [], RATINGS: ["context_not_forwarded"]}),
    ("requests are cut off", {}, "productpage-v1", {}, {**WHOLE, DETAILS: ["flags_without_span"]}),
    ("one sees one namespace", {}, "productpage-v1", {"user": "demo-a"},
     {**WHOLE, GATEWAY: ["rights"], DETAILS: ["flags_without_span"]}),
    ("sampled, and an exporter loses everything", {"sampling": 10, "drop": "ratings-v1:100"}, "ratings-v1", {},
     {("inbound", f"reviews-v{n}"): ["exporter_drops", "sampling"] for n in (2, 3)}),
    ("sampled, and no context forwarded", {"sampling": 20, "no_context": "reviews"}, "reviews-v2", {},
     {PAGE: ["sampling"], RATINGS: ["context_not_forwarded", "sampling"]}),
    ("lost, and hidden", {"drop": "productpage-v1:100"}, "productpage-v1", {"user": "demo-a"},
     {**{edge: ["exporter_drops"] for edge in REVIEWS}, GATEWAY: ["exporter_drops", "rights"],
      DETAILS: ["exporter_drops", "flags_without_span"]}),
    ("nothing is traced", {"sampling": 0}, "reviews-v2", {}, {PAGE: ["unknown"], RATINGS: ["unknown"]}),
]


@pytest.mark.parametrize("made, workload, asked, expected", [row[1:] for row in SEEDED], ids=[row[0] for row in SEEDED])
def test_a_gap_is_told(gaps, made, workload, asked, expected):
    mesh, api = gaps
    mesh.set_gaps(**made)
    told = Told(api, workload, **asked)
    assert told.all() == expected, told.body


def test_where_nothing_is_broken_all_is_quiet_and_the_numbers_agree(gaps):
    mesh, api = gaps
    mesh.set_gaps()
    told = Told(api, "reviews-v3", lines="true")
    assert told.all() == {PAGE: [], RATINGS: []}
    for edge in told.body["edges"]:
        calls = edge["found"]["calls"]
        assert calls > 300
        assert abs(edge["requests"] - calls) <= 0.01 * calls + 2
        assert edge["found"]["ownSpans"] == edge["found"]["peerSpans"] == calls
        assert edge["lines"]["count"] == calls
        assert edge["class"] == "none"
    assert told.body["noLines"] is None
    assert told.body["sampling"] | {"requests": 0, "calls": 0} == {
        "basis": "estimated", "percent": 100, "low": 100, "high": 100, "requests": 0, "calls": 0}
    # Answers about the past are kept: asked before by another test, they cost no call.
    bill = {one["name"]: one["calls"] + one["cached"] for one in told.body["meta"]["upstream"]}
    assert bill["prometheus"] == 2


def test_too_many_traces_make_the_window_shorter(gaps):
    mesh, api = gaps
    mesh.set_gaps()
    told = Told(api, "reviews-v3", limit=100)
    used = told.body["meta"]["used"]
    assert used["startMicros"] > WINDOW["startMicros"] and used["endMicros"] == WINDOW["endMicros"]
    assert "window_cut" in [warning["code"] for warning in told.body["meta"]["warnings"]]
    assert told.all() == {PAGE: [], RATINGS: []}
    assert told.edges[PAGE]["found"]["calls"] <= 100
