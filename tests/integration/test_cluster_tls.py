"""The cluster over HTTPS, as a real one is: with a kubeconfig, as a pod sees it, and for kubectl."""
import json
import os
import shutil
import subprocess

import pytest

import demo_world as world
from conftest import NOW, Launcher
from demo_tls import Authority
from test_kubectl import needs_kubectl, KUBECTL, table
from test_program import eventually
from visitor import web_token

WORKLOADS = "/api/clusters/workloads"
ACCOUNT = "var/run/secrets/kubernetes.io/serviceaccount"


@pytest.fixture(scope="module")
def launcher(request, build_dir, contract, tmp_path_factory):
    made = Launcher(build_dir, tmp_path_factory.mktemp("tls"), contract)
    request.addfinalizer(made.stop)
    return made


@pytest.fixture(scope="module")
def mesh(launcher):
    flags = ["--start-micros", str(NOW), "--kubernetes-anonymous", "none"]
    return launcher.mesh(mesh="fixture", flags=flags, authority=Authority(launcher.new_folder()))


def kubectl(mesh, tmp_path, user, *arguments, status=0, authority=None):
    trusted = authority or mesh.authority
    command = [KUBECTL, "--server", f"https://localhost:{mesh.kubernetes_port}", "--certificate-authority", trusted.certificate,
               "--token", world.token_of(user), *arguments]
    # A home of its own: kubectl keeps there what it has discovered, and reads somebody's configuration.
    environment = {**os.environ, "HOME": str(tmp_path), "KUBECONFIG": os.devnull}
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, env=environment)
    assert done.returncode == status, done.stderr[-2000:]
    return done.stdout if status == 0 else done.stderr


@needs_kubectl
def test_kubectl_reads_with_the_rights_of_its_token(mesh, tmp_path):
    rows = table(kubectl(mesh, tmp_path, "demo-admin", "get", "pods,deployments", "-A"))
    assert [row[1].split("/")[0] for row in rows if "/" in row[1]].count("deployment.apps") == 18
    assert "pod/ratings-v1-" in kubectl(mesh, tmp_path, "demo-a", "get", "pods", "-n", "bookinfo", "-o", "name")
    refused = kubectl(mesh, tmp_path, "demo-a", "get", "pods", "-A", status=1)
    assert "forbidden" in refused and "demo-a" in refused
    lines = kubectl(mesh, tmp_path, "demo-a", "logs", "-n", "bookinfo", "deployment/ratings-v1", "-c", "istio-proxy", "--tail", "5")
    assert len(lines.splitlines()) == 5


@needs_kubectl
def test_kubectl_trusts_nobody_else(mesh, tmp_path):
    stranger = Authority(tmp_path / "stranger", "Somebody else")
    assert "certificate signed by unknown authority" in kubectl(
        mesh, tmp_path, "demo-admin", "get", "pods", "-A", status=1, authority=stranger)


def test_plain_http_is_told_that_this_is_https(mesh):
    answer = world.ask(mesh.kubernetes_port, "/version")
    assert answer.status == 400 and b"HTTPS server" in answer.body


def names_of(answer):
    return sorted(item["name"] for item in answer.json()["workloads"])


def pods_of(answer):
    return {pod["name"] for pod in answer.json()["pods"]}


def test_a_kubeconfig_leads_there(launcher, mesh):
    api = launcher.console_for(mesh, "http", wait="/readyz")
    assert "reviews-v2" in names_of(api.get(WORKLOADS))
    logs = api.get("/api/namespaces/bookinfo/workloads/ratings-v1/logs", tail=10).json()
    assert len(logs["entries"]) == 10 and all(source["state"] == "ok" for source in logs["sources"])
    # Its watches go on over TLS.
    details = "/api/namespaces/bookinfo/workloads/details-v1"
    before = pods_of(api.get(details))
    mesh.roll_out("details-v1")
    api.console.wait(details, until=lambda answer: pods_of(answer) != before)


class Pod:
    """A console that finds itself in a pod of the mesh's cluster: `account` is where its service account is mounted."""

    def __init__(self, launcher, mesh, authority, token):
        folder = launcher.new_folder()
        self.account = folder / ACCOUNT
        self.account.mkdir(parents=True)
        self.mount("first", authority, token)
        (self.account / "..data").symlink_to("first")
        for name in ("token", "ca.crt", "namespace"):
            (self.account / name).symlink_to(f"..data/{name}")
        settings = {"internal_url": mesh.url("http"), "use_grpc": False}
        self.console = world.Console(
            launcher.build_dir, folder, world.free_port(), world.free_port(), settings,
            {"meshscope": {"kubernetes": {"enabled": True}, "probe_interval": "1s"}},
            env={"KUBERNETES_SERVICE_HOST": "127.0.0.1", "KUBERNETES_SERVICE_PORT": str(mesh.kubernetes_port)},
            flags=["--mount-root", folder],
        )
        launcher.processes.append(self.console.process)
        self.console.wait("/healthz")

    def mount(self, version, authority, token):
        made = self.account / version
        made.mkdir()
        (made / "token").write_text(token + "\n")
        shutil.copy(authority.certificate, made / "ca.crt")
        (made / "namespace").write_text("istio-system")

    def replace(self, version, authority, token):
        """As a kubelet does it: all files at once, by one link."""
        self.mount(version, authority, token)
        (self.account / "..new").symlink_to(version)
        os.replace(self.account / "..new", self.account / "..data")


def reason_of(answer):
    """Why the cluster is not there; "" for no reason."""
    return str(next(part for part in answer.json() if part["name"] == "kubernetes").get("reason", ""))


def test_a_pod_finds_its_cluster_and_takes_what_is_mounted_anew(launcher, mesh):
    stranger = Authority(launcher.new_folder(), "Somebody else")
    pod = Pod(launcher, mesh, stranger, world.token_of("demo-server"))
    pod.console.wait("/api/istio/status", until=lambda answer: "certificate" in reason_of(answer))
    assert world.ask(pod.console.port, "/readyz").status == 503
    # The file that tells whom to trust is exchanged: no restart.
    pod.replace("second", mesh.authority, world.token_of("demo-server"))
    pod.console.wait("/readyz", patience=60)
    assert "reviews-v2" in names_of(pod.console.ask(WORKLOADS))


def test_a_pods_token_is_read_again(launcher, mesh):
    def asked_as(user):
        return mesh.counts()["kubernetes_users"].get(user, 0)

    # The old one is no longer taken when the new one is there.
    pod = Pod(launcher, mesh, mesh.authority, web_token("stranger-of-old"))
    pod.console.wait("/api/istio/status", until=lambda answer: "401" in reason_of(answer))
    assert world.ask(pod.console.port, "/readyz").status == 503
    before = asked_as("demo-admin")
    pod.replace("second", mesh.authority, world.token_of("demo-admin"))
    pod.console.wait("/readyz", patience=60)
    eventually(lambda: asked_as("demo-admin") > before, True)
    assert json.dumps(names_of(pod.console.ask(WORKLOADS))).count("reviews") == 3
