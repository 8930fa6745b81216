"""Jaeger becomes another release under a running server, under load: traces keep coming, no answer fails."""
import concurrent.futures
import threading

import pytest

from conftest import HOUR, NOW

APP = "/api/namespaces/bookinfo/apps/productpage"
QUESTIONS = [
    (APP + "/traces", {"limit": 5, **HOUR}),
    ("/api/traces", {"service": "reviews.bookinfo", "limit": 10, **HOUR}),
    ("/api/traces", {"service": "ratings.bookinfo", "errors": "true", "limit": 3, **HOUR}),
    (APP + "/traces", {"limit": 3, "tags": '{"http.method":"GET"}', **HOUR}),
    ("/api/tracing/services", {}),
]


class Load:
    """Asks without a pause, each question another caller; every answer is 200 and holds something."""

    def __init__(self, api, trace_id):
        self.api = api
        self.questions = [*QUESTIONS, (f"/api/traces/{trace_id}", {})]
        self.ended = threading.Event()
        self.counted = threading.Condition()
        self.answers = [0] * len(self.questions)

    def caller(self, number):
        path, parameters = self.questions[number]
        while not self.ended.is_set():
            answer = self.api.get(path, **parameters)
            body = answer.json()
            assert body["data"], (path, answer.body[:300])
            assert not body.get("errors"), (path, answer.body[:300])
            with self.counted:
                self.answers[number] += 1
                self.counted.notify_all()

    def more(self, calls, count=3, patience=60):
        """Waits until every caller has had so many more answers."""
        with self.counted:
            wanted = [answers + count for answers in self.answers]

            def there():
                return any(call.done() for call in calls) or all(a >= w for a, w in zip(self.answers, wanted))

            assert self.counted.wait_for(there, patience), "the answers stopped"


def protocol_of(status):
    (jaeger,) = [service for service in status["externalServices"] if service["name"] == "jaeger"]
    return jaeger.get("protocol", "")


def wait_for_protocol(api, wanted):
    api.console.wait("/api/status", patience=60, until=lambda answer: protocol_of(answer.json()) == wanted)


@pytest.mark.parametrize(
    "transport, before, after",
    [
        ("http", ("v2.18.0", True, "http v1"), ("next", True, "http api_v3")),
        ("http", ("next", True, "http api_v3"), ("v2.18.0", True, "http v1")),
        ("http", ("v2.20.0", False, "http v1"), ("next", True, "http api_v3")),
        ("grpc", ("v2.20.0", False, "grpc api_v2"), ("next", True, "grpc api_v3")),
        ("grpc", ("next", True, "grpc api_v3"), ("v2.18.0", False, "grpc api_v2")),
    ],
    ids=lambda v: v if isinstance(v, str) else f"{v[0]}-{v[2]}".replace(" ", "_"),
)
def test_traces_keep_coming(launch, transport, before, after):
    version, api_v3, protocol = before
    flags = ["--start-micros", str(NOW), "--jaeger-version", version, *([] if api_v3 else ["--without-api-v3"])]
    mesh = launch.mesh(mesh="fixture", flags=flags)
    # A look at the upstream every 30 s would make the test wait for it.
    api = launch.console_for(mesh, transport, {"meshscope": {"probe_interval": "250ms"}}, wait="/readyz", query_timeout=60)
    found = api.get("/api/traces", service="ratings.bookinfo", limit=1, **HOUR).json()["data"]
    assert protocol_of(api.get("/api/status").json()) == protocol

    load = Load(api, found[0]["traceID"])
    with concurrent.futures.ThreadPoolExecutor(len(load.questions)) as pool:
        calls = [pool.submit(load.caller, number) for number in range(len(load.questions))]
        try:
            load.more(calls)
            mesh.set_jaeger_version(after[0], after[1])
            load.more(calls)
            wait_for_protocol(api, after[2])
            load.more(calls)
        finally:
            load.ended.set()
    for call in calls:
        call.result()


@pytest.mark.parametrize("transport", ["grpc", "http"])
def test_errors_are_found_where_the_store_misreads_them(launch, transport):
    """The memory of 2.13 takes error=true for error=false, and says so with an empty answer."""
    found = {}
    for version in ("v2.13.0", "v2.21.0"):
        mesh = launch.mesh(mesh="fixture", flags=["--start-micros", str(NOW), "--jaeger-version", version])
        api = launch.console_for(mesh, transport, wait="/readyz")
        # The first answer teaches, the second is asked for as it has learned.
        for _ in range(2):
            answer = api.get("/api/namespaces/bookinfo/apps/ratings/traces", tags='{"error":"true"}', limit=50, **HOUR)
            found.setdefault(version, []).append([trace["traceID"] for trace in answer.json()["data"]])
    assert found["v2.13.0"] == found["v2.21.0"]
    assert all(found["v2.13.0"])
