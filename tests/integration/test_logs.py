"""Logs over real processes: one list of a workload's lines and spans, the log of one container, and logs that are followed."""
import http.client
import json
import time

import pytest

import demo_world as world
from conftest import Launcher
from test_program import eventually
from visitor import bearer

REVIEWS = "/api/namespaces/bookinfo/workloads/reviews-v1"
PATIENCE = 60


class Events:
    """Somebody who follows; ends when the block does."""

    def __init__(self, console, target, headers=None):
        self.connection = http.client.HTTPConnection("127.0.0.1", console.port, timeout=PATIENCE)
        self.connection.request("GET", target, headers=headers or {})
        self.response = self.connection.getresponse()
        self.id = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()

    def next(self, limit=None):
        """Name and data of the next event; (None, None) at the end. Comments are passed over, until `limit` (monotonic)."""
        limit = limit or time.monotonic() + PATIENCE
        name, data = None, None
        self.at_point = False
        while line := self.response.readline().decode():
            assert time.monotonic() < limit, "only comments came"
            field, _, value = line.rstrip("\n").partition(": ")
            if field == "event":
                name = value
            elif field == "data":
                data = json.loads(value)
            elif field == "id":
                self.id = value
                self.at_point = True
            elif not field and name:
                return name, data
        return None, None

    def until(self, wanted):
        """All events up to the first that is wanted."""
        seen = []
        limit = time.monotonic() + PATIENCE
        while time.monotonic() < limit:
            event = self.next(limit)
            assert event[0], f"the events ended: {seen[-3:]}"
            seen.append(event)
            if wanted(*event):
                return seen
        raise AssertionError(f"it never came: {seen[-3:]}")


def entries(events):
    return [data for name, data in events if name == "entry"]


def line_of(entry):
    return entry["pod"], entry["container"], entry["time"], entry["message"]


@pytest.fixture(scope="module")
def living(request, build_dir, contract, tmp_path_factory):
    """A mesh whose time goes on, and a console."""
    launcher = Launcher(build_dir, tmp_path_factory.mktemp("living"), contract)
    request.addfinalizer(launcher.stop)
    mesh = launcher.mesh()
    return mesh, launcher.console_for(mesh, "grpc", wait="/readyz")


def test_lines_of_all_containers_are_one_list(api):
    body = api.get(REVIEWS + "/logs").json()
    lines = body["entries"]
    assert {line["container"] for line in lines} == {"reviews", "istio-proxy"}
    assert {line["kind"] for line in lines} == {"app", "proxy"}
    times = [line["time"] for line in lines]
    assert times == sorted(times)
    assert [source["state"] for source in body["sources"]] == ["ok"] * len(body["sources"])
    assert sum(source["lines"] for source in body["sources"]) == len(lines) == body["meta"]["returned"]
    assert body["meta"]["order"] == "time:asc"
    for line in lines:
        if line["kind"] == "proxy":
            access = line["access"]
            assert access["method"] == "GET" and access["path"].startswith("/reviews/")
            assert isinstance(access["status"], int) and access["requestId"]


def test_the_newest_are_kept(api):
    every = api.get(REVIEWS + "/logs").json()["entries"]
    some = api.get(REVIEWS + "/logs", tail=3).json()
    assert some["entries"] == every[-3:]
    assert some["meta"]["stoppedBy"] == "limit"
    assert any(source["more"] for source in some["sources"])


def test_filters(api):
    lines = api.get(REVIEWS + "/logs").json()["entries"]
    proxy = api.get(REVIEWS + "/logs", containers="istio-proxy").json()["entries"]
    assert proxy == [line for line in lines if line["container"] == "istio-proxy"]
    wanted = proxy[-1]["access"]["requestId"]
    of_one = api.get(REVIEWS + "/logs", requestId=wanted).json()["entries"]
    assert of_one and all(wanted in line["message"] for line in of_one)
    by_level = {level: api.get(REVIEWS + "/logs", severity=level).json()["entries"] for level in ("INFO", "WARN")}
    assert {line["severity"] for line in by_level["WARN"]} <= {"WARN", "ERROR", "FATAL"}
    assert len(by_level["WARN"]) < len(by_level["INFO"])
    matching = api.get(REVIEWS + "/logs", matches='"GET /reviews/[0-9]+').json()["entries"]
    assert matching == [line for line in lines if '"GET /reviews/' in line["message"]]
    since = lines[-1]["time"]
    assert all(line["time"] >= since - 60_000_000 for line in api.get(REVIEWS + "/logs", since=since).json()["entries"])


