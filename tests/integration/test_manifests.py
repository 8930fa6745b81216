"""The manifests below deploy/: they render, fit together, ask for what the server needs, and hold configurations that it takes."""
import json
import pathlib
import re
import subprocess

import pytest
import yaml

import demo_prometheus
import demo_world as world
from conftest import NOW
from test_no_lists import counted
from test_program import eventually
from visitor import bearer

DEPLOY = pathlib.Path(__file__).resolve().parents[2] / "deploy"
PLACES = ["base", "overlays/ingress", "overlays/istio-addon", "overlays/namespaced", "overlays/replicas"]


def rendered(place):
    text = subprocess.run(["kubectl", "kustomize", DEPLOY / place], check=True, capture_output=True, text=True).stdout
    return text, list(yaml.safe_load_all(text))


@pytest.fixture(scope="module", params=PLACES)
def objects(request):
    return rendered(request.param)[1]


def of_kind(objects, kind):
    return [one for one in objects if one["kind"] == kind]


def only(objects, kind):
    (one,) = [o for o in of_kind(objects, kind) if o["metadata"]["name"] == "meshscope"]
    return one


def pod_of(objects):
    return only(objects, "Deployment")["spec"]["template"]


def configuration(objects):
    return only(objects, "ConfigMap")["data"]["config.yaml"]


def test_every_place_is_looked_at():
    assert sorted(f"overlays/{path.parent.name}" for path in DEPLOY.glob("overlays/*/kustomization.yaml")) == PLACES[1:]


def test_the_plain_file_is_what_the_base_renders():
    text = (DEPLOY / "meshscope.yaml").read_text()
    body = "".join(line for line in text.splitlines(keepends=True) if not line.startswith("#"))
    assert body == rendered("base")[0], "render it anew: deploy/README.md says how"


def test_selectors_find_the_pod(objects):
    labels = pod_of(objects)["metadata"]["labels"].items()
    selectors = [only(objects, "Deployment")["spec"]["selector"]["matchLabels"], only(objects, "Service")["spec"]["selector"],
                 only(objects, "NetworkPolicy")["spec"]["podSelector"]["matchLabels"]]
    selectors += [one["spec"]["selector"]["matchLabels"] for one in of_kind(objects, "PodDisruptionBudget")]
    for selector in selectors:
        assert selector.items() <= labels
    for monitor in of_kind(objects, "ServiceMonitor"):
        assert monitor["spec"]["selector"]["matchLabels"].items() <= only(objects, "Service")["metadata"]["labels"].items()
        ports = {port["name"] for port in only(objects, "Service")["spec"]["ports"]}
        assert {endpoint["port"] for endpoint in monitor["spec"]["endpoints"]} <= ports


def test_the_pod_may_do_little(objects):
    spec = pod_of(objects)["spec"]
    (container,) = spec["containers"]
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False, "privileged": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}
    assert all(mount.get("readOnly") for mount in container["volumeMounts"])
    assert container["resources"]["limits"]["memory"] and container["resources"]["requests"]["cpu"]


def test_ports_probes_and_mounts_name_what_is_there(objects):
    spec = pod_of(objects)["spec"]
    (container,) = spec["containers"]
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    settings = yaml.safe_load(configuration(objects))
    root = settings["server"]["web_root"].rstrip("/")
    assert ports == {"api-port": settings["server"]["port"], "http-metrics": 9090}
    for probe, path in (("startupProbe", "/healthz"), ("livenessProbe", "/healthz"), ("readinessProbe", "/readyz")):
        assert container[probe]["httpGet"] == {"path": root + path, "port": "api-port"}
    assert {port["targetPort"] for port in only(objects, "Service")["spec"]["ports"]} == set(ports)
    policy = only(objects, "NetworkPolicy")["spec"]["ingress"]
    assert [port["port"] for port in policy[0]["ports"]] == list(ports.values())
    volumes = {volume["name"]: volume for volume in spec["volumes"]}
    assert {mount["name"] for mount in container["volumeMounts"]} == set(volumes)
    assert spec["serviceAccountName"] == only(objects, "ServiceAccount")["metadata"]["name"]
    assert volumes["configuration"]["configMap"]["name"] == only(objects, "ConfigMap")["metadata"]["name"]
    # Only who logs in needs a key, and then it lies where the server looks for it.
    assert ("signing-key" in volumes) == (settings["auth"]["strategy"] != "anonymous")
    for ingress in of_kind(objects, "Ingress"):
        (rule,) = ingress["spec"]["rules"]
        assert rule["host"] == settings["server"]["web_fqdn"]
        assert rule["http"]["paths"][0]["path"] == settings["server"]["web_root"]


