"""The server between upstreams in bad weather and clients in bad manners; the table of all rows is printed at the end."""
import json
import os
import random
import re
import time

import pytest

import bad_weather
import demo_world as world
from bad_weather import CALM
from clients import Crowd
from conftest import HOUR, NOW, Launcher
from judge import Judge
from test_program import eventually

SECONDS = float(os.environ.get("RESILIENCE_SECONDS", "2"))
SEED = int(os.environ.get("RESILIENCE_SEED") or random.randrange(1 << 31))
WELL_AGAIN = 30.0  # seconds after the cause's end
PERIOD = f"startMicros={HOUR['startMicros']}&endMicros={HOUR['endMicros']}"
MOMENT = f"queryTime={NOW // 1_000_000}"
BUSY, IDLE = 200, 1000
ROWS = []


def targets_of(api):
    page = f"/api/namespaces/bookinfo/apps/productpage/traces?limit=20&{PERIOD}"
    found = api.console.ask(page).json()["data"]
    targets = [
        page,
        f"/api/namespaces/bookinfo/workloads/reviews-v2/traces?limit=10&{PERIOD}",
        f"/api/namespaces/bookinfo/services/reviews/spans?limit=5&{PERIOD}",
        f"/api/traces?service=ratings.bookinfo&limit=20&{PERIOD}",
        "/api/tracing/services",
        "/api/tracing/services/reviews.bookinfo/operations",
        "/api/clusters/workloads?namespaces=bookinfo",
        "/api/clusters/services?namespaces=bookinfo",
        "/api/namespaces/bookinfo/workloads/reviews-v1",
        "/api/namespaces",
        "/api/namespaces/bookinfo/workloads/reviews-v1/logs?tail=50",
        f"/api/namespaces/bookinfo/workloads/reviews-v1/metrics?duration=600&{MOMENT}",
        f"/api/namespaces/bookinfo/services/reviews/dashboard?direction=inbound&duration=600&{MOMENT}",
        f"/api/namespaces/graph?namespaces=bookinfo&duration=10m&{MOMENT}",
        f"/api/clusters/health?namespaces=bookinfo&type=workload&rateInterval=10m&{MOMENT}",
    ]
    for trace in found[:5]:
        targets += [f"/api/traces/{trace['traceID']}", f"/api/traces/{trace['traceID']}/spans"]
    return [*targets, f"/api/traces/{found[0]['traceID']}/heatmap"]