def test_a_line_leads_to_its_span(api):
    body = api.get(REVIEWS + "/logs", spans="true").json()
    spans = {entry["spanID"]: entry for entry in body["entries"] if entry["kind"] == "span"}
    led = [entry for entry in body["entries"] if "span" in entry]
    assert spans and led
    assert [entry["time"] for entry in body["entries"]] == sorted(entry["time"] for entry in body["entries"])
    # What the application writes names its trace, what the proxy writes only the request.
    assert {(entry["kind"], entry["span"]["by"]) for entry in led} == {("app", "trace_id"), ("proxy", "request_id")}
    for entry in led:
        trace = api.get(f"/api/traces/{entry['span']['traceID']}").json()["data"]
        found = next(span for span in trace["spans"] if span["spanID"] == entry["span"]["spanID"])
        tags = {tag["key"]: tag["value"] for tag in found["tags"]}
        if entry["kind"] == "app":
            assert entry["span"]["traceID"] in entry["message"]
        else:
            assert tags["guid:x-request-id"] == entry["access"]["requestId"]


def test_a_container_that_fails_is_named_and_leaves_the_rest(living):
    """A second pod of productpage waits to start for five seconds of each minute: there are no logs of it yet."""
    _, api = living
    states = {}

    def waits():
        body = api.get("/api/namespaces/bookinfo/workloads/productpage-v1/logs").json()
        states.clear()
        for source in body["sources"]:
            states.setdefault(source["state"], []).append(source)
        return "waiting" in states and "ok" in states and bool(body["entries"])

    eventually(waits, True, patience=120)
    assert all("no log yet" in source["reason"] for source in states["waiting"])
    assert all("reason" not in source for source in states["ok"])


def test_a_line_that_names_its_trace_leads_there(living):
    _, api = living
    path = "/api/namespaces/travel-agency/workloads/cars-v1/logs"
    led = []

    def found():
        body = api.get(path, spans="true", since="300s").json()
        led[:] = [entry for entry in body["entries"] if "access" in entry and entry.get("span", {}).get("by") == "trace_id"]
        return bool(led)

    eventually(found, True)
    for entry in led:
        assert entry["access"]["traceId"] == entry["span"]["traceID"]


def test_one_container(api):
    details = api.get(REVIEWS).json()
    pod = details["pods"][0]["name"]
    path = f"/api/namespaces/bookinfo/pods/{pod}/logs"
    lines = api.get(path, container="istio-proxy", logType="proxy").json()["entries"]
    assert lines and all(line["accessLog"]["status_code"] for line in lines)
    assert all(line["timestampUnix"] > 0 and line["severity"] for line in lines)
    few = api.get(path, container="istio-proxy", logType="proxy", maxLines=2).json()
    assert few["linesTruncated"] and few["entries"] == lines[-2:]
    assert api.get(path, container="none", status=400).json()["code"] == "invalid_parameter"
    assert api.get(path, container="reviews", logType="other", status=400)
    assert api.get("/api/namespaces/bookinfo/pods/none/logs", status=404)


def test_the_lines_before_the_last_restart(api):
    """Ratings was killed once; its proxy was not, nor any other container."""
    body = api.get("/api/namespaces/bookinfo/workloads/ratings-v1/logs", previous="true").json()
    assert {line["container"] for line in body["entries"]} == {"ratings"}
    assert body["entries"][-1]["message"].endswith("running, 600 s")
    sources = {source["container"]: source for source in body["sources"]}
    assert sources["ratings"]["state"] == "ok" and "reason" not in sources["ratings"]
    assert sources["istio-proxy"]["state"] == "empty"
    assert sources["istio-proxy"]["reason"] == "the container has not been restarted"
    none = api.get(REVIEWS + "/logs", previous="true", spans="true").json()
    assert none["entries"] == [] and {source["state"] for source in none["sources"]} == {"empty"}
    api.get(REVIEWS + "/logs", previous="true", follow="true", status=400)


