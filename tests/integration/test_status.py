"""What the server says about itself."""
import re

import pytest

import demo_world as world
from conftest import NOW, PROTOCOLS, ROOT


def test_alive_and_ready(api):
    assert api.get("/healthz").body == b""
    ready = api.get("/readyz").json()
    assert ready["ready"] is True
    assert [upstream["name"] for upstream in ready["upstreams"]] == ["kubernetes", "tracing"]


def test_status_names_the_backend_and_its_version(both, contract):
    """Over HTTP; gRPC tells no version."""
    api = both["http"]
    names = [service["name"] for service in both["grpc"].get("/api/status").json()["externalServices"]]
    assert names == ["Kubernetes-Kubernetes", "jaeger"]
    body = api.console.wait("/api/status", until=lambda a: b"v2.20.0" in a.body).json()
    contract.validate({"$ref": "#/components/schemas/Status"}, body, "status")
    (jaeger,) = [s for s in body["externalServices"] if s["name"] == "jaeger"]
    assert jaeger["version"] == "v2.20.0"
    assert body["status"]["Kiali state"] == "running"
    assert api.get("/api/status").json()["status"] == api.get("/api").json()["status"]


def test_status_names_the_commit_where_git_knows_it(api):
    known = "[0-9a-f]{40}" if (ROOT / ".git").exists() else ""
    assert re.fullmatch(known, api.get("/api/status").json()["status"]["Kiali commit hash"])


def component(answer, name):
    (found,) = [c for c in answer.json() if c["name"] == name]
    return found


@pytest.mark.parametrize("protocol, spoken", [("grpc", "grpc"), ("http", "http")])
def test_the_backend_is_healthy(both, protocol, spoken):
    api = both[protocol]
    api.console.wait("/api/istio/status", until=lambda a: component(a, "tracing")["status"] == "Healthy")
    tracing = component(api.get("/api/istio/status"), "tracing")
    assert tracing["isCore"] is False
    assert spoken in tracing["protocol"].lower()
    assert tracing["latencyMs"] >= 0
    assert "reason" not in tracing


def test_the_cluster_is_healthy_and_current(both):
    cluster = component(both["http"].get("/api/istio/status"), "kubernetes")
    assert cluster["status"] == "Healthy"
    assert cluster["isCore"] is True
    assert cluster["version"].startswith("v1.")
    assert cluster["ageMs"] == 0
    assert cluster["lastSuccess"] > 0
    assert "reason" not in cluster


def test_a_cluster_that_refuses_the_server_is_named_with_what_it_refuses(launch):
    mesh = launch.mesh(mesh="fixture", flags=["--start-micros", str(NOW)])
    api = launch.console_for(mesh, "http", user="stranger")
    # Known at once: the cluster answers. Once its lists are refused: why nothing is known.
    api.console.wait("/api/istio/status", until=lambda a: b"401" in a.body)
    cluster = component(api.get("/api/istio/status"), "kubernetes")
    assert cluster["status"] == "NotReady"
    assert cluster["reason"]["code"] == "cluster_syncing"
    assert "account" in cluster["reason"]["hint"]["advice"]
    assert "stranger" not in str(cluster)
    assert api.get("/readyz", status=503).json()["upstreams"][0] == {"name": "kubernetes", "status": "NotReady"}
    assert "cannot be read: status 401" in api.console.process.log()


def test_gauges_of_the_cluster(both, mesh):
    api = both["http"]
    text = world.ask(api.console.metrics_port, "/metrics").body.decode()
    values = {line.rpartition(" ")[0]: float(line.rpartition(" ")[2])
              for line in text.splitlines() if line.startswith("meshscope_")}
    pods = world.ask(mesh.kubernetes_port, "/api/v1/pods").json()["items"]
    assert values['meshscope_cluster_objects{kind="pods"}'] == len(pods)
    assert values['meshscope_cluster_lists{kind="pods"}'] >= 1
    assert values['meshscope_upstream_reachable{upstream="kubernetes"}'] == 1
    assert values['meshscope_upstream_calls_in_flight{upstream="kubernetes"}'] == 0
    assert values['meshscope_upstream_calls_waiting{upstream="kubernetes"}'] == 0
    assert values["meshscope_cluster_age_seconds"] == 0
    assert values["meshscope_cluster_event_age_seconds"] >= 0


def test_tracing_is_described(both, mesh):
    body = both["http"].get("/api/tracing").json()
    assert body["enabled"] and body["integration"]
    assert body["provider"] == "jaeger"
    assert body["internalURL"] == mesh.url("http")
    assert body["namespaceSelector"] is True


def test_config_has_what_clients_need(both):
    body = both["grpc"].get("/api/config").json()
    assert body["authStrategy"] == "anonymous"
    assert body["kialiFeatureFlags"]["uiDefaults"]["tracing"]["limit"] == 100


def test_a_healthy_backend_answers_while_another_is_asked(launch):
    """Liveness depends on nothing: no upstream at all, healthy at once."""
    port = world.free_port()
    for protocol in PROTOCOLS:
        api = launch.console(
            {"internal_url": f"http://127.0.0.1:{port}/jaeger", "use_grpc": protocol == "grpc"}
        )
        assert api.get("/healthz").status == 200
        api.console.wait("/readyz")


def test_tracing_that_is_off_says_so(launch):
    api = launch.console({"enabled": False})
    body = api.get("/api/tracing").json()
    assert body["enabled"] is False
    assert body["whiteListIstioSystem"] is None
    error = api.get("/api/namespaces/bookinfo/apps/details/traces", status=503).json()
    assert "external_services.tracing.enabled" in str(error)


def test_an_external_url_alone_is_a_link_and_no_call(launch):
    mesh = launch.mesh()
    mesh.reset()
    api = launch.console({"url": mesh.url("http")})
    body = api.get("/api/tracing").json()
    assert body["enabled"] is True
    assert body["integration"] is False
    assert body["url"] == mesh.url("http")
    api.get("/api/namespaces/bookinfo/apps/details/traces", status=503)
    assert not any(mesh.counts().values())


def test_own_metrics_are_on_their_port(both):
    api = both["grpc"]
    api.get("/api/config")
    answer = world.ask(api.console.metrics_port, "/metrics")
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/plain")
    families = set(re.findall(rb"^# TYPE (\S+)", answer.body, re.M))
    assert families
    # The API's port does not show them.
    assert api.raw("/metrics").status == 404
