"""kubectl applies what deploy/ renders to the simulated cluster, which checks it as an API server does: names, kinds, fields, rules."""
import base64
import json
import os
import shutil
import subprocess
import time

import pytest

import demo_world as world
from conftest import NOW
from test_manifests import DEPLOY, PLACES, rendered
from test_program import make_certificate
from visitor import bearer

KUBECTL = shutil.which("kubectl")
pytestmark = pytest.mark.skipif(KUBECTL is None, reason="there is no kubectl on this machine; ./dev test integration installs one")

# kubectl sends tokens over TLS only.
PROXY = """
global
    maxconn 64
defaults
    mode http
    timeout connect 5s
    timeout client 60s
    timeout server 60s
frontend cluster
    bind 127.0.0.1:{port} ssl crt {certificate}
    default_backend cluster
backend cluster
    server cluster 127.0.0.1:{cluster}
"""


class Cluster:
    def __init__(self, build_dir, folder, addfinalizer):
        self.mesh = world.Mesh(build_dir, folder, mesh="fixture", flags=["--start-micros", str(NOW)])
        addfinalizer(self.stop_mesh)
        make_certificate(folder, "cluster")
        self.authority = folder / "tls.crt"
        pair = folder / "pair.pem"
        pair.write_text((folder / "tls.crt").read_text() + (folder / "tls.key").read_text())
        self.port = world.free_port()
        path = folder / "haproxy.cfg"
        path.write_text(PROXY.format(port=self.port, certificate=pair, cluster=self.mesh.kubernetes_port))
        self.proxy = world.Process("haproxy", [shutil.which("haproxy") or "/usr/sbin/haproxy", "-f", path, "-db"], folder / "haproxy.log")
        addfinalizer(self.stop_proxy)
        self.home = folder
        limit = time.monotonic() + 60
        while self.run("version", status=None).returncode != 0:
            assert time.monotonic() < limit, self.proxy.log()
            time.sleep(0.1)

    def run(self, *arguments, status=0, user="demo-admin", text=None):
        command = [KUBECTL, "--server", f"https://127.0.0.1:{self.port}", "--certificate-authority", self.authority,
                   "--token", world.token_of(user), *arguments]
        environment = {**os.environ, "HOME": str(self.home), "KUBECONFIG": os.devnull}
        done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=120, env=environment)
        assert status is None or done.returncode == status, done.stdout + done.stderr
        return done

    def read(self, wanted):
        """What is kept under the names of that object."""
        def get(path):
            answer = world.ask(self.mesh.kubernetes_port, path, headers=bearer(world.token_of("demo-admin")))
            assert answer.status == 200, (path, answer.body)
            return answer.json()

        base = ("/apis/" if "/" in wanted["apiVersion"] else "/api/") + wanted["apiVersion"]
        (plural,) = [one["name"] for one in get(base)["resources"] if one["kind"] == wanted["kind"] and "/" not in one["name"]]
        meta = wanted["metadata"]
        return get(base + (f"/namespaces/{meta['namespace']}/" if "namespace" in meta else "/") + f"{plural}/{meta['name']}")

    def stop_proxy(self):
        self.proxy.child.kill()
        self.proxy.child.wait()

    def stop_mesh(self):
        assert self.mesh.stop() == 0, self.mesh.process.log()[-4000:]


@pytest.fixture(scope="module")
def cluster(request, build_dir, tmp_path_factory):
    return Cluster(build_dir, tmp_path_factory.mktemp("apply"), request.addfinalizer)


def words(done):
    """The last word of each line: created, unchanged, configured..."""
    return {line.split()[-1] for line in done.stdout.splitlines()}


@pytest.mark.parametrize("place", PLACES)
def test_each_place_is_accepted_and_kept_as_it_was_written(cluster, place):
    objects = rendered(place)[1]
    applied = cluster.run("apply", "-k", DEPLOY / place)
    assert applied.stderr == ""
    assert words(applied) == {"created"} and len(applied.stdout.splitlines()) == len(objects)
    try:
        again = cluster.run("apply", "-k", DEPLOY / place)
        # kubectl always patches the selector of a budget, which replaces itself.
        assert all(line.endswith(" unchanged") or line == "poddisruptionbudget.policy/meshscope configured" for line in again.stdout.splitlines())
        assert again.stderr == ""
        for wanted in objects:
            meta, one = wanted["metadata"], cluster.read(wanted)
            assert {key: one[key] for key in wanted if key != "metadata"} == {key: wanted[key] for key in wanted if key != "metadata"}
            assert one["metadata"].get("labels") == meta.get("labels") and one["metadata"]["uid"]
            assert one["metadata"].get("generation", 1) == 1
    finally:
        cluster.run("delete", "-k", DEPLOY / place)


