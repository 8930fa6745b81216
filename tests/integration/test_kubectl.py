"""kubectl against the simulated cluster: it judges the demo's side of the API, so that the console's tests stand on something."""
import http.client
import json
import os
import shutil
import subprocess

import pytest

import demo_world as world
from conftest import NOW

KUBECTL = shutil.which("kubectl")
needs_kubectl = pytest.mark.skipif(
    KUBECTL is None, reason="there is no kubectl on this machine; ./dev test integration installs one"
)


@pytest.fixture(scope="module")
def cluster(build_dir, tmp_path_factory):
    mesh = world.Mesh(
        build_dir, tmp_path_factory.mktemp("cluster"), mesh="fixture", flags=["--start-micros", str(NOW)]
    )
    yield mesh
    assert mesh.stop() == 0, mesh.process.log()[-4000:]


@pytest.fixture
def kubectl(cluster, tmp_path):
    def run(*arguments, status=0):
        command = [KUBECTL, "--server", f"http://127.0.0.1:{cluster.kubernetes_port}", *arguments]
        # A home of its own: kubectl keeps there what it has discovered, and reads somebody's configuration.
        environment = {**os.environ, "HOME": str(tmp_path), "KUBECONFIG": os.devnull}
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, env=environment)
        assert done.returncode == status, done.stderr[-2000:]
        return done.stdout if status == 0 else done.stderr

    return run


def table(text):
    return [line.split() for line in text.splitlines() if line.strip()]


@needs_kubectl
def test_pods_and_deployments_of_all_namespaces(kubectl):
    rows = table(kubectl("get", "pods,deployments", "-A"))
    assert rows[0] == ["NAMESPACE", "NAME", "READY", "STATUS", "RESTARTS", "AGE"]
    kinds = [row[1].split("/")[0] for row in rows if "/" in row[1]]
    assert kinds.count("deployment.apps") == 18
    assert kinds.count("pod") == 26
    reviews = next(row for row in rows if row[1] == "deployment.apps/reviews-v2")
    assert reviews == ["bookinfo", "deployment.apps/reviews-v2", "1/1", "1", "1", "25h"]
    job = next(row for row in rows if row[1].startswith("pod/loadtest-"))
    assert job[2:5] == ["0/1", "Completed", "0"]


@needs_kubectl
def test_names_of_all_kinds_are_known(kubectl):
    resources = table(kubectl("api-resources", "--no-headers"))
    # An absent group would be reported as an error.
    for short in ("po", "svc", "deploy", "rs", "sts", "ds", "cj", "vs", "dr", "se"):
        assert any(short in row for row in resources), short
        kubectl("get", short, "-A")
    assert "bookinfo-gateway" in kubectl("get", "gateways.networking.istio.io", "-n", "bookinfo")
    assert "travel-gateway" in kubectl("get", "gateways.gateway.networking.k8s.io", "-n", "travel-agency")


@needs_kubectl
def test_objects_selectors_and_errors(kubectl):
    pod = json.loads(kubectl("get", "pods", "-n", "bookinfo", "-l", "app=ratings", "-o", "json"))["items"][0]
    assert pod["metadata"]["ownerReferences"][0]["kind"] == "ReplicaSet"
    assert [c["name"] for c in pod["spec"]["containers"]] == ["ratings", "istio-proxy"]
    wide = table(kubectl("get", "pods", "-n", "bookinfo", "-o", "wide", "--field-selector", "spec.nodeName=demo-node-2"))
    assert len(wide) == 6 and wide[0][5:7] == ["IP", "NODE"]
    assert 'pods "nope" not found' in kubectl("get", "pod", "nope", "-n", "bookinfo", status=1)


@needs_kubectl
def test_logs(kubectl):
    lines = kubectl("logs", "-n", "bookinfo", "deployment/ratings-v1", "-c", "istio-proxy", "--tail", "5").splitlines()
    assert len(lines) == 5 and all('"GET /ratings/0 HTTP/1.1"' in line for line in lines)
    # The annotation names the container that is meant.
    assert "[details] GET /details/0" in kubectl("logs", "-n", "bookinfo", "deployment/details-v1", "--tail", "1")
    previous = kubectl("logs", "-n", "bookinfo", "deployment/ratings-v1", "--previous", "--timestamps", "--tail", "1")
    assert previous.endswith("INFO [ratings] running, 600 s\n")


