"""Outages and mistakes: the error names the cause and the setting, and nothing looks like "no traces"."""
import json

import pytest

import demo_world as world
from conftest import PROTOCOLS

APP = "/api/namespaces/bookinfo/apps/productpage"
ROUTES = [
    (APP + "/traces", {}),
    (APP + "/spans", {}),
    (APP + "/errortraces", {"duration": 600}),
    ("/api/traces", {"service": "productpage.bookinfo"}),
    ("/api/traces/abc", {}),
    ("/api/traces/abc/spans", {}),
    ("/api/tracing/services", {}),
    ("/api/tracing/services/productpage.bookinfo/operations", {}),
]


def every_route_fails(api, statuses, settings, words=()):
    for path, parameters in ROUTES:
        answer = api.console.ask(world.query(path, **parameters))
        api.contract.check("GET", path, parameters, answer)
        assert answer.status in statuses, (path, answer.status, answer.body)
        explained(answer.json(), settings, words)
        assert answer.json()["upstream"] == "jaeger"


def explained(reason, settings, words):
    assert reason["hint"]["setting"].startswith(settings), reason
    assert reason["hint"]["advice"]
    for word in words:
        assert word in json.dumps(reason), reason


def component_reason(api):
    def known(answer):
        return any("reason" in component for component in answer.json())

    api.console.wait("/api/istio/status", until=known)
    (tracing,) = [c for c in api.get("/api/istio/status").json() if c["name"] == "tracing"]
    assert tracing["status"] != "Healthy"
    return tracing["reason"]


SCENARIOS = [
    (name, protocol)
    for name, scenario in world.SCENARIOS.items()
    if scenario.fault
    for protocol in ([scenario.protocol] if scenario.protocol else PROTOCOLS)
]


@pytest.mark.parametrize("name, protocol", SCENARIOS)
def test_scenarios_of_the_demo(launch, name, protocol):
    scenario = world.SCENARIOS[name]
    mesh = launch.mesh(flags=scenario.flags)
    if "--closed" in scenario.flags:
        mesh.http_port, mesh.grpc_port = world.free_port(), world.free_port()
    api = launch.console(world.console_tracing(scenario, mesh, protocol))
    fault = scenario.fault
    every_route_fails(api, fault.statuses, fault.settings, fault.words)
    explained(component_reason(api), fault.settings, fault.words)
    verdict = api.get("/api/tracing/explain", namespace="bookinfo", workload="productpage-v1").json()["verdict"]
    assert verdict["code"] in fault.codes, verdict
    assert api.get("/readyz").status == 200, "an upstream that is down does not make the server unready"


def test_a_prefix_that_jaeger_does_not_have(launch):
    """The other way round: Jaeger answers 200 with its page on every path."""
    mesh = launch.mesh(base_path="")
    url = f"http://127.0.0.1:{mesh.http_port}/jaeger"
    api = launch.console({"internal_url": url, "use_grpc": False})
    every_route_fails(api, (502,), world.URL_SETTINGS, ("prefix",))


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_the_setting_named_is_the_one_that_was_written(launch, protocol):
    tracing = {"in_cluster_url": f"http://127.0.0.1:{world.free_port()}/jaeger", "use_grpc": protocol == "grpc"}
    api = launch.console(tracing)
    error = api.get(APP + "/traces", status=503).json()
    assert error["hint"]["setting"] == world.TRACING + "in_cluster_url"


def test_http_on_the_grpc_port(launch):
    mesh = launch.mesh()
    url = f"http://127.0.0.1:{mesh.grpc_port}/jaeger"
    api = launch.console({"internal_url": url, "use_grpc": False})
    settings = world.URL_SETTINGS + (world.TRACING + "use_grpc",)
    every_route_fails(api, (502, 503), settings, ("gRPC",))


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_backend_that_is_too_slow_is_504(launch, protocol):
    mesh = launch.mesh()
    api = launch.console_for(mesh, protocol, query_timeout=1, wait="/readyz")
    mesh.set_faults(latency_ms=30_000)
    error = api.get(APP + "/traces", status=504).json()
    assert error["code"] == "upstream_timeout"
    assert error["upstream"] == "jaeger"
    assert "query_timeout" in json.dumps(error)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_backend_that_comes_back_is_used_again(launch, protocol):
    ports = (world.free_port(), world.free_port(), 0)
    base = {"internal_url": f"http://127.0.0.1:{ports[1] if protocol == 'grpc' else ports[0]}/jaeger"}
    api = launch.console({**base, "use_grpc": protocol == "grpc"})
    api.get(APP + "/traces", status=503)
    mesh = launch.mesh(ports=ports)
    api.console.wait(APP + "/traces", patience=30)
    assert api.get(APP + "/traces").json()["data"]
    mesh.stop()
    api.get(APP + "/traces", status=503)


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize(
    "flag, auth",
    [
        (["--basic-auth", "demo:right"], {"type": "basic", "username": "demo", "password": "right"}),
        (["--bearer", "right"], {"type": "bearer", "token": "right"}),
    ],
)
def test_right_credentials_are_taken(launch, protocol, flag, auth):
    mesh = launch.mesh(flags=flag)
    api = launch.console_for(mesh, protocol, auth=auth)
    assert api.get(APP + "/traces").json()["data"]
    wrong = {key: "wrong" if key in ("password", "token") else value for key, value in auth.items()}
    refused = launch.console_for(mesh, protocol, auth=wrong)
    error = refused.get(APP + "/traces", status=502).json()
    assert error["code"] == "upstream_auth"
    assert "wrong" not in error["error"].replace("missing or wrong", "")
