"""KrakenD's spans: OpenTelemetry's names, errors in words, nothing of Istio, any set of layers. Found, named, judged
right, and alike over every protocol of Jaeger."""
import itertools

import pytest

import demo_world as world
from conftest import HOUR, NOW, Launcher

LETTERS = {"global": "g", "proxy": "p", "backend": "b", "backend-request": "r"}
GATEWAYS = [
    "krakend-" + "".join(letters)
    for size in range(1, 6)
    for letters in itertools.combinations("gpbrt", size)
    if "t" not in letters or "r" in letters
]
PROTOCOLS = ("grpc api_v3", "grpc api_v2", "http api_v3", "http v1")


@pytest.fixture(scope="module")
def consoles(request, build_dir, contract, tmp_path_factory):
    """By protocol: two meshes that live the same life, one of them without api_v3."""
    launcher = Launcher(build_dir, tmp_path_factory.mktemp("krakend"), contract)
    request.addfinalizer(launcher.stop)
    out = {}
    for flags, suffix in (([], "api_v3"), (["--without-api-v3"], "old")):
        mesh = launcher.mesh(mesh="krakend", flags=["--start-micros", str(NOW), *flags])
        for transport, old in (("grpc", "api_v2"), ("http", "v1")):
            name = f"{transport} {old if suffix == 'old' else suffix}"
            out[name] = launcher.console_for(mesh, transport, wait="/readyz")
    return out


def traces_of(api, gateway, **filters):
    return api.get("/api/traces", service=gateway, limit=5, **filters, **HOUR).json()["data"]


def rows_of(api, trace_id):
    return api.get(f"/api/traces/{trace_id}/spans").json()["spans"]


def tags_of(api, trace_id):
    spans = api.get(f"/api/traces/{trace_id}").json()["data"]["spans"]
    return {span["spanID"]: {tag["key"]: tag["value"] for tag in span["tags"]} for span in spans}


def test_each_console_speaks_its_protocol(consoles):
    for protocol, api in consoles.items():
        traces_of(api, GATEWAYS[0])
        (tracing,) = [c for c in api.get("/api/istio/status").json() if c["name"] == "tracing"]
        assert tracing["protocol"] == protocol


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_every_set_of_layers_is_found_named_and_judged(consoles, gateway):
    api = consoles["grpc api_v3"]
    found = traces_of(api, gateway)
    assert found
    judged = set()
    for summary in found:
        tags = tags_of(api, summary["traceID"])
        rows = [row for row in rows_of(api, summary["traceID"]) if row["service"] == gateway]
        for row in rows:
            judged.add(judge(row, tags[row["spanID"]]))
    stages = {stage for stage, _ in judged}
    letters = {LETTERS.get(stage, "t") for stage in stages}
    assert letters == set(gateway.removeprefix("krakend-"))


def judge(row, tags):
    """Holds a row against what the gateway wrote; returns (stage, whether it is an error)."""
    stage = tags["krakend.stage"]
    tracker = row["operationName"] == "http.client.response.read.tracker"
    assert row["source"] == "krakend"
    assert row["kind"] == {"global": "server", "backend-request": "internal" if tracker else "client"}.get(stage, "internal")
    assert row["operationName"]
    assert "demo-secret" not in str(row)
    status = tags.get("http.response.status_code")
    wrong = isinstance(status, int) and status >= 500 or "error" in tags or tags.get("otel.status_code") == "ERROR"
    assert (row["error"] is not None) == wrong, (row, tags)
    assert row["status"]["http"] == status
    if stage == "global" or (stage == "backend-request" and not tracker):
        assert row["type"] == "http"
        assert row["request"]["method"] == "GET"
        # What came back was a failure, whatever KrakenD's own status says.
        assert tags.get("otel.status_code") in (("OK",) if status else ("ERROR",))
    if stage == "global":
        assert row["request"]["route"] in ("/travels/paris", "/details/0")
    if stage == "backend-request" and not tracker:
        assert row["peer"]["value"]
        assert row["request"]["url"].startswith("http://")
    return ("tracker" if tracker else stage), wrong


def test_failures_are_found_whatever_says_them(consoles):
    """By status (global), by words alone (proxy, backend), by the answer of the backend (request)."""
    for gateway in ("krakend-g", "krakend-p", "krakend-b", "krakend-r", "krakend-gpbrt"):
        listed = {p: traces_of(api, gateway, errors="true") for p, api in consoles.items()}
        assert listed["grpc api_v3"], gateway
        for protocol, summaries in listed.items():
            assert summaries == listed["grpc api_v3"], (gateway, protocol)
        for summary in listed["grpc api_v3"]:
            rows = rows_of(consoles["grpc api_v3"], summary["traceID"])
            assert any(row["error"] for row in rows)


def test_new_names_are_searched_for(consoles):
    for protocol, api in consoles.items():
        for tags in ('{"http.response.status_code":"500"}', '{"http.request.method":"GET","krakend.stage":"global"}'):
            assert traces_of(api, "krakend-g", tags=tags), (protocol, tags)
        assert traces_of(api, "krakend-g", tags='{"http.request.method":"PUT"}') == []


@pytest.mark.parametrize("gateway", ["krakend-gpbrt", "krakend-gbr", "krakend-pb", "krakend-rt"])
def test_every_protocol_gives_the_same_spans_and_the_same_judgement(consoles, gateway):
    expected = None
    for protocol in PROTOCOLS:
        api = consoles[protocol]
        found = traces_of(api, gateway)
        seen = (found, [(rows_of(api, t["traceID"]), tags_of(api, t["traceID"])) for t in found])
        # Kind and status are words in the old protocols, fields in the new one: who decided may differ.
        for rows, _ in seen[1]:
            for row in rows:
                row["kindRule"] = None
                if row["error"]:
                    row["error"]["rule"] = row["error"]["rule"].removeprefix("otel.").replace("status_code", "status")
        expected = expected or seen
        assert seen == expected, protocol
    assert expected[0]


def test_the_demo_has_them_too(both):
    assert world.SCENARIOS["krakend"].mesh == "krakend"
    for api in both.values():
        rows = rows_of(api, traces_of(api, "krakend-gateway")[0]["traceID"])
        assert {"http.client.response.read.tracker"} < {row["operationName"] for row in rows}