def test_the_plain_file_is_applied_as_the_guide_says(cluster):
    plain = DEPLOY / "meshscope.yaml"
    system = ["-n", "istio-system"]
    assert words(cluster.run("apply", "--dry-run=server", "-f", plain)) == {"run)"}
    cluster.run("get", "deployment", "meshscope", *system, status=1)
    # As text: the simulated cluster reads JSON only, and kubectl creates single kinds in a binary form.
    made = cluster.run(*system, "create", "secret", "generic", "meshscope-signing-key", "--from-literal=key=0123456789abcdef",
                       "--dry-run=client", "-o", "json").stdout
    cluster.run("apply", "-f", "-", text=made)
    assert words(cluster.run("apply", "-f", plain)) == {"created"}
    # A second key, as docs/login.md has it.
    cluster.run(*system, "patch", "secret", "meshscope-signing-key", "-p", '{"stringData":{"also":"fedcba9876543210"}}')
    secret = json.loads(cluster.run(*system, "get", "secret", "meshscope-signing-key", "-o", "json").stdout)
    assert {name: base64.b64decode(value) for name, value in secret["data"].items()} == {"key": b"0123456789abcdef", "also": b"fedcba9876543210"}
    cluster.run(*system, "set", "image", "deploy/meshscope", "meshscope=registry.example/meshscope:2")
    cluster.run(*system, "rollout", "restart", "deploy/meshscope")
    kept = json.loads(cluster.run(*system, "get", "deploy", "meshscope", "-o", "json").stdout)
    (container,) = kept["spec"]["template"]["spec"]["containers"]
    assert container["image"] == "registry.example/meshscope:2"
    assert [port["name"] for port in container["ports"]] == ["api-port", "http-metrics"]
    assert "kubectl.kubernetes.io/restartedAt" in kept["spec"]["template"]["metadata"]["annotations"]
    assert kept["metadata"]["generation"] == 3
    # What is on top of the file goes when the file is applied again.
    assert words(cluster.run("apply", "-f", plain)) == {"configured", "unchanged"}
    listed = cluster.run(*system, "get", "deploy", "meshscope", "-o", "jsonpath={.spec.template.spec.containers[*].image}").stdout
    assert listed == "meshscope:0.1.0"
    assert "deployment.apps/meshscope" in cluster.run("get", "deploy", "-A", "-o", "name").stdout
    cluster.run("delete", "-f", plain)
    cluster.run(*system, "delete", "secret", "meshscope-signing-key")


@pytest.mark.parametrize("before, after, said", [
    ("replicas: 1", "replicsa: 1", 'unknown field "spec.replicsa"'),
    ("readOnlyRootFilesystem: true", "readOnlyRootFileSystem: true", "readOnlyRootFileSystem"),
    ("      app: meshscope\n  strategy", "      app: other\n  strategy", "does not match template `labels`"),
    ("- mountPath: /kiali-cabundle\n          name: cabundle", "- mountPath: /kiali-cabundle\n          name: bundle", "Not found"),
    ("port: 20001\n    protocol", "port: 200010\n    protocol", "between 1 and 65535"),
    ("  name: meshscope\n  namespace: istio-system\nspec:", "  name: meshscope\n  namespace: nowhere\nspec:", 'namespaces "nowhere" not found'),
    ("  verbs:\n  - list\n  - watch\n---", "  verbs: []\n---", "verbs"),
])
def test_what_is_wrong_is_refused(cluster, before, after, said):
    text = (DEPLOY / "meshscope.yaml").read_text()
    assert before in text
    assert said in cluster.run("apply", "--dry-run=server", "-f", "-", text=text.replace(before, after, 1), status=1).stderr


def test_who_may_only_read_writes_nothing(cluster):
    refused = cluster.run("apply", "-f", DEPLOY / "meshscope.yaml", user="demo-server", status=1).stderr
    assert "forbidden" in refused
    changed = cluster.run("-n", "bookinfo", "set", "image", "deploy/details-v1", "details=other:1", status=1).stderr
    assert "objects of the simulated mesh cannot be changed" in changed