@needs_kubectl
def test_a_kubeconfig_leads_to_the_cluster(cluster, tmp_path):
    path = cluster.kubeconfig(tmp_path / "config", user="demo-a")
    command = [KUBECTL, "--kubeconfig", path, "get", "namespaces", "-o", "name"]
    environment = {**os.environ, "HOME": str(tmp_path)}
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, env=environment)
    # kubectl sends no token without TLS: these are the names that everybody may read.
    assert done.returncode == 0, done.stderr[-2000:]
    assert "namespace/travel-agency" in done.stdout.split()


def test_users_have_different_rights(cluster, tmp_path):
    def pods_of(user, namespace):
        config = json.loads(cluster.kubeconfig(tmp_path / "config", user).read_text())
        headers = {"Authorization": "Bearer " + config["users"][0]["user"]["token"]}
        return world.ask(cluster.kubernetes_port, f"/api/v1/namespaces/{namespace}/pods", headers=headers).status

    seen = {user: (pods_of(user, "bookinfo"), pods_of(user, "travel-agency"))
            for user in ("demo-server", "demo-admin", "demo-a", "demo-b", "demo-nobody", "stranger")}
    assert seen == {
        "demo-server": (200, 200), "demo-admin": (200, 200), "demo-a": (200, 403),
        "demo-b": (403, 200), "demo-nobody": (403, 403), "stranger": (401, 401),
    }


def test_off_and_on_again(cluster):
    target = "/api/v1/namespaces/bookinfo/pods?limit=1"
    before = world.ask(cluster.kubernetes_port, target).json()["metadata"]["resourceVersion"]
    cluster.set_kubernetes(state="off")
    with pytest.raises(OSError):
        world.ask(cluster.kubernetes_port, target)
    # Jaeger stays.
    assert world.ask(cluster.http_port, world.BASE_PATH + "/api/services").status == 200
    cluster.set_kubernetes(state="on")
    after = world.ask(cluster.kubernetes_port, target).json()["metadata"]["resourceVersion"]
    assert after == before
    cluster.set_kubernetes(state="slow", latency_ms=300)
    assert world.ask(cluster.kubernetes_port, target).seconds >= 0.3
    cluster.set_kubernetes(state="on")
    with pytest.raises(world.DemoError, match="off, on, slow or expire"):
        cluster.set_kubernetes(state="purple")


def test_a_watch_over_the_wire(cluster):
    listed = world.ask(cluster.kubernetes_port, "/api/v1/namespaces/bookinfo/pods").json()
    version = listed["metadata"]["resourceVersion"]
    connection = http.client.HTTPConnection("127.0.0.1", cluster.kubernetes_port, timeout=60)
    connection.request("GET", f"/api/v1/namespaces/bookinfo/pods?watch=1&resourceVersion={version}")
    answer = connection.getresponse()
    assert answer.headers["Transfer-Encoding"] == "chunked"
    cluster.reset()
    cluster.roll_out("details-v1")
    events = [json.loads(answer.readline()) for _ in range(2)]
    assert [event["type"] for event in events] == ["DELETED", "ADDED"]
    assert all(event["object"]["metadata"]["labels"]["app"] == "details" for event in events)
    assert cluster.counts()["kubernetes"] == {}
    cluster.set_kubernetes(state="expire")
    last = json.loads(answer.readline())
    assert (last["type"], last["object"]["code"]) == ("ERROR", 410)
    assert answer.readline() == b""
    connection.close()
    old = world.ask(cluster.kubernetes_port, f"/api/v1/pods?watch=1&resourceVersion={version}")
    assert old.status == 410
    with pytest.raises(world.DemoError, match="no workload"):
        cluster.roll_out("nope")