class Ground:
    """A mesh whose time stands still, weather before each of its upstreams, and a console that knows only the weather."""

    def __init__(self, launcher, protocol):
        self.protocol = protocol
        self.mesh, metrics = launcher.prometheus(mesh="fixture", flags=["--start-micros", str(NOW)])
        port = self.mesh.grpc_port if protocol == "grpc" else self.mesh.http_port
        self.weathers = {
            "jaeger": bad_weather.Weather(port, SEED),
            "kubernetes": bad_weather.Weather(self.mesh.kubernetes_port, SEED + 1),
            "prometheus": bad_weather.Weather(metrics.port, SEED + 2),
        }
        url = f"http://127.0.0.1:{self.weathers['jaeger'].port}{self.mesh.base_path}"
        folder = launcher.new_folder()
        config = json.loads(self.mesh.kubeconfig(folder / "kubeconfig").read_text())
        config["clusters"][0]["cluster"]["server"] = f"http://127.0.0.1:{self.weathers['kubernetes'].port}"
        (folder / "kubeconfig").write_text(json.dumps(config))
        # Answers of Prometheus are not kept: each question meets the weather.
        prometheus = {"url": f"http://127.0.0.1:{self.weathers['prometheus'].port}", "cache_enabled": False}
        more = {"external_services": {"prometheus": prometheus}, "meshscope": {"kubernetes": {"kubeconfig": str(folder / "kubeconfig")}}}
        tracing = {"internal_url": url, "use_grpc": protocol == "grpc"}
        self.api = launcher.console(tracing, more, wait="/readyz")
        self.api.console.wait("/api/clusters/workloads", 30, lambda answer: not answer.json()["meta"]["cluster"]["off"])
        self.judge = Judge()
        self.targets = targets_of(self.api)
        for target in self.targets:
            newest = target.replace("tail=50", "tail=5000")  # of the other containers when one fails
            answer = self.api.console.ask(target)
            assert answer.status == 200, (target, answer.body)
            self.judge.learn(target, answer.body, self.api.console.ask(newest).body)

    def well(self):
        """Whether every question is answered right, and the cluster is watched again: its lists in memory alone are no proof."""
        before, watched = self.judge.outcomes["right"], True
        for target in self.targets:
            begun = time.monotonic()
            answer = self.api.console.ask(target)
            self.judge.see(target, answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.body, time.monotonic() - begun)
            cluster = meta_of(answer).get("cluster") or {}
            watched = watched and not cluster.get("stale") and not cluster.get("off")
        return watched and self.judge.outcomes["right"] - before == len(self.targets)

    def seconds_until_well(self):
        begun = time.monotonic()
        while time.monotonic() - begun < 60:
            if self.well():
                return time.monotonic() - begun
            time.sleep(0.05)
        return 60.0

    def memory_mb(self):
        """Resident now."""
        with open(f"/proc/{self.api.console.process.child.pid}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6

    def stop(self):
        for weather in self.weathers.values():
            weather.stop()


def meta_of(answer):
    """Empty when the answer has none."""
    body = answer.json()
    return answer.meta() if "Meshscope-Meta" in answer.headers or isinstance(body, dict) and "meta" in body else {}


@pytest.fixture(scope="module", params=["http", "grpc"])
def ground(request, build_dir, contract, tmp_path_factory):
    launcher = Launcher(build_dir, tmp_path_factory.mktemp("resilience"), contract)
    request.addfinalizer(launcher.stop)  # a leak is a bad end
    ground = Ground(launcher, request.param)
    request.addfinalizer(ground.stop)
    print(f"seed {SEED}")
    return ground


def run(ground, crowd, fault, load, seconds=SECONDS):
    """A row of the table: `fault` is {upstream: weather}; the crowd is there already."""
    ground.judge.begin()
    for upstream, state in fault.items():
        ground.weathers[upstream].set(state)
    time.sleep(seconds)
    for weather in ground.weathers.values():
        weather.set(CALM)
    crowd.stop()
    outcomes, slowest = dict(ground.judge.outcomes), ground.judge.slowest
    well = ground.seconds_until_well()
    row = {
        "protocol": ground.protocol, "fault": ", ".join(f"{u} {s}" for u, s in fault.items()) or "none", "load": load,
        "requests": crowd.requests, "outcomes": outcomes, "slowest": slowest, "well": well, "memory": ground.memory_mb(),
    }
    ROWS.append(row)
    print(text_of(row))
    assert ground.judge.wrong == [], f"seed {SEED}"
    assert crowd.requests > 0
    assert well <= WELL_AGAIN, f"not well {WELL_AGAIN} s after the end of it (seed {SEED}): {dict(ground.judge.outcomes)}"


def text_of(row):
    outcomes = ", ".join(f"{count} {what}" for what, count in sorted(row["outcomes"].items()))
    return (f"{row['protocol']:5}{row['fault']:38}{row['load']:22}{row['requests']:6} asked  slowest {row['slowest']:5.2f} s"
            f"  well after {row['well']:4.2f} s  {row['memory']:4.0f} MB  {outcomes}")


@pytest.fixture
def crowd(ground):
    crowd = Crowd(ground.api.console.port, ground.judge, SEED)
    yield crowd
    if crowd.thread.is_alive():
        crowd.stop()


@pytest.mark.parametrize("state", bad_weather.BAD)
@pytest.mark.parametrize("upstream", ["jaeger", "kubernetes", "prometheus"])
def test_upstreams_in_bad_weather(ground, crowd, upstream, state):
    crowd.start("busy", 20, targets=ground.targets)
    run(ground, crowd, {upstream: state}, "20 busy")


def test_everything_at_once(ground, crowd):
    lots = random.Random(SEED)
    crowd.start("idle", 100)
    crowd.start("busy", 50, targets=ground.targets)
    crowd.start("slow_reader", 10, target=ground.targets[0])
    run(ground, crowd, {upstream: lots.choice(bad_weather.BAD) for upstream in ground.weathers}, "100 idle, 50 busy", SECONDS * 2)


def test_many_clients(ground, crowd):
    """Memory stays within what it was: nothing is kept for who is gone."""
    before = ground.memory_mb()
    crowd.start("idle", IDLE)
    crowd.start("busy", BUSY, targets=ground.targets)
    run(ground, crowd, {}, f"{IDLE} idle, {BUSY} busy", SECONDS * 2)
    assert ground.memory_mb() < before + 400


def asks_of(ground):
    """What somebody asks who then leaves: pages, posts, and logs that are followed."""
    traces = [target.rsplit("/", 1)[1] for target in ground.targets if target.startswith("/api/traces/") and target.count("/") == 3]
    logs = "/api/namespaces/bookinfo/workloads/{}/logs?follow=true&tail={}&spans={}"
    graph = f"/api/traces/graph?namespaces=bookinfo&duration=1800s&{MOMENT}"
    posted = [("/api/traces/heatmaps", {"traceIDs": traces}), (graph, {"traceIDs": traces})]
    return [*(("GET", target, None) for target in ground.targets),
            *(("POST", target, json.dumps(body)) for target, body in posted for _ in range(3)),
            *(("GET", logs.format(workload, tail, spans), None)
              for workload in ("productpage-v1", "reviews-v1") for tail in (1, 5000) for spans in ("true", "false"))]


def connections_of(ground):
    exposed = world.ask(ground.api.console.metrics_port, "/metrics").body.decode()
    (count,) = re.findall(r"^meshscope_connections\{.*\} (\d+)$", exposed, re.M)
    return int(count)


def test_clients_that_leave(ground, crowd):
    """While an upstream is slow, so that they leave in the middle of what is asked for them, and while all is well."""
    asks = asks_of(ground)
    for method, target, body in asks:
        if "follow" not in target:
            answer = ground.api.console.ask(target, method=method, body=body, headers={"Content-Type": "application/json"} if body else None)
            assert answer.status == 200, (target, answer.body)
    crowd.start("leaver", 30, asks=asks)
    crowd.start("busy", 10, targets=ground.targets)
    time.sleep(SECONDS)
    run(ground, crowd, {upstream: bad_weather.SLOW for upstream in ground.weathers}, "30 who leave, 10 busy")
    eventually(lambda: connections_of(ground) <= 1, True, WELL_AGAIN)  # this look is one


@pytest.mark.parametrize("kind,how", [("slow_reader", {}), ("slow_writer", {}), ("huge_head", {})])
def test_clients_in_bad_manners(ground, crowd, kind, how):
    if kind == "slow_reader":
        how = {"target": ground.targets[0]}
    crowd.start(kind, 50, **how)
    crowd.start("busy", 20, targets=ground.targets)
    run(ground, crowd, {}, f"50 {kind.replace('_', ' ')}s, 20 busy")


def test_floods_of_logins(build_dir, contract, tmp_path_factory, request):
    """Who is in stays in while others try tokens."""
    launcher = Launcher(build_dir, tmp_path_factory.mktemp("flood"), contract)
    request.addfinalizer(launcher.stop)
    mesh = launcher.mesh(mesh="fixture", flags=["--start-micros", str(NOW), "--kubernetes-anonymous", "none"])
    api = launcher.guarded(mesh)
    judge = Judge()
    crowd = Crowd(api.console.port, judge, SEED)
    page, token = "/api/clusters/workloads?namespaces=bookinfo", f"Bearer {world.token_of('demo-admin')}"
    assert api.console.ask(page, headers={"Authorization": token}).status == 200
    crowd.start("bad_login", 30)
    crowd.start("busy", 10, targets=[page], headers=f"Authorization: {token}\r\n")
    time.sleep(SECONDS)
    eventually(lambda: judge.outcomes["login 429"] > 0 and judge.outcomes["right"] > 0, True)
    crowd.stop()
    row = {"protocol": "", "fault": "none", "load": "30 bad logins, 10 busy", "requests": crowd.requests, "outcomes": dict(judge.outcomes),
           "slowest": judge.slowest, "well": 0, "memory": 0}
    ROWS.append(row)
    print(text_of(row))
    assert judge.wrong == []


def test_the_table():
    print("\n" + "\n".join(text_of(row) for row in ROWS))
    assert ROWS
