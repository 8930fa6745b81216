"""Two dozen faults, each at random places: the explanation names the cause, and is never wrong where it is certain."""
import contextlib
import json
import pathlib
import random
import socket
import ssl
import string
import subprocess
import time

import pytest

import demo_world as world
from fake_jaeger import FakeJaeger, FakeServer

PAGE = {"namespace": "bookinfo", "workload": "details"}
REVIEWS = {"namespace": "bookinfo", "workload": "reviews-v1"}


def a_prefix():
    return "/" + "".join(random.choices(string.ascii_lowercase, k=6))


def now():
    return int(time.time() * 1e6)


class Store(FakeJaeger):
    """Jaeger's HTTP v1 at a prefix of its own, with a rule for each route; `ui` is what other paths get."""

    def __init__(self, prefix="", services=("details.bookinfo",), accepts=lambda headers: None, routes=None, age=60, tags=(), service=None):
        self.prefix = prefix
        self.names = list(services)
        self.routes = {} if routes is None else routes
        self.age = age
        self.span_tags = list(tags)
        self.service = service or (self.names or ["details.bookinfo"])[0]
        super().__init__(now(), accepts)

    @staticmethod
    def tag(key, value):
        return {"key": key, "type": "string", "value": value}

    def page(self):
        return f'<!doctype html><html><head><base href="{self.prefix}/"><title>Jaeger UI</title></head><body id="jaeger-ui-root"></body></html>'

    def handle(self, method, path, headers, body):
        refused = self.accepts(headers)
        if refused:
            return refused[0], refused[2] if len(refused) > 2 else "text/plain", refused[1], refused[3] if len(refused) > 3 else {}
        route, _, query = path.partition("?")
        if route.startswith(self.prefix + "/api/"):
            name = route[len(self.prefix):]
            if name in self.routes:
                return self.routes[name]
            if name == "/api/services":
                return 200, "application/json", json.dumps({"data": self.names, "errors": None}), {}
            if name == "/api/traces":
                return 200, "application/json", json.dumps({"data": self.found(query), "errors": None}), {}
            return 404, "text/plain", "404 page not found\n", {}
        if self.prefix and not route.startswith(self.prefix + "/"):
            return 404, "text/plain", "404 page not found\n", {}
        return 200, "text/html", self.page(), {}

    def found(self, query):
        given = dict(pair.split("=", 1) for pair in query.split("&") if "=" in pair)
        trace = self.trace()
        trace["processes"]["p1"]["serviceName"] = self.service
        span = trace["spans"][0]
        span["startTime"] = now() - int(self.age * 1e6)
        span["tags"] += [self.tag("node_id", "sidecar~10.0.0.9~details-6b8f9d7c5b-x2k4v.bookinfo~bookinfo.svc.cluster.local")]
        span["tags"] += [self.tag(key, value) for key, value in self.span_tags]
        inside = int(given.get("start", 0)) <= span["startTime"] < int(given.get("end", 2**62))
        return [trace] if self.names and given.get("service") == self.service and inside else []


class Requests(FakeServer):
    """A Prometheus that says the same to every question: so many requests a second."""

    def __init__(self, per_second):
        self.per_second = per_second
        super().__init__()

    def handle(self, method, path, headers, body):
        if not path.startswith("/api/v1/query"):
            return 200, "text/plain", "fine", {}
        sample = {"metric": {}, "value": [time.time(), str(self.per_second)]}
        return 200, "application/json", json.dumps({"status": "success", "data": {"resultType": "vector", "result": [sample]}}), {}


def settings(store, path=None, **more):
    prefix = store.prefix if path is None else path
    return {"internal_url": f"http://127.0.0.1:{store.port}{prefix}", "use_grpc": False, **more}


def certificate(folder, name):
    """A certificate for `name` that signs itself; paths of certificate and key."""
    paths = folder / "tls.crt", folder / "tls.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}",
         "-addext", f"subjectAltName=DNS:{name}", "-addext", "basicConstraints=critical,CA:TRUE",
         "-keyout", str(paths[1]), "-out", str(paths[0])],
        check=True, capture_output=True,
    )
    return paths


def behind_tls(store, folder, name, demands=None):
    """The store speaks TLS from now on; returns the path of its certificate."""
    crt, key = certificate(folder, name)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(crt, key)
    if demands:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(crt)
    store.server.socket = context.wrap_socket(store.server.socket, server_side=True)
    return str(crt)


