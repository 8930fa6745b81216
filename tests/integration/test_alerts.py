"""Each alert fires when what it is about goes wrong, and is silent while all is well; each metric of the server has its place in the runbook."""
import re
import subprocess

import pytest
import yaml

import demo_prometheus
import demo_world as world
from conftest import NOW, ROOT

ALERTS = ROOT / "deploy/components/monitoring/alerts.yaml"
RUNBOOK = ROOT / "docs/runbook.md"
HOURS = 2
# Counted when it first happens.
RARE = {"meshscope_refused_connections_total", "meshscope_own_spans_total", "meshscope_own_spans_queued", "meshscope_trace_cache_lookups_total"}
KEPT = 'namespace="istio-system",pod="meshscope-1"'


def series(name, values, **labels):
    """`values` as promtool has them: "0+5x120" begins with 0 and grows by 5 each minute."""
    more = "".join(f',{key}="{value}"' for key, value in labels.items())
    return {"series": f"meshscope_{name}{{{KEPT}{more}}}", "values": values}


def histogram(name, slow, **labels):
    """Sixty a minute, all of them below 0.1 s or, when slow, between 10 and 30 s."""
    counts = {"0.1": 0 if slow else 60, "10": 0 if slow else 60, "30": 60, "+Inf": 60}
    return [series(f"{name}_bucket", f"0+{count}x{HOURS * 60}", le=le, **labels) for le, count in counts.items()]


ALWAYS = f"0+60x{HOURS * 60}"
WELL = {
    "connections": [series("connections", f"3x{HOURS * 60}", listener="main")],
    "upstream_reachable": [series("upstream_reachable", f"1x{HOURS * 60}", upstream="jaeger")],
    "http_requests_total": [series("http_requests_total", ALWAYS, route="/api/traces", method="GET", status="200")],
    "http_request_duration_seconds":
        histogram("http_request_duration_seconds", False, route="/api/traces", method="GET")
        + histogram("http_request_duration_seconds", True, route="/api/namespaces/{namespace}/workloads/{workload}/logs", method="GET"),
    "upstream_call_duration_seconds": histogram("upstream_call_duration_seconds", False, upstream="jaeger"),
    # Now and then one waits.
    "upstream_calls_waiting": [series("upstream_calls_waiting", " ".join("0 0 4".split() * HOURS * 20), upstream="jaeger")],
    "cluster_age_seconds": [series("cluster_age_seconds", " ".join("0 12 0".split() * HOURS * 20))],
    "cluster_lists": [series("cluster_lists", f"1+0x{HOURS * 60}", kind="pods")],
    "refused_connections_total": [series("refused_connections_total", f"7+0x{HOURS * 60}", reason="max_connections")],
    "own_spans_total": [series("own_spans_total", ALWAYS, reason="exported"), series("own_spans_total", f"2+0x{HOURS * 60}", reason="queue_full")],
}
# Of each alert: which metric is otherwise, how, and the labels that say where.
WRONG = [
    ("MeshscopeIsGone", "connections", [], {}),
    ("MeshscopeUpstreamNotReached", "upstream_reachable", [series("upstream_reachable", f"0x{HOURS * 60}", upstream="jaeger")], {"upstream": "jaeger"}),
    ("MeshscopeAnswersFail", "http_requests_total",
     [series("http_requests_total", ALWAYS, route="/api/traces", method="GET", status="200"),
      series("http_requests_total", f"0+6x{HOURS * 60}", route="/api/traces", method="GET", status="503")], {}),
    ("MeshscopeAnswersAreSlow", "http_request_duration_seconds",
     histogram("http_request_duration_seconds", True, route="/api/traces", method="GET"), {"route": "/api/traces"}),
    ("MeshscopeUpstreamIsSlow", "upstream_call_duration_seconds", histogram("upstream_call_duration_seconds", True, upstream="jaeger"),
     {"upstream": "jaeger"}),
    ("MeshscopeCallsWait", "upstream_calls_waiting", [series("upstream_calls_waiting", f"3x{HOURS * 60}", upstream="jaeger")],
     {"upstream": "jaeger", "pod": "meshscope-1"}),
    ("MeshscopeClusterIsOld", "cluster_age_seconds", [series("cluster_age_seconds", ALWAYS)], {"pod": "meshscope-1"}),
    ("MeshscopeListsAgainAndAgain", "cluster_lists", [series("cluster_lists", f"1+1x{HOURS * 60}", kind="pods")],
     {"kind": "pods", "pod": "meshscope-1"}),
    ("MeshscopeRefusesConnections", "refused_connections_total",
     [series("refused_connections_total", f"0+1x{HOURS * 60}", reason="no_descriptors")], {"reason": "no_descriptors"}),
    ("MeshscopeOwnSpansAreLost", "own_spans_total", [series("own_spans_total", f"0+1x{HOURS * 60}", reason="queue_full")], {"reason": "queue_full"}),
]


