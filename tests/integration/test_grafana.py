"""Grafana beside a console: its state, links to dashboards; and who starts calls to anybody."""
import json
import time
import urllib.parse

import pytest

import demo_world as world
from conftest import NOW
from fake_jaeger import FakeServer

FOUND = {"Istio Mesh": [{"title": "Istio Mesh Extended", "url": "/d/2/extended"}, {"title": "Istio Mesh", "url": "/d/1/istio-mesh"}],
         "A & B": [{"title": "a & b", "url": "/d/3/a-b"}], "Nowhere": [], "Evil": [{"title": "Evil", "url": "//evil.example/x"}]}


class Grafana(FakeServer):
    def __init__(self, token=None):
        self.token = token
        super().__init__()

    def handle(self, method, path, headers, body):
        kind = "application/json"
        if self.token and headers.get("authorization") != f"Bearer {self.token}":
            return 401, kind, json.dumps({"message": "Unauthorized"}), {}
        url = urllib.parse.urlsplit(path)
        if url.path == "/grafana/api/health":
            return 200, kind, json.dumps({"database": "ok"}), {}
        if url.path == "/grafana/api/frontend/settings":
            return 200, kind, json.dumps({"buildInfo": {"version": "11.2.0"}}), {}
        if url.path == "/grafana/api/search":
            return 200, kind, json.dumps(FOUND.get(urllib.parse.parse_qs(url.query)["query"][0], [])), {}
        return 404, kind, "{}", {}


@pytest.fixture
def grafana(request):
    def serve(token=None):
        server = Grafana(token)
        request.addfinalizer(server.stop)
        return server

    return serve


def settings(server, **more):
    section = {"internal_url": f"http://127.0.0.1:{server.port}/grafana", "external_url": "https://grafana.example/g/", **more}
    return {"external_services": {"grafana": section}}


def state_of(api, name="grafana"):
    (found,) = [one for one in api.get("/api/istio/status").json() if one["name"] == name]
    return found


def settled(api, status):
    def there(answer):
        return any(one["name"] == "grafana" and one["status"] == status for one in answer.json())

    api.console.wait("/api/istio/status", until=there)
    return state_of(api)


NO_TRACING = {"enabled": False}


def test_no_grafana_is_no_content(launch):
    api = launch.console(NO_TRACING)
    assert api.get("/api/grafana", status=204).body == b""
    assert not [one for one in api.get("/api/istio/status").json() if one["name"] == "grafana"]


def test_its_state_and_its_dashboards(launch, grafana):
    server = grafana("secret-of-grafana")
    auth = {"type": "bearer", "token": "secret-of-grafana"}
    dashboards = [{"name": name, "variables": {"namespace": "var-ns"}} for name in FOUND]
    more = settings(server, auth=auth, datasource_uid="prom", dashboards=dashboards)
    # The prober asks once: what Grafana is asked later is for somebody.
    api = launch.console(NO_TRACING, world.merged(more, {"meshscope": {"probe_interval": "1h"}}))
    assert settled(api, "Healthy")["version"] == "11.2.0"
    body = api.console.wait("/api/grafana", until=lambda answer: b"istio-mesh" in answer.body).json()
    api.get("/api/grafana")
    assert body["datasourceUID"] == "prom"
    assert [(link["name"], link["url"]) for link in body["externalLinks"]] == [
        ("Istio Mesh", "https://grafana.example/g/d/1/istio-mesh"), ("A & B", "https://grafana.example/g/d/3/a-b"),
    ]
    assert body["externalLinks"][0]["variables"] == {"namespace": "var-ns"}
    (listed,) = [one for one in api.get("/api/status").json()["externalServices"] if one["name"] == "Grafana"]
    assert listed["version"] == "11.2.0"
    asked = len(server.requests)
    for _ in range(5):
        api.get("/api/grafana")
    assert len(server.requests) == asked
    assert "secret-of-grafana" not in api.console.process.log()


def test_a_grafana_that_refuses_is_an_entry_with_the_setting(launch, grafana):
    api = launch.console(NO_TRACING, settings(grafana("right"), auth={"type": "bearer", "token": "wrong"}))
    reason = settled(api, "Unreachable")["reason"]
    assert reason["code"] == "upstream_auth"
    assert reason["hint"]["setting"] == "external_services.grafana.auth"
    assert api.get("/api/grafana", status=502).json()["upstream"] == "grafana"


def test_the_mesh_and_its_versions_are_listed_for_who_may_see_them(launch):
    mesh = launch.mesh(flags=["--kubernetes-port", "0"])
    api = launch.console_for(mesh, "http", wait="/readyz")
    gateway = state_of(api, "istio-ingressgateway")
    assert gateway["status"] == "Healthy" and gateway["isCore"] is False
    guarded = launch.guarded(mesh)
    headers = {"Authorization": f"Bearer {world.token_of('demo-a')}"}
    assert not [one for one in guarded.get("/api/istio/status", headers=headers).json() if one["name"] == "istio-ingressgateway"]


def test_nobody_unknown_starts_a_call(launch, grafana, contract):
    """Every GET of the contract without a token; the probers rest for an hour meanwhile."""
    server = grafana()
    mesh = launch.mesh(mesh="fixture", flags=["--start-micros", str(NOW), "--kubernetes-port", "0"])
    more = world.merged(settings(server), {"meshscope": {"probe_interval": "1h"}})
    api = launch.guarded(mesh, more=more)
    api.console.wait("/readyz")
    counted = at_rest(mesh, server)
    for path, definition in contract.document["paths"].items():
        if "get" in definition and path != "/api/logout":
            target = path
            for part in ("traceID", "a", "b"):
                target = target.replace("{" + part + "}", "abc")
            answer = api.console.ask(target.replace("{", "").replace("}", ""))
            assert answer.status in (200, 204, 401), (path, answer.status)
    assert count(mesh, server) == counted


def count(mesh, server):
    """What Jaeger, the cluster and Grafana were asked. Aside: watches, which end by themselves, and whether the cluster is there
    (`version`), which the server asks in its own name while it rests."""
    own = {"kubernetes": ("version",), "kubernetes_users": ("demo-server",)}

    def of_others(counts, leave):
        return {what: number for what, number in counts.items() if "watch" not in what and what not in leave}

    return {part: of_others(counts, own.get(part, ())) for part, counts in mesh.counts().items()}, len(server.requests)


def at_rest(mesh, server, patience=60):
    """The same counts twice, half a second apart: what the start asks for has been asked."""
    deadline = time.monotonic() + patience
    before, now = None, count(mesh, server)
    while before != now:
        assert time.monotonic() < deadline, "the probers do not rest"
        time.sleep(0.5)
        before, now = now, count(mesh, server)
    return now