class Faults:
    """Each method seeds one fault and returns the console, the page and the codes that name it."""

    def __init__(self, launch, request):
        self.launch = launch
        self.request = request

    def store(self, **how):
        store = Store(**how)
        self.request.addfinalizer(store.stop)
        return store

    def console(self, tracing, more=None, page=None):
        return self.launch.console(tracing, more), page or PAGE

    def of_mesh(self, more=None, page=None, flags=(), mesh=None, **tracing):
        mesh = mesh or self.launch.mesh(flags=["--kubernetes-port", "0", *flags])
        return self.launch.console_for(mesh, "grpc", more, "/readyz", **tracing), page or REVIEWS

    def wrong_port(self):
        return *self.console({"internal_url": f"http://127.0.0.1:{world.free_port()}", "use_grpc": False}), {"nothing_listens", "wrong_port"}

    def grpc_on_http(self):
        store = self.store(prefix=a_prefix())
        return *self.console(settings(store, use_grpc=True)), {"grpc_on_http_port"}

    def http_on_grpc(self):
        mesh = self.launch.mesh()
        url = f"http://127.0.0.1:{mesh.grpc_port}"
        return *self.console({"internal_url": url, "use_grpc": False}), {"http_on_grpc_port"}

    def missing_prefix(self):
        return *self.console(settings(self.store(prefix=a_prefix()), "")), {"path_prefix_missing"}

    def extra_prefix(self):
        return *self.console(settings(self.store(), a_prefix())), {"path_prefix_extra"}

    def login_page(self):
        page = "<html><title>Sign in</title><form action='/login'><input type='password'></form></html>"
        return *self.console(settings(self.store(accepts=lambda _: (200, page, "text/html")))), {"login_page"}

    def expired_token(self):
        challenge = {"WWW-Authenticate": 'Bearer error="invalid_token", error_description="The token has expired"'}
        store = self.store(accepts=lambda _: (401, "unauthorized", "text/plain", challenge))
        return *self.console(settings(store, auth={"type": "bearer", "token": "old"})), {"token_expired"}

    def wrong_tenant(self):
        store = self.store(accepts=lambda headers: None if headers.get("x-tenant") == "acme" else (401, "unknown tenant"))
        return *self.console(settings(store, custom_headers={"x-tenant": "other"})), {"tenant"}

    def unknown_ca(self):
        store = self.store()
        behind_tls(store, self.launch.new_folder(), "localhost")
        return *self.console({"internal_url": f"https://localhost:{store.port}", "use_grpc": False}), {"unknown_authority"}

    def wrong_tls_name(self):
        store = self.store()
        crt = behind_tls(store, self.launch.new_folder(), "jaeger.example")
        tracing = {"internal_url": f"https://localhost:{store.port}", "use_grpc": False, "auth": {"type": "none", "ca_file": crt}}
        return *self.console(tracing), {"certificate_name"}

    def no_client_certificate(self):
        store = self.store()
        crt = behind_tls(store, self.launch.new_folder(), "localhost", demands=True)
        tracing = {"internal_url": f"https://localhost:{store.port}", "use_grpc": False, "auth": {"type": "none", "ca_file": crt}}
        return *self.console(tracing), {"client_certificate_missing"}

    def dns(self):
        host = "".join(random.choices(string.ascii_lowercase, k=8))
        return *self.console({"internal_url": f"http://{host}.invalid:16686", "use_grpc": False}), {"dns"}

    def name_scheme(self):
        return *self.console(settings(self.store(services=["details"]))), {"name_scheme"}

    def wrong_app_label(self):
        more = {"istio_labels": {"app_label_name": "version", "version_label_name": "version"}}
        return *self.of_mesh(more), {"app_label"}

    def telemetry(self, tracing):
        """Requests and no trace of this workload, while others have theirs, and what the mesh is told of it."""
        mesh = self.launch.mesh(flags=["--kubernetes-port", "0"])
        written = {"apiVersion": "telemetry.istio.io/v1", "kind": "Telemetry", "metadata": {"name": "all"}, "spec": {"tracing": [tracing]}}
        headers = {"Authorization": f"Bearer {world.token_of('demo-admin')}", "Content-Type": "application/json"}
        target = "/apis/telemetry.istio.io/v1/namespaces/bookinfo/telemetries"
        answer = world.ask(mesh.kubernetes_port, target, method="POST", headers=headers, body=json.dumps(written).encode())
        assert answer.status == 201, answer.body
        metrics = Requests(per_second=0.05)
        self.request.addfinalizer(metrics.stop)
        more = {"external_services": {"prometheus": {"url": f"http://127.0.0.1:{metrics.port}"}}}
        return self.of_mesh(more, mesh=mesh, **settings(self.store(services=["other.bookinfo"])))

    def sampling_zero(self):
        return *self.telemetry({"randomSamplingPercentage": 0}), {"sampling_zero"}

    def exporter_off(self):
        return *self.console(settings(self.store(services=[]))), {"exporter_off"}

    def beyond_retention(self):
        start = now() - 200 * 3_600_000_000
        window = {"startMicros": start, "endMicros": start + 3_600_000_000}
        return *self.console(settings(self.store()), page={**PAGE, **window}), {"window_beyond_retention"}

    def clock_skew(self):
        return *self.console(settings(self.store(age=-7200))), {"clock_skew"}

    def cluster_tag(self):
        more = {"clustering": {"clusters": [{"name": "second"}]}, "kubernetes_config": {"cluster_name": "first"}}
        store = self.store(tags=[("istio.cluster_id", "third")])
        return *self.console(settings(store), more), {"cluster_tag"}

    def api_removed(self):
        routes = {}
        store = self.store(routes=routes)
        for name in ("/api/services", "/api/traces"):
            routes[name] = (200, "text/html", store.page(), {})
        return *self.console(settings(store)), {"search_api_removed"}

    def receive_limit(self):
        store = self.store(tags=[("much", "x" * (3 << 20))])
        return *self.console(settings(store), {"meshscope": {"receive_limit_mb": 1}}), {"receive_limit"}

    def storage_error(self):
        failed = {"data": None, "errors": [{"code": 500, "msg": "no available connection to the storage"}]}
        routes = {"/api/traces": (500, "application/json", json.dumps(failed), {})}
        return *self.console(settings(self.store(routes=routes))), {"storage_error"}

    def limit_with_filter(self):
        """The newest traces under the name are those of another workload."""
        store = self.store()
        store.found = lambda query: [self.numbered(store, i) for i in range(100)] if "service=details.bookinfo" in query else []
        return *self.console(settings(store), page=PAGE), {"limit_reached"}

    @staticmethod
    def numbered(store, i):
        trace = store.trace()
        trace["traceID"] = f"{i + 1:032x}"
        span = {**trace["spans"][0], "traceID": trace["traceID"], "startTime": now() - 60_000_000 - i}
        span["tags"] = [{"key": "istio.namespace", "type": "string", "value": "elsewhere"}]
        trace["spans"] = [span]
        return trace


