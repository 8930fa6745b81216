"""The Kubernetes side goes away, comes back, forgets and is slow: what the console shows grows old, says so, and is fresh again."""
import time

import pytest

from conftest import NOW
from test_program import eventually

WORKLOADS = "/api/clusters/workloads"
DETAILS = "/api/namespaces/bookinfo/workloads/details-v1"
# It takes 2 to 4 s. More than this would be a watch that waits out its longest pause (30 s) instead of hearing that the server is back.
SECONDS_UNTIL_FRESH = 15
# Virtual machines: workloads of Istio's own kinds.
MACHINES = {("travel-agency", "bookings", 0), ("travel-agency", "bookings-192.0.2.20", 0)}


class Cluster:
    """A mesh whose time stands still, and a console that watches it; asked with patience, never with pauses."""

    def __init__(self, launch, *flags):
        self.launch = launch
        self.flags = ["--start-micros", str(NOW), *flags]
        self.mesh = launch.mesh(mesh="fixture", flags=self.flags)
        self.api = launch.console_for(self.mesh, "http", wait="/readyz")
        # Ready is before the kinds that nothing depends on are read.
        self.wait(WORKLOADS, lambda answer: MACHINES <= set(names_of(answer)) and not off_kinds(answer))

    def wait(self, path, until, patience=60):
        self.api.console.wait(path, patience, lambda answer: answer.status == 200 and until(answer))
        return self.api.get(path)

    def details_pods(self):
        return pods_of(self.api.get(DETAILS))

    def lists(self, kind):
        return self.mesh.counts()["kubernetes"].get("list " + kind, 0)

    def start_again(self):
        """Another process on the same port, which knows nothing of what was before."""
        port = str(self.mesh.kubernetes_port)
        self.mesh = self.launch.mesh(mesh="fixture", flags=[*self.flags, "--kubernetes-port", port])


def pods_of(answer):
    return [pod["name"] for pod in answer.json()["pods"]]


def has_other_pod(answer, old):
    """The new pod has taken the old one's place. Between the two events there may be none, or both."""
    pods = pods_of(answer)
    return len(pods) == 1 and pods[0] != old and pods[0].startswith("details-v1-")


def names_of(answer):
    return [(workload["namespace"], workload["name"], workload["podCount"]) for workload in answer.json()["workloads"]]


def age_of(answer):
    return answer.meta()["cluster"]["ageMs"]


def off_kinds(answer):
    return {kind["resource"]: kind["state"] for kind in answer.meta()["cluster"]["off"]}


def is_stale(answer):
    return answer.meta()["cluster"]["stale"]


def is_fresh(answer):
    return not is_stale(answer) and age_of(answer) == 0


@pytest.fixture
def cluster(launch):
    return Cluster(launch)


def test_lists_grow_old_and_fresh_again(cluster):
    before = cluster.api.get(WORKLOADS)
    assert is_fresh(before)
    (old_pod,) = cluster.details_pods()
    cluster.mesh.set_kubernetes(state="off")
    ages = [age_of(cluster.wait(WORKLOADS, lambda answer, least=least: is_stale(answer) and age_of(answer) > least))
            for least in (0, 1000, 2000)]
    assert ages == sorted(ages)
    while_off = cluster.api.get(WORKLOADS)
    assert names_of(while_off) == names_of(before)
    cluster.api.get("/readyz")
    # What happens meanwhile is not seen.
    cluster.mesh.roll_out("details-v1")
    assert cluster.details_pods() == [old_pod]
    returned = time.monotonic()
    cluster.mesh.set_kubernetes(state="on")
    cluster.wait(DETAILS, lambda answer: is_fresh(answer) and has_other_pod(answer, old_pod))
    assert time.monotonic() - returned < SECONDS_UNTIL_FRESH


