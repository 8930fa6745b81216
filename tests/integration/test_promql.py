"""Every text that the query builder can make, asked of the real Prometheus: it is taken, and it finds what it should."""
import itertools
import json
import os
import re
import subprocess
import urllib.parse

import pytest

import demo_prometheus
import demo_world as world
from conftest import ROOT, Launcher
from fake_jaeger import FakeServer
from test_rights import Targets

AT = world.FIXTURE_START_MICROS // 1_000_000
ODD = "a\"b\\c\nd{}|.*é"
TOOL = ROOT / "tests" / "support" / "promql_texts.cpp"


def escaped(value):
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def labels(**given):
    return "{" + ",".join(f'{name}="{escaped(value)}"' for name, value in given.items()) + "}"


def growing(name, given):
    """A counter that has grown evenly for ten minutes."""
    return [f"{name}{labels(**given)} {i * 10} {AT - (40 - i) * 15}" for i in range(41)]


@pytest.fixture(scope="module")
def store(request, tmp_path_factory):
    lines = []
    for app in ("reviews", ODD):
        lines += growing("istio_requests_total", {"app": app, "mesh": 'm"1', "response_code": "200"})
    lines = ["# TYPE istio_requests counter", *lines, "# TYPE istio_request_duration_milliseconds histogram"]
    for app in ("reviews", ODD):
        for bound in ("1", "5", "+Inf"):
            lines += growing("istio_request_duration_milliseconds_bucket", {"app": app, "mesh": 'm"1', "le": bound})
        for part in ("sum", "count"):
            lines += growing(f"istio_request_duration_milliseconds_{part}", {"app": app, "mesh": 'm"1'})
    folder = tmp_path_factory.mktemp("promql")
    demo_prometheus.write_block("\n".join(lines), folder / "data")
    prometheus = demo_prometheus.Prometheus(folder)
    request.addfinalizer(prometheus.stop)
    return prometheus


@pytest.fixture(scope="module")
def queries(build_dir):
    done = subprocess.run([build_dir / "tests" / "support" / "promql_texts"], capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def answer(store, text):
    query = world.query("/api/v1/query", query=text, time=AT)
    return world.ask(store.port, query).json()


def test_every_query_is_taken_and_finds_something(store, queries):
    assert len(queries) > 25
    for query in queries:
        got = answer(store, query["text"])
        assert got["status"] == "success", (query, got)
        assert "warnings" not in got and "infos" not in got, (query, got)
        rows = got["data"]["result"]
        assert (rows == []) == query["empty"], (query, rows)
        values = [row["value"][1] for row in rows]
        assert "NaN" not in values or query["name"].startswith("histogram_quantile 0"), (query, rows)


def test_odd_values_find_their_series_and_no_other(store, queries):
    named = {query["name"]: query["text"] for query in queries}
    for name in ("equals, odd", "one of one", "matches, quoted"):
        (row,) = answer(store, named[name])["data"]["result"]
        assert row["metric"]["app"] == ODD, name
    (row,) = answer(store, named["differs"])["data"]["result"]
    assert row["metric"]["app"] == "reviews"
    assert len(answer(store, named["one of two"])["data"]["result"]) == 2


def test_the_contract_of_metric_stores_holds_over_the_real_one(build_dir, static_block):
    lines = ["# TYPE held gauge"]
    lines += [f'held{{app="a"}} {36 + i} {AT - 60 + 15 * i}' for i in range(5)]
    lines += [f'held{{app="b"}} 7 {AT - 15 + 15 * i}' for i in range(2)]
    prometheus = static_block("\n".join(lines))
    program = build_dir / "tests" / "contract" / "metric_store_contract_test"
    done = subprocess.run([program], capture_output=True, text=True, timeout=60,
                          env={**os.environ, "MESHSCOPE_TEST_PROMETHEUS": prometheus.url})
    assert done.returncode == 0, done.stdout[-4000:]


def test_no_builder_is_missing_in_the_list():
    header = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "clients").glob("promql*.hpp")))
    header = "\n".join(line.split("//")[0] for line in header.splitlines())
    builders = re.findall(r"^Expr (\w+)\(", header, re.MULTILINE)
    builders += re.findall(r"static (?:Matcher|Expr|Result<\w+>) (\w+)\(", header)
    builders += re.findall(r"Pattern& (\w+)\(", header)
    assert {"rate", "sum", "equals", "one_of", "quoted", "selector", "parse", "tagged"} <= set(builders)
    used = set(re.findall(r"\b(\w+)\(", TOOL.read_text(encoding="utf-8")))
    assert set(builders) <= used, "print queries of these in tests/support/promql_texts.cpp"


class Recorder(FakeServer):
    """Stands between a console and a Prometheus and keeps what was asked, and whether the answer held anything."""

    def __init__(self, port):
        self.upstream = port
        self.asked = []
        super().__init__()

    def handle(self, method, path, headers, body):
        given = {"Content-Type": headers["content-type"]} if "content-type" in headers else {}
        got = world.ask(self.upstream, path, method=method, headers=given, body=body or None)
        text = got.body.decode()
        if "/api/v1/query" in path:
            query = urllib.parse.parse_qs(body or path.partition("?")[2])["query"][0]
            said = got.json() if got.status == 200 else {}
            self.asked.append((query, got.status, said.get("warnings"), bool(said.get("data", {}).get("result"))))
        return got.status, got.headers.get("Content-Type", "text/plain"), text, {}


def needs_metrics(operation):
    words = ("graph", "metrics", "dashboard", "health", "heatmap", "overlay", "reconcile")
    tags = operation.definition["tags"]
    return operation.method == "GET" and (tags in (["graph"], ["metrics"], ["health"]) or any(word in operation.template for word in words))


def widened(text):
    """The query over all series: what it does with them stays."""
    return re.sub(r'{(?:[^"}]|"(?:[^"\\]|\\.)*")*}', "{}", text)


def test_what_pages_ask_is_taken_and_finds_something(request, shared, prometheus, build_dir, contract, tmp_path):
    recorder = Recorder(prometheus.port)
    request.addfinalizer(recorder.stop)
    launcher = Launcher(build_dir, tmp_path, contract)
    request.addfinalizer(launcher.stop)
    settings = {"external_services": {"prometheus": {"url": f"http://127.0.0.1:{recorder.port}"}}}
    api = launcher.console_for(shared[0], "grpc", settings, wait="/readyz")
    routes = [operation for operation in contract.operations if needs_metrics(operation) and "healthz" not in operation.template]
    targets = Targets(shared[0], api)
    for operation in routes:
        for path, parameters in itertools.islice(targets.of(operation), 4):
            told = api.console.ask(world.query(path, **parameters))
            assert told.status < 500, (path, parameters, told.body[:500])
    queries = [one for one in recorder.asked if one[0] != "vector(1)"]
    for query, status, warnings, _ in queries:
        assert status == 200 and not warnings, (query, status, warnings)
    # What the mesh has nothing of, the one with every class of traffic has; native histograms nobody has.
    found = {widened(query) for query, *_, some in queries if some}
    missing = {widened(query) for query, *_ in queries} - found
    zoo = launcher.prometheus(mesh="graph-zoo", flags=["--start-micros", str(world.FIXTURE_START_MICROS)])[1]
    for query in missing:
        assert answer(zoo, query)["data"]["result"] or "milliseconds{}" in query, query
    assert found or not routes
