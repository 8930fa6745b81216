"""What is wrong in a request is a 400 that names it, on every route that reads parameters."""
import json

import pytest

from conftest import HOUR, NOW

APP = "/api/namespaces/bookinfo/apps/productpage"
TRACES = (APP + "/traces", APP + "/spans", "/api/traces")
HUGE = "9223372036854775808"


@pytest.mark.parametrize("route", TRACES)
@pytest.mark.parametrize(
    "name, value",
    [
        ("startMicros", "x"), ("startMicros", "-1"), ("startMicros", HUGE), ("startMicros", "1e3"),
        ("endMicros", "x"), ("endMicros", "9300000000000000"),
        ("limit", "0"), ("limit", "-3"), ("limit", "ten"), ("limit", "1.5"),
        ("minDuration", "-1"), ("minDuration", "1ms"),
        ("tags", "{"), ("tags", "null"), ("tags", "[]"), ("tags", '{"a":1}'), ("tags", '"text"'), ("tags", '{"":"y"}'),
        ("nosuch", "1"),
    ],
)
def test_a_wrong_value_is_named(both, route, name, value):
    error = both["grpc"].get(route, status=400, **{name: value}).json()
    assert error["code"] == "invalid_parameter"
    assert name in error["error"]


@pytest.mark.parametrize(
    "name, value", [("maxDuration", "x"), ("errors", "maybe"), ("cursor", "!!"), ("duration", "5")]
)
def test_a_wrong_value_of_the_search_is_named(both, name, value):
    assert name in both["grpc"].get("/api/traces", status=400, **{name: value}).json()["error"]


@pytest.mark.parametrize("value", [None, "", "0", "-5", "x", "99999999999"])
def test_error_traces_need_a_duration(both, value):
    given = {} if value is None else {"duration": value}
    error = both["http"].get(APP + "/errortraces", status=400, **given).json()
    assert "duration" in error["error"]


@pytest.mark.parametrize("name, value", [("from", "-1"), ("count", "0"), ("collapse", "xyz"), ("limit", "3")])
def test_a_wrong_value_of_the_rows_is_named(both, name, value):
    error = both["http"].get("/api/traces/abc/spans", status=400, **{name: value}).json()
    assert name in error["error"]


@pytest.mark.parametrize("start, end", [(NOW, NOW), (NOW, NOW - 1)])
def test_a_window_must_have_room(both, start, end):
    for route in TRACES:
        error = both["grpc"].get(route, status=400, startMicros=start, endMicros=end).json()
        assert error["code"] == "invalid_parameter"


@pytest.mark.parametrize("path", ["/api/namespaces/Book_Info/apps/productpage/traces",
                                  "/api/namespaces/bookinfo/apps/-x/traces"])
def test_names_in_the_path_are_checked(both, path):
    assert both["grpc"].get(path, status=400).json()["code"] == "invalid_parameter"


def test_a_malformed_escape_is_refused(both):
    answer = both["grpc"].raw(APP + "/traces?tags=%zz")
    assert answer.status == 400


def test_a_great_limit_is_lowered_and_said(api):
    meta = api.get(APP + "/traces", limit=1_000_000, **HOUR).meta()
    assert meta["asked"]["limit"] == 1_000_000
    assert meta["used"]["limit"] == 10_000
    assert "limit_clamped" in {warning["code"] for warning in meta["warnings"]}


def test_empty_values_count_as_not_given(both):
    answer = both["grpc"].get(APP + "/traces", limit="", tags="", **HOUR)
    assert len(answer.json()["data"]) == 100


@pytest.mark.parametrize("path", ["/api/config", "/api/status", "/api/tracing", "/api/istio/status"])
def test_routes_that_ignore_parameters(both, path):
    assert both["grpc"].get(path, anything="1").status == 200


def test_tags_take_what_needs_escaping(both):
    tags = json.dumps({"user_agent": 'a"b&c=d e+f%41ü', "x": ""})
    for api in both.values():
        assert api.get(APP + "/traces", tags=tags, **HOUR).json()["data"] == []