def test_lines_of_a_ztunnel_about_one_pod(guarded):
    """Of connections between namespaces only who sees both is told; Kubernetes would show the ztunnel's own log to neither."""
    _, console = guarded

    def lines_of(user, namespace, workload):
        base = f"/api/namespaces/{namespace}"
        headers = bearer(world.token_of(user))
        pod = console.get(f"{base}/workloads/{workload}", headers=headers).json()["pods"][0]["name"]
        answer = console.get(f"{base}/pods/{pod}/logs", logType="ztunnel", headers=headers).json()
        assert all(pod in line["message"] for line in answer["entries"])
        return answer["entries"]

    everything = lines_of("demo-admin", "bank", "accounts-v1")
    seen = lines_of("demo-c", "bank", "accounts-v1")
    assert seen == [line for line in everything if "auditors" not in line["message"]]
    assert 0 < len(seen) < len(everything)
    for line in everything:
        access = line["accessLog"]
        assert access["downstream_remote"] and access["duration"].endswith("ms") and access["upstream_cluster"]
    refused = [line for line in everything if "parse_error" in line["accessLog"]]
    assert refused and all(line["severity"] == "ERROR" for line in refused)
    assert lines_of("demo-a", "bookinfo", "reviews-v1") == []


def test_limits(api):
    for bad in ({"tail": 0}, {"tail": 25_001}, {"matches": "("}, {"since": "soon"}, {"containers": "none"},
                {"contains": "x" * 1025}, {"spanLimit": 1001}, {"follow": "perhaps"}, {"previous": "perhaps"},
                {"severity": "LOUD"}):
        api.get(REVIEWS + "/logs", status=400, **bad)
    api.get("/api/namespaces/bookinfo/workloads/none/logs", status=404)


def test_logs_are_followed(living):
    mesh, api = living
    target = world.query("/api/namespaces/bookinfo/workloads/productpage-v1/logs", follow="true", tail=50)
    with Events(api.console, target) as events:
        assert events.response.status == 200
        assert events.response.headers["Content-Type"] == "text/event-stream"
        before = events.until(lambda name, _: name == "meta")
        assert 0 < len(entries(before)) <= 50
        last = entries(before)[-1]["time"]
        live = events.until(lambda name, data: events.at_point and data["time"] > last + 1_000_000)
        sources = [data for name, data in live if name == "source"]
        assert {source["container"] for source in sources} >= {"productpage", "istio-proxy"}
        told = [line_of(entry) for entry in entries(before) + entries(live)]
        assert len(told) == len(set(told))
        point = events.id
    # Who comes back goes on behind what came, without doubles and without what was there before.
    with Events(api.console, target, {"Last-Event-ID": point}) as events:
        again = entries(events.until(lambda name, data: name == "entry" and data["time"] > last + 2_000_000))
        assert not {line_of(entry) for entry in again} & set(told)


def test_pods_that_come_are_followed(living):
    mesh, api = living
    target = world.query("/api/namespaces/bookinfo/workloads/ratings-v1/logs", follow="true", tail=5)
    with Events(api.console, target) as events:
        events.until(lambda name, _: name == "source")
        pods = {pod["name"] for pod in api.get("/api/namespaces/bookinfo/workloads/ratings-v1").json()["pods"]}
        mesh.roll_out("ratings-v1")
        new = events.until(lambda name, data: name == "source" and data["pod"] not in pods)[-1][1]["pod"]
        events.until(lambda name, data: name == "entry" and data["pod"] == new)


def test_followers_are_sent_home_when_the_console_stops(launch):
    mesh = launch.mesh()
    api = launch.console_for(mesh, "grpc", wait="/readyz")
    with Events(api.console, world.query(REVIEWS + "/logs", follow="true", tail=1)) as events:
        events.until(lambda name, _: name == "source")
        begun = time.monotonic()
        assert api.console.process.stop() == 0
        assert time.monotonic() - begun < 30
        while events.next()[0]:
            pass  # the body ends in order, or reading it would raise


def test_who_may_not_see_a_namespace_follows_nothing_there(guarded):
    _, console = guarded
    target = world.query(REVIEWS + "/logs", follow="true")
    for user, status in (("demo-a", 200), ("demo-b", 403), ("demo-nobody", 403)):
        with Events(console.console, target, bearer(world.token_of(user))) as events:
            assert events.response.status == status
            if status == 200:
                assert events.until(lambda name, _: name == "meta")
    with Events(console.console, target) as events:
        assert events.response.status == 401
