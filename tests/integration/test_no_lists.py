"""The cluster is listed once by the console itself and watched from then on: whatever is asked, nobody's request lists."""
import collections
import concurrent.futures

import pytest

import demo_world as world
from conftest import Launcher, NOW
from test_program import eventually

# For the parameters of the contract's paths; a new one fails the test until it is given here.
NAMES = {"namespace": "bookinfo", "app": "reviews", "workload": "reviews-v2", "version": "v2", "aggregate": "request_protocol", "value": "http",
         "aggregateValue": "http"}
# What a route demands beside them, by the end of its path.
AT = NOW // 1_000_000
QUERIES = {"/tracing/explain": "?namespace=bookinfo&workload=reviews-v2", "/errortraces": "?duration=3600", "/pods/{pod}/logs": "?container=reviews",
           "/clusters/metrics": f"?namespaces=bookinfo&queryTime={AT}",
           "/namespaces/graph": f"?namespaces=bookinfo&queryTime={AT}", "/graph": f"?queryTime={AT}",
           "/services/{service}/metrics": f"?direction=inbound&reporter=destination&queryTime={AT}",
           "/services/{service}/dashboard": f"?direction=inbound&reporter=destination&queryTime={AT}",
           "/{value}/metrics": f"?direction=inbound&reporter=destination&queryTime={AT}",
           "/metrics": f"?queryTime={AT}", "/dashboard": f"?queryTime={AT}"}


@pytest.fixture(scope="module")
def watched(build_dir, contract, tmp_path_factory, request):
    """A mesh and a console of their own: its counters are compared over the whole life of the console."""
    launcher = Launcher(build_dir, tmp_path_factory.mktemp("watched"), contract)
    request.addfinalizer(launcher.stop)
    mesh, prometheus = launcher.prometheus(mesh="fixture", flags=["--start-micros", str(NOW)])
    api = launcher.console_for(mesh, "http", {"external_services": {"prometheus": {"url": prometheus.url}}}, wait="/readyz")
    # Kinds that nothing depends on may still be under way: first each is listed, then each is watched.
    api.console.wait("/api/namespaces", until=lambda answer: answer.meta()["cluster"]["off"] == [])
    eventually(lambda: all_watched(mesh), True)
    return mesh, api


def counted(mesh, verb):
    """How often each kind was asked for with `verb`."""
    prefix = verb + " "
    counts = mesh.counts()["kubernetes"]
    return {what.removeprefix(prefix): count for what, count in counts.items() if what.startswith(prefix)}


def all_watched(mesh):
    return set(counted(mesh, "watch")) == set(counted(mesh, "list"))


def targets(api):
    """Every GET of the contract, filled in."""
    pods = api.get("/api/namespaces/bookinfo/workloads/reviews-v2").json()["pods"]
    found = api.get("/api/namespaces/bookinfo/apps/reviews/traces", limit=2, startMicros=NOW - 3_600_000_000).json()
    ids = [trace["traceID"] for trace in found["data"]]
    names = {**NAMES, "pod": pods[0]["name"], "traceID": ids[0], "a": ids[0], "b": ids[1]}
    for operation in api.contract.operations:
        if operation.method == "GET":
            service = "reviews" if "{namespace}" in operation.template else "reviews.bookinfo"
            query = next((query for end, query in QUERIES.items() if operation.template.endswith(end)), "")
            yield operation.template.format(**names, service=service) + query


def test_the_console_has_listed_each_kind_once(watched):
    mesh, _ = watched
    lists = counted(mesh, "list")
    assert {"namespaces", "pods", "services", "deployments.apps", "virtualservices.networking.istio.io"} <= set(lists)
    assert set(lists.values()) == {1}
    assert counted(mesh, "page") == {}  # of 500 objects each: the fixture needs one


def test_no_route_of_the_contract_lists_or_watches(watched):
    mesh, api = watched
    before = {verb: counted(mesh, verb) for verb in ("list", "page", "watch")}
    paths = list(targets(api))
    assert len(paths) > 25
    # Twice, and at once: neither the first nor the second request of anything lists.
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda path: (path, api.raw(path)), paths + paths))
    statuses = collections.Counter(answer.status for _, answer in answers)
    assert statuses[200] + statuses[204] == len(answers), [(p, a.status) for p, a in answers if a.status >= 400]
    assert {verb: counted(mesh, verb) for verb in before} == before


def test_each_resync_is_one_list_of_a_kind(watched):
    mesh, api = watched
    lists = counted(mesh, "list")
    mesh.set_kubernetes(state="expire")
    mesh.roll_out("ratings-v1")
    api.console.wait("/api/namespaces", patience=60, until=lambda _: min(counted(mesh, "list").values()) == 2)
    assert counted(mesh, "list") == {kind: 2 for kind in lists}
    # A list that was asked for is counted when it has been read.
    def metrics():
        return world.ask(api.console.metrics_port, "/metrics").body.decode()

    eventually(lambda: 'meshscope_cluster_lists{kind="pods"} 2' in metrics(), True)


def test_large_lists_come_in_pages_and_once(launch):
    mesh = launch.mesh(mesh="many-workloads")
    api = launch.console_for(mesh, "http", wait="/readyz")
    assert len(api.get("/api/clusters/workloads").json()["workloads"]) > 1000
    api.get("/api/clusters/services")
    assert counted(mesh, "list")["pods"] == 1
    assert counted(mesh, "page")["pods"] >= 2