def test_the_server_takes_the_configuration(objects, build_dir, tmp_path):
    # The Secret of docs/install.md: its entries become files of the folder where it is mounted.
    for volume in pod_of(objects)["spec"]["volumes"]:
        if volume["name"] == "signing-key":
            assert volume["secret"] == {"secretName": "meshscope-signing-key"}
    (tmp_path / "kiali-override-secrets/login-token-signing-key").mkdir(parents=True)
    (tmp_path / "kiali-override-secrets/login-token-signing-key/key").write_text("0123456789abcdef0123456789abcdef")
    path = tmp_path / "config.yaml"
    path.write_text(configuration(objects))
    checked = subprocess.run(
        [build_dir / "app/meshscope", "--config", path, "--mount-root", tmp_path, "--check-config"], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr
    assert "warning" not in checked.stderr


def test_an_account_is_bound_to_each_role(objects):
    bindings = of_kind(objects, "ClusterRoleBinding") + of_kind(objects, "RoleBinding")
    roles = {(one["kind"], one["metadata"].get("namespace")) for one in of_kind(objects, "ClusterRole") + of_kind(objects, "Role")}
    assert {(one["roleRef"]["kind"], one["metadata"].get("namespace")) for one in bindings} == roles
    for binding in bindings:
        assert binding["subjects"] == [{"kind": "ServiceAccount", "name": "meshscope", "namespace": "istio-system"}]
    settings = yaml.safe_load(configuration(objects))
    if not settings["deployment"]["cluster_wide_access"]:
        (selector,) = settings["deployment"]["discovery_selectors"]["default"]
        assert sorted(selector["matchExpressions"][0]["values"]) == sorted(namespace for _, namespace in roles)


def granted(role):
    """{"pods", "deployments.apps"} by verb."""
    rights = {}
    for rule in role["rules"]:
        for group in rule["apiGroups"]:
            for resource in rule["resources"]:
                for verb in rule["verbs"]:
                    rights.setdefault(verb, set()).add(f"{resource}.{group}" if group else resource)
    return rights


BARE = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": {"name": "bare"}, "spec": {
    "selector": {"matchLabels": {"app": "bare"}},
    "template": {"metadata": {"labels": {"app": "bare"}}, "spec": {"containers": [{"name": "main", "image": "registry.example/main:1"}]}}}}


def test_the_role_is_what_the_server_asks_for(launch):
    mesh = launch.mesh(mesh="fixture", flags=["--start-micros", str(NOW)])
    api = launch.console_for(mesh, "http", wait="/readyz")
    role = granted(only(rendered("base")[1], "ClusterRole"))
    api.console.wait("/api/namespaces", until=lambda _: set(counted(mesh, "watch")) == role["watch"])
    assert set(counted(mesh, "list")) == role["list"] == role["watch"]
    # By name: a ReplicaSet that nothing owns.
    assert not counted(mesh, "get")
    made = world.ask(mesh.kubernetes_port, "/apis/apps/v1/namespaces/bookinfo/replicasets", "POST",
                     {**bearer(world.token_of("demo-admin")), "Content-Type": "application/json"}, json.dumps(BARE))
    assert made.status == 201, made.body
    api.console.wait("/api/namespaces/bookinfo/workloads/bare", until=lambda answer: answer.status == 200)
    eventually(lambda: set(counted(mesh, "get")), role["get"])
    # And where nobody logs in: the pod that somebody looks at, and its lines.
    pod = api.get("/api/namespaces/bookinfo/workloads/reviews-v1").json()["pods"][0]["name"]
    api.get(f"/api/namespaces/bookinfo/pods/{pod}")
    api.get(f"/api/namespaces/bookinfo/pods/{pod}/logs", container="reviews")
    open_to_all = granted(only(rendered("overlays/istio-addon")[1], "ClusterRole"))
    assert set(counted(mesh, "get")) | {"pods/log"} == open_to_all["get"]
    assert mesh.counts()["kubernetes"]["log"] == 1
    assert open_to_all["list"] == open_to_all["watch"] == role["list"]


def test_the_role_of_some_namespaces_is_what_the_server_asks_for(launch):
    role = granted(of_kind(rendered("overlays/namespaced")[1], "Role")[0])
    mesh = launch.mesh(mesh="fixture", flags=["--start-micros", str(NOW)])
    settings = yaml.safe_load(configuration(rendered("overlays/namespaced")[1]))["deployment"]
    api = launch.console_for(mesh, "http", {"deployment": settings}, wait="/readyz")
    api.console.wait("/api/namespaces", until=lambda _: set(counted(mesh, "watch")) == role["watch"])
    assert set(counted(mesh, "list")) == role["list"] == role["watch"]
    assert set(counted(mesh, "get")) == role["get"] - {"replicasets.apps"} == {"namespaces"}


def test_the_dashboard_asks_for_metrics_that_are_there(launch):
    mesh = launch.mesh(mesh="fixture", flags=["--start-micros", str(NOW)])
    api = launch.console_for(mesh, "http", wait="/readyz")
    found = api.get("/api/namespaces/bookinfo/apps/reviews/traces", limit=1, startMicros=NOW - 3_600_000_000).json()
    api.get(f"/api/traces/{found['data'][0]['traceID']}")
    exposed = world.ask(api.console.metrics_port, "/metrics").body.decode()
    dashboard = json.loads((DEPLOY / "components/monitoring/meshscope.json").read_text())
    asked = set(re.findall(r"meshscope_[a-z_]+", json.dumps([panel["targets"] for panel in dashboard["panels"]])))
    rare = {"meshscope_refused_connections_total", "meshscope_own_spans_total"}  # counted when it first happens
    assert {name for name in asked - rare if not re.search(rf"^{name}[ {{]", exposed, re.M)} == set()
    for panel in dashboard["panels"]:
        assert_in_runbook(panel["description"])


def assert_in_runbook(text):
    runbook = (DEPLOY.parent / "docs/runbook.md").read_text()
    places = {re.sub(r"[^a-z0-9 -]", "", line[3:].lower()).replace(" ", "-") for line in runbook.splitlines() if line.startswith("## ")}
    for place in re.findall(r"docs/runbook\.md#([a-z0-9-]+)", text):
        assert place in places, place


def test_prometheus_takes_the_alerts_and_each_has_its_page(tmp_path):
    (rules,) = of_kind(rendered("overlays/replicas")[1], "PrometheusRule")
    path = tmp_path / "alerts.yaml"
    path.write_text(yaml.safe_dump(rules["spec"]))
    promtool = demo_prometheus.program("promtool")
    checked = subprocess.run([promtool, "check", "rules", path], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    for rule in rules["spec"]["groups"][0]["rules"]:
        assert "docs/runbook.md#" in rule["annotations"]["runbook"]
        assert_in_runbook(rule["annotations"]["runbook"])
