"""The metric store over the whole program: what is sent to it, what is said of it, and that nothing else needs it."""
import json
import os
import subprocess
import time

import pytest

import demo_world as world
from conftest import HOUR
from fake_jaeger import FakeServer, TokenEndpoint
from test_program import eventually

SECRET = "pa55-prometheus-do-not-show"
SETTINGS = "external_services.prometheus."


class FakePrometheus(FakeServer):
    """Answers what the prober asks; `accepts(headers)` gives None or (status, text)."""

    def __init__(self):
        self.accepts = lambda headers: None
        super().__init__()

    def handle(self, method, path, headers, body):
        refused = self.accepts(headers)
        if refused:
            return refused[0], "text/plain", refused[1], {}
        data = {"resultType": "vector", "result": [{"metric": {}, "value": [time.time(), "1"]}]}
        if path.endswith("/buildinfo"):
            data = {"version": "2.53.0", "revision": "x"}
        return 200, "application/json", json.dumps({"status": "success", "data": data}), {}


@pytest.fixture
def store(request):
    fake = FakePrometheus()
    request.addfinalizer(fake.stop)
    return fake


def settings(port, **more):
    return {"external_services": {"prometheus": {"enabled": True, "url": f"http://127.0.0.1:{port}/prom", **more}}}


def component(api):
    (found,) = [one for one in api.get("/api/istio/status").json() if one["name"] == "prometheus"]
    return found


def start(launch, port, **more):
    return launch.console({"enabled": False}, settings(port, **more), wait="/readyz")


def test_a_real_prometheus_is_told_by_product_and_version(launch, static_block):
    prometheus = static_block("# TYPE up gauge\nup 1 1763683200")
    api = launch.console({"enabled": False}, {
        "external_services": {"prometheus": {"enabled": True, "url": prometheus.url}}}, wait="/readyz")
    found = component(api)
    assert found["status"] == "Healthy" and found["product"] == "Prometheus"
    assert found["version"].startswith("2.")
    (service,) = api.get("/api/status").json()["externalServices"]
    assert service["name"] == "Prometheus" and service["version"] == found["version"]
    told = api.get("/api/config").json()["prometheus"]
    assert told["enabled"] and "disabledReason" not in told
    assert told["globalScrapeInterval"] > 0 and told["storageTsdbRetention"] > 15 * 86400


def test_metrics_that_are_off_are_not_listed(launch):
    api = launch.console({"enabled": False}, wait="/readyz")
    assert api.get("/api/istio/status").json() == []


@pytest.mark.parametrize("auth, expected", [
    ({"type": "bearer", "token": SECRET}, f"Bearer {SECRET}"),
    ({"type": "basic", "username": "mesh", "password": "scope"}, "Basic bWVzaDpzY29wZQ=="),
])
def test_credentials_and_headers_are_sent(launch, store, auth, expected):
    def accepts(headers):
        good = headers.get("authorization") == expected and headers.get("x-scope-orgid") == "mesh-eu"
        return None if good else (401, "who are you")
    store.accepts = accepts
    api = start(launch, store.port, auth=auth, custom_headers={"X-Scope-OrgID": "mesh-eu"})
    assert component(api)["status"] == "Healthy"
    assert component(api)["version"] == "2.53.0"
    assert all(path.startswith("/prom/") for _, path, _, _ in store.requests)
    assert SECRET not in api.console.process.log()


def test_the_servers_own_token_is_read_again_when_it_rotates(launch, store, tmp_path):
    token = tmp_path / "token"
    token.write_text("first\n")
    store.accepts = lambda headers: None if headers.get("authorization") == "Bearer " + token.read_text().strip() else (401, "")
    more = world.merged(settings(store.port, auth={"type": "bearer", "token": str(token)}), {"meshscope": {"probe_interval": "1s"}})
    api = launch.console({"enabled": False}, more, wait="/readyz")
    assert component(api)["status"] == "Healthy"
    (tmp_path / "new").write_text("second\n")
    os.replace(tmp_path / "new", token)
    store.accepts = lambda headers: None if headers.get("authorization") == "Bearer second" else (401, "")
    eventually(lambda: any(headers.get("authorization") == "Bearer second" for _, _, headers, _ in list(store.requests)), True)
    eventually(lambda: component(api)["status"], "Healthy")


def test_a_token_by_oauth2(launch, store, request):
    tokens = TokenEndpoint("mesh scope", SECRET)
    request.addfinalizer(tokens.stop)

    def accepts(headers):
        with tokens.lock:
            return None if headers.get("authorization", "").removeprefix("Bearer ") in tokens.good else (401, "")
    store.accepts = accepts
    api = start(launch, store.port, auth={
        "type": "oauth2", "insecure_skip_verify": True,
        "oauth2": {"token_url": f"http://127.0.0.1:{tokens.port}/token", "client_id": "mesh scope", "client_secret": SECRET},
    })
    assert component(api)["status"] == "Healthy"
    assert tokens.made == 1


@pytest.mark.parametrize("answer, setting, said", [
    ((401, "no org id"), "custom_headers", "tenant"),
    ((403, "denied"), "auth", "no right"),
    ((404, "404 page not found"), "url", "unknown (404)"),
])
def test_a_store_that_refuses_is_explained(launch, store, answer, setting, said):
    store.accepts = lambda headers: answer
    found = component(start(launch, store.port))
    assert found["status"] == "Unreachable"
    assert said in found["reason"]["error"]
    assert found["reason"]["hint"]["setting"] == SETTINGS + setting


def test_an_own_health_page_gets_no_credentials_elsewhere(launch, store, request):
    page = FakePrometheus()
    request.addfinalizer(page.stop)
    api = start(launch, store.port, health_check_url=f"http://127.0.0.1:{page.port}/ok?deep=1",
                auth={"type": "bearer", "token": SECRET}, custom_headers={"X-Key": SECRET})
    assert component(api)["status"] == "Healthy"
    assert page.count("/ok?deep=1") >= 1
    assert all("authorization" not in headers and "x-key" not in headers for _, _, headers, _ in page.requests)
    assert not store.count("/-/healthy")


def test_without_a_prometheus_everything_else_works(launch, shared):
    mesh, _ = shared
    api = launch.console_for(mesh, "grpc", settings(1), wait="/readyz")
    found = component(api)
    assert found["status"] == "Unreachable" and not found["isCore"]
    assert found["reason"]["hint"]["setting"] == SETTINGS + "url"
    assert api.get("/api/namespaces/bookinfo/apps/details/traces", **HOUR).json()["data"]
    assert "upstream_reachable{upstream=\"prometheus\"} 0" in metrics_of(api)


def metrics_of(api):
    return world.ask(api.console.metrics_port, "/metrics").body.decode()


def test_a_url_that_is_none_stops_the_start(build_dir, tmp_path):
    config = tmp_path / "config.yaml"
    config.write_text("auth: {strategy: anonymous}\nexternal_services: {prometheus: {url: 'prometheus:9090'}}\n")
    done = subprocess.run([build_dir / "app" / "meshscope", "--config", config], capture_output=True, text=True, timeout=120)
    assert done.returncode == 1
    assert SETTINGS + "url" in done.stdout + done.stderr
