"""Every text that the query builder can make, asked of the real Prometheus: it is taken, and it finds what it should."""
import json
import os
import re
import subprocess

import pytest

import demo_prometheus
import demo_world as world
from conftest import ROOT

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
    header = (ROOT / "clients" / "promql.hpp").read_text(encoding="utf-8")
    header = "\n".join(line.split("//")[0] for line in header.splitlines())
    builders = re.findall(r"^Expr (\w+)\(", header, re.MULTILINE)
    builders += re.findall(r"static (?:Matcher|Expr|Result<\w+>) (\w+)\(", header)
    builders += re.findall(r"Pattern& (\w+)\(", header)
    assert {"rate", "sum", "equals", "one_of", "quoted", "selector", "parse", "tagged"} <= set(builders)
    used = set(re.findall(r"\b(\w+)\(", TOOL.read_text(encoding="utf-8")))
    assert set(builders) <= used, "print queries of these in tests/support/promql_texts.cpp"
