"""What looks like a secret in a span leaves the server in no answer."""
from conftest import HOUR

SECRET = b"demo-secret-do-not-show"


def test_the_mesh_does_send_secrets(mesh):
    import demo_world as world

    answer = world.ask(mesh.http_port, mesh.base_path + "/api/traces?service=krakend-gateway&limit=5")
    assert SECRET in answer.body


def test_no_answer_shows_a_secret(api):
    found = api.get("/api/traces", service="krakend-gateway", limit=20, **HOUR)
    assert SECRET not in found.body
    ids = [summary["traceID"] for summary in found.json()["data"]]
    assert ids
    for trace_id in ids[:5]:
        trace = api.get(f"/api/traces/{trace_id}")
        assert SECRET not in trace.body
        assert b"xxx" in trace.body
        assert SECRET not in api.get(f"/api/traces/{trace_id}/spans").body
    # KrakenD is in no namespace of Istio, its traces are found through who it calls.
    for path in ("/api/namespaces/travel-agency/apps/travels/traces",
                 "/api/namespaces/travel-agency/apps/travels/spans"):
        assert SECRET not in api.get(path, limit=100, **HOUR).body
    operations = api.get("/api/tracing/services/krakend-gateway/operations")
    assert SECRET not in operations.body


def test_passwords_of_the_configuration_are_in_no_answer(launch):
    mesh = launch.mesh(flags=["--basic-auth", "demo:pa55-demo-secret-do-not-show"])
    auth = {"type": "basic", "username": "demo", "password": "pa55-demo-secret-do-not-show"}
    for protocol in ("grpc", "http"):
        api = launch.console_for(mesh, protocol, auth=auth)
        answers = [api.get(path) for path in (
            "/api/config", "/api/status", "/api/istio/status", "/api/tracing",
            "/api/tracing/services", "/api/namespaces/bookinfo/apps/details/traces")]
        assert all(SECRET not in answer.body for answer in answers)
        assert answers[-1].json()["data"], "the credentials work"
        assert SECRET.decode() not in api.console.process.log()