NAMES = [name for name in vars(Faults) if not name.startswith("_") and name not in ("store", "console", "of_mesh", "numbered", "telemetry")]


def upstream_calls(answer):
    return sum(bill["calls"] for bill in answer.get("upstream", []))


def test_faults_are_named(launch, request):
    assert len(NAMES) == 23  # rights, the last of the two dozen, is the test below
    faults = Faults(launch, request)
    wrong = {}
    for name in NAMES:
        api, page, codes = getattr(faults, name)()
        body = api.get("/api/tracing/explain", **page).json()
        verdict = body["verdict"]
        assert body["calls"] <= 8, name
        assert upstream_calls(body["meta"]) <= 8, name
        if verdict["code"] not in codes:
            wrong[name] = verdict
    assert not [name for name, verdict in wrong.items() if verdict["certainty"] == "certain"], wrong
    assert len(wrong) <= 1, wrong


def test_a_mesh_that_is_told_to_send_no_spans(launch, request):
    api, page = Faults(launch, request).telemetry({"disableSpanReporting": True})
    verdict = api.get("/api/tracing/explain", **page).json()["verdict"]
    assert (verdict["code"], verdict["certainty"]) == ("exporter_off", "likely")
    assert verdict["change"] == {"key": "Telemetry bookinfo/all disableSpanReporting", "from": "true", "to": "false"}