def test_another_process_on_the_same_port_is_another_history(cluster):
    """Its versions are not those of before, so everything is listed again, and what only the old one knew is gone."""
    (first_pod,) = cluster.details_pods()
    cluster.mesh.roll_out("details-v1")
    cluster.wait(DETAILS, lambda answer: has_other_pod(answer, first_pod))
    assert cluster.mesh.stop() == 0
    stale = cluster.wait(WORKLOADS, is_stale)
    assert len(stale.json()["workloads"]) > 0
    cluster.start_again()
    returned = time.monotonic()
    cluster.wait(DETAILS, lambda answer: is_fresh(answer) and pods_of(answer) == [first_pod])
    assert time.monotonic() - returned < SECONDS_UNTIL_FRESH
    assert cluster.lists("pods") == 1


def test_watches_whose_version_is_forgotten_list_again(cluster):
    lists = cluster.lists("pods")
    (old_pod,) = cluster.details_pods()
    cluster.mesh.set_kubernetes(state="expire")
    cluster.mesh.roll_out("details-v1")
    cluster.wait(DETAILS, lambda answer: is_fresh(answer) and has_other_pod(answer, old_pod))
    assert cluster.lists("pods") == lists + 1


def test_a_slow_cluster_holds_up_no_answer(launch):
    cluster = Cluster(launch)
    cluster.mesh.set_kubernetes(state="off")
    cluster.wait(WORKLOADS, is_stale)
    cluster.mesh.set_kubernetes(state="slow", latency_ms=20_000)
    # No call is answered yet, so each connection is one that waits.
    eventually(lambda: connections_to(cluster.mesh.kubernetes_port) > 0, True)
    answers = [cluster.api.get(path) for path in (WORKLOADS, DETAILS) * 10]
    assert max(answer.seconds for answer in answers) < 10
    assert all(is_stale(answer) for answer in answers)
    assert all(answer.json()["workloads"] for answer in answers[::2])
    # Through a slow cluster it is fresh again, too. Being away ends what waits.
    cluster.mesh.set_kubernetes(state="off")
    cluster.mesh.set_kubernetes(state="slow", latency_ms=500)
    cluster.wait(WORKLOADS, lambda answer: is_fresh(answer) and answer.json()["workloads"])


def connections_to(port):
    """Established ones to that port of this machine."""
    with open("/proc/net/tcp", encoding="ascii") as table:
        rows = [line.split() for line in table][1:]
    return sum(row[2:4] == [f"0100007F:{port:04X}", "01"] for row in rows)


def test_pods_that_come_and_go_are_seen_without_a_list(cluster):
    cluster.mesh.reset()
    (old_pod,) = cluster.details_pods()
    cluster.mesh.roll_out("details-v1")
    answer = cluster.wait(DETAILS, lambda answer: has_other_pod(answer, old_pod))
    assert is_fresh(answer)
    listed = {what for what in cluster.mesh.counts()["kubernetes"] if what.startswith(("list ", "page "))}
    assert listed == set()


def test_kinds_that_are_removed_are_said_and_the_others_stay(cluster):
    before = names_of(cluster.api.get(WORKLOADS))
    without = [workload for workload in before if workload not in MACHINES]
    cluster.mesh.set_kubernetes(crds="off")
    answer = cluster.wait(WORKLOADS, lambda answer: names_of(answer) == without and is_fresh(answer))
    off = off_kinds(answer)
    assert {"workloadentries.networking.istio.io", "httproutes.gateway.networking.k8s.io"} <= set(off)
    assert set(off.values()) == {"absent"}


def test_a_console_starts_before_its_cluster(launch):
    """Not ready, and saying so, until the cluster has been looked at once."""
    mesh = launch.mesh(mesh="fixture", flags=["--start-micros", str(NOW)])
    mesh.set_kubernetes(state="off")
    api = launch.console_for(mesh, "http")
    waiting = api.console.wait("/api/istio/status", until=lambda answer: b"refused" in answer.body)
    assert waiting.status == 200
    api.get("/readyz", status=503)
    assert api.get(WORKLOADS, status=503).json()["code"] == "cluster_syncing"
    mesh.set_kubernetes(state="on")
    api.console.wait("/readyz")
    assert is_fresh(api.get(WORKLOADS))
