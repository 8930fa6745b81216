"""Tokens by OAuth2 and tenants, through the whole program."""
import base64
import concurrent.futures
import time

import pytest

from fake_jaeger import FakeJaeger, TokenEndpoint

SECRET = "pa55-demo-secret-do-not-show"
PATH = "/api/namespaces/bookinfo/apps/details/traces"


@pytest.fixture
def tokens(request):
    endpoint = TokenEndpoint("mesh scope", SECRET)
    request.addfinalizer(endpoint.stop)
    return endpoint


@pytest.fixture
def backend(request):
    """A Jaeger that takes whatever comes; tests give it rules."""
    jaeger = FakeJaeger(int(time.time() * 1e6))
    request.addfinalizer(jaeger.stop)
    return jaeger


def only_with_tokens_of(endpoint):
    def accepts(headers):
        with endpoint.lock:
            good = headers.get("authorization", "").removeprefix("Bearer ") in endpoint.good
        return None if good else (401, "invalid token")
    return accepts


def tracing(backend, endpoint=None, **more):
    settings = {"internal_url": f"http://127.0.0.1:{backend.port}/jaeger", "use_grpc": False, **more}
    if endpoint:
        settings["auth"] = {
            "type": "oauth2",
            "insecure_skip_verify": True,  # what lets the token endpoint be plain HTTP
            "oauth2": {
                "token_url": f"http://127.0.0.1:{endpoint.port}/token", "client_id": "mesh scope",
                "client_secret": SECRET, "scopes": ["traces.read"], "audience": "jaeger",
            },
        }
    return settings


def ids(answer):
    return [trace["traceID"] for trace in answer.json()["data"]]


def test_traces_come_with_a_token_that_is_fetched_once_and_renewed_when_refused(launch, tokens, backend):
    backend.accepts = only_with_tokens_of(tokens)
    settings = tracing(backend, tokens)
    del settings["use_grpc"]  # HTTP follows from oauth2
    api = launch.console(settings, wait="/readyz")
    assert len(ids(api.get(PATH))) == 1
    assert len(ids(api.get(PATH))) == 1
    assert tokens.made == 1
    method, path, headers, body = tokens.requests[0]
    assert (method, path) == ("POST", "/token")
    assert body == "grant_type=client_credentials&scope=traces.read&audience=jaeger"
    tokens.revoke()
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda i: api.get(PATH, limit=i + 1), range(8)))
    assert all(len(ids(answer)) == 1 for answer in answers)
    assert tokens.made >= 2
    (component,) = [c for c in api.get("/api/istio/status").json() if c["name"] == "tracing"]
    assert component["status"] == "Healthy"
    assert component["protocol"] == "http v1"
    (jaeger,) = api.get("/api/status").json()["externalServices"]
    assert jaeger["protocol"] == "http v1"


def test_a_refused_client_names_the_setting_and_no_secret(launch, tokens, backend):
    backend.accepts = only_with_tokens_of(tokens)
    settings = tracing(backend, tokens)
    settings["auth"]["oauth2"]["client_secret"] = "wrong-" + SECRET
    api = launch.console(settings, wait="/readyz")
    answer = api.get(PATH, status=502)
    text = answer.body.decode()
    assert answer.json()["code"] == "upstream_auth"
    assert "invalid_client" in text
    assert "external_services.tracing.auth.oauth2.client_secret" in text
    sent = base64.b64encode(f"mesh%20scope:wrong-{SECRET}".encode()).decode()
    for body in (text, api.console.process.log(), api.get("/api/istio/status").body.decode()):
        assert SECRET not in body and sent not in body
    assert not backend.count("/api/traces")


def test_a_token_endpoint_that_is_down_is_told_from_a_jaeger_that_is_down(launch, backend):
    class Nowhere:
        port = 1

    api = launch.console(tracing(backend, Nowhere), wait="/readyz")
    text = api.get(PATH, status=503).body.decode()
    assert "token endpoint" in text
    assert "external_services.tracing.auth.oauth2.token_url" in text


@pytest.mark.parametrize("said, header, works", [
    ("missing tenant header", {}, False),
    ("unknown tenant", {"X-Tenant": "nobody"}, False),
    (None, {"X-Tenant": "payments"}, True),
])
def test_a_tenant_is_sent_and_its_lack_explained(launch, backend, said, header, works):
    def accepts(headers):
        return None if headers.get("x-tenant") == "payments" else (401, said)
    backend.accepts = accepts
    api = launch.console(tracing(backend, custom_headers=header), wait="/readyz")
    if works:
        assert len(ids(api.get(PATH))) == 1
        return
    text = api.get(PATH, status=502).body.decode()
    assert "tenant" in text
    assert "external_services.tracing.custom_headers" in text


def test_a_busy_jaeger_is_asked_once_more(launch, backend):
    api = launch.console(tracing(backend), wait="/readyz")
    backend.busy = 1
    assert len(ids(api.get(PATH))) == 1
    backend.busy = 2
    api.get(PATH, status=503, limit=7)
    assert backend.busy == 0