def test_rights_are_the_cause_when_a_namespace_is_not_accessible(launch):
    mesh = launch.mesh(flags=["--kubernetes-port", "0"])
    api = launch.guarded(mesh)
    headers = {"Authorization": f"Bearer {world.token_of('demo-a')}"}
    answer = api.get("/api/tracing/explain", status=403, headers=headers, namespace="travel-agency", workload="hotels-v1")
    assert answer.json()["code"] == "forbidden"
    body = api.get("/api/tracing/explain", headers=headers, **REVIEWS).json()
    assert body["verdict"]["code"] == "not_empty"
    assert not body["meta"].get("upstream")


def test_the_corrected_url_works(launch, request):
    store = Store(prefix="/jaeger")
    request.addfinalizer(store.stop)
    api = launch.console(settings(store, ""))
    change = api.get("/api/tracing/explain", **PAGE).json()["verdict"]["change"]
    assert change["key"] == "external_services.tracing.internal_url"
    assert change["to"] == f"http://127.0.0.1:{store.port}{store.prefix}"
    mended = launch.console({"internal_url": change["to"], "use_grpc": False})
    assert mended.get("/api/tracing/explain", **PAGE).json()["verdict"]["code"] == "not_empty"


def test_an_answer_is_asked_for_once_in_a_while(launch, request):
    store = Store()
    request.addfinalizer(store.stop)
    api = launch.console(settings(store), wait="/readyz")
    first = api.get("/api/tracing/explain", **PAGE).json()
    asked = store.count("/api/traces")
    assert api.get("/api/tracing/explain", **PAGE).json() == first
    assert store.count("/api/traces") == asked


def test_a_diagnosis_finds_the_prefix_and_gives_the_yaml(launch, request):
    store = Store(prefix="/jaeger")
    request.addfinalizer(store.stop)
    api = launch.console(settings(store, ""))
    found = api.get("/api/tracing/diagnose").json()
    url = f"http://127.0.0.1:{store.port}/jaeger"
    (valid,) = [one for one in found["validConfig"] if one["url"] == url]
    assert valid["useGRPC"] is False
    assert f'internal_url: "{url}"' in valid["yaml"]
    assert all(set(line) == {"result", "test", "time"} for line in found["logLine"])


@pytest.fixture
def listener(request):
    """A port on loopback that remembers what was sent to it."""
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(0.5)
    request.addfinalizer(server.close)
    return server


def heard(server):
    with contextlib.suppress(TimeoutError):
        connection, _ = server.accept()
        with connection:
            connection.settimeout(0.5)
            return connection.recv(65536)
    return b""


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.0.0.2", "[::ffff:127.0.0.1]", "0.0.0.0"])
def test_a_check_does_not_reach_the_servers_own_host(launch, listener, host):
    api = launch.console({"internal_url": "http://jaeger.invalid:16686", "use_grpc": False})
    for grpc in (True, False):
        body = json.dumps({"internalURL": f"http://{host}:{listener.getsockname()[1]}", "useGRPC": grpc})
        answer = api.get("/api/tracing/check", status=403, method="POST", headers={"Content-Type": "application/json"}, body=body)
        assert answer.json()["code"] == "address_refused"
    assert heard(listener) == b""


def test_stored_secrets_leave_for_the_configured_place_alone(launch, listener, tmp_path):
    secret = "".join(random.choices(string.ascii_letters, k=20))
    pathlib.Path(tmp_path / "token").write_text(secret)
    store = Store(accepts=lambda headers: None if headers.get("authorization") == f"Bearer {secret}" else (401, "no"))
    try:
        auth = {"type": "bearer", "token": str(tmp_path / "token")}
        api = launch.console(settings(store, auth=auth))
        masked = {"auth": {"type": "bearer", "token": "xxx"}}
        json_body = {"Content-Type": "application/json"}
        body = json.dumps({"internalURL": f"http://127.0.0.1:{store.port}", "useGRPC": False, **masked})
        answer = api.get("/api/tracing/check", method="POST", headers=json_body, body=body)
        assert answer.json()["message"] == "Success getting service status"
        assert secret not in answer.body.decode()
        elsewhere = json.dumps({"internalURL": f"http://127.0.0.1:{listener.getsockname()[1]}", "useGRPC": False, **masked})
        api.get("/api/tracing/check", status=403, method="POST", headers=json_body, body=elsewhere)
        assert heard(listener) == b""
        assert secret.encode() not in api.get("/api/tracing/diagnose").body
    finally:
        store.stop()