def rules():
    return yaml.safe_load(ALERTS.read_text())["spec"]["groups"][0]["rules"]


def fired(folder, metrics, alert):
    """The labels with which that alert fires after HOURS, [] when it is silent."""
    (folder / "rules.yaml").write_text(yaml.safe_dump({"groups": yaml.safe_load(ALERTS.read_text())["spec"]["groups"]}))
    one = {"interval": "1m", "input_series": metrics, "promql_expr_test": [
        {"expr": f'ALERTS{{alertname="{alert}",alertstate="firing"}}', "eval_time": f"{HOURS * 60 - 1}m", "exp_samples": [{"labels": "{looked=\"for\"}", "value": 1}]}]}
    (folder / "test.yaml").write_text(yaml.safe_dump({"rule_files": ["rules.yaml"], "evaluation_interval": "1m", "tests": [one]}))
    done = subprocess.run([demo_prometheus.program("promtool"), "test", "rules", "test.yaml"], cwd=folder, capture_output=True, text=True)
    said = done.stdout + done.stderr
    (got,) = re.findall(r"got:\s*(.*)", said)
    return [dict(re.findall(r'(\w+)="([^"]*)"', labels)) for labels in re.findall(r"Labels:\s*(\{[^}]*\})", "Labels:" + got)] if "{" in got else []


def test_each_alert_has_a_row():
    assert sorted(row[0] for row in WRONG) == sorted(rule["alert"] for rule in rules())


@pytest.mark.parametrize("alert,metric,otherwise,where", WRONG, ids=[row[0] for row in WRONG])
def test_an_alert_fires_for_its_cause_alone(tmp_path, alert, metric, otherwise, where):
    assert fired(tmp_path, sum(WELL.values(), []), alert) == []
    (one,) = fired(tmp_path, sum(({**WELL, metric: otherwise}).values(), []), alert)
    assert where.items() <= one.items()
    assert alert == "MeshscopeIsGone" or one["namespace"] == "istio-system"


def exposed(launch):
    """Metrics that a server with all its upstreams tells, and their labels."""
    mesh, prometheus = launch.prometheus(mesh="fixture", flags=["--start-micros", str(NOW)])
    api = launch.console_for(mesh, "http", {"external_services": {"prometheus": {"url": prometheus.url}}}, wait="/readyz")
    api.get("/api/namespaces/bookinfo/apps/reviews/traces", limit=1, startMicros=NOW - 3_600_000_000)
    told = {}
    for name, labels in re.findall(r"^(meshscope_\w+?)(?:_bucket|_sum|_count)?(?:\{(.*)\})? ", world.ask(api.console.metrics_port, "/metrics").body.decode(), re.M):
        told.setdefault(name, set()).update(re.findall(r'(\w+)="', labels))
    return told


def test_alerts_ask_for_what_is_told_and_the_runbook_has_it_all(launch):
    told = exposed(launch)
    for rule in rules():
        for name, labels in re.findall(r"(meshscope_\w+?)(?:_bucket)?(?:\{(.*?)\})?(?=[\[) ]|$)", rule["expr"], re.M):
            assert name in told or name in RARE, (rule["alert"], name)
            assert set(re.findall(r"(\w+)\s*[=!]", labels)) <= told.get(name, {"reason"}), (rule["alert"], labels)
        assert set(" ".join(re.findall(r"by \(([^)]*)\)", rule["expr"])).replace(",", " ").split()) \
            <= {"namespace", "reason"}.union(*(labels for name, labels in told.items() if name in rule["expr"])), rule["alert"]
    table = RUNBOOK.read_text().partition("## Every metric")[2]
    in_table = {"meshscope_" + name for row in re.findall(r"^\| (`[^|]*) \|", table, re.M) for name in re.findall(r"`(\w+?)(?:\{[\w,]*\})?`", row)}
    assert in_table == set(told) | RARE
