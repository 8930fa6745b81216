"""The program itself: its flags, its exit codes, its log, its ports, HTTPS with a certificate that is replaced."""
import contextlib
import json
import os
import re
import ssl
import subprocess
import time

import pytest

import demo_world as world
from conftest import HOUR, ROOT

EXAMPLES = sorted((ROOT / "config" / "examples").glob("*.yaml"))


@pytest.fixture
def run(build_dir):
    def program(*arguments, **environment):
        return subprocess.run(
            [str(world.find_program(build_dir, "meshscope")), *map(str, arguments)],
            capture_output=True, text=True, timeout=60, env={**os.environ, **environment},
        )

    return program


def eventually(look, wanted, patience=60):
    """Asks until `look()` is as wanted."""
    end = time.monotonic() + patience
    while (seen := look()) != wanted:
        assert time.monotonic() < end, f"{seen!r} instead of {wanted!r}"
        time.sleep(0.02)


def written(folder, text):
    path = folder / "config.yaml"
    path.write_text(text)
    return path


def test_the_version_is_that_of_the_file(run):
    done = run("--version")
    assert (done.returncode, done.stderr) == (0, "")
    assert (ROOT / "VERSION").read_text().strip() in done.stdout


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_passes_the_check(run, example):
    done = run("--check-config", "--config", example)
    assert done.returncode == 0, done.stderr
    assert "external_services:" in done.stdout


def test_the_check_prints_what_holds_and_no_secret(run, tmp_path):
    secret = "pa55-do-not-show"
    path = written(tmp_path, f"""
auth: {{strategy: token}}
login_token: {{signing_key: {secret}}}
server: {{prot: 1}}
external_services:
  tracing:
    internal_url: http://user:{secret}@jaeger:16685
    health_check_url: http://jaeger:13133/status?access_token={secret}
    custom_headers: {{X-Key: {secret}}}
    auth: {{type: basic, username: demo, password: {secret}}}
  grafana: {{external_url: "https://grafana.example/?orgId=1&auth_token={secret}"}}
""")
    done = run("--check-config", "--config", path)
    assert done.returncode == 0, done.stderr
    assert secret not in done.stdout + done.stderr
    assert "port: 20001" in done.stdout
    assert "server.prot" in done.stderr and "port" in done.stderr
    # The same file does not start a server: nobody could log in.
    started = run("--config", path)
    assert started.returncode == 1
    assert "auth.strategy" in started.stdout + started.stderr


def test_the_check_tells_of_a_strategy_that_does_not_start(run, tmp_path):
    path = written(tmp_path, "auth: {strategy: openid, openid: {client_id: a, issuer_uri: 'https://idp'}}\nlogin_token: {signing_key: 0123456789abcdef}\n")
    done = run("--check-config", "--config", path)
    assert done.returncode == 0
    assert "warning: no server starts with it: auth.strategy is openid" in done.stderr
    assert run("--config", path).returncode == 1


def test_the_check_names_every_error_with_its_line(run, tmp_path):
    path = written(tmp_path, "server:\n  port: many\n  web_root: kiali\nauth:\n  strategy: magic\n")
    done = run("--check-config", "--config", path)
    assert done.returncode == 1
    assert done.stdout == ""
    for words in ("server.port", "line 2", "server.web_root", "auth.strategy", "line 5"):
        assert words in done.stderr
    assert run("--config", path).returncode == 1
    assert run("--check-config", "--config", tmp_path / "none.yaml").returncode == 1


def test_a_bad_expression_of_health_is_named_before_and_at_the_start(run, tmp_path):
    path = written(tmp_path, "auth: {strategy: anonymous}\nhealth_config:\n  rate:\n  - {name: a}\n  - tolerance: [{code: '5XX'}, {protocol: '(http'}]\n")
    for arguments in (["--check-config", "--config", path], ["--config", path]):
        done = run(*arguments)
        assert done.returncode == 1
        assert done.stdout == ""
        assert "health_config.rate[1].tolerance[1].protocol" in done.stderr


@pytest.mark.parametrize("key,settings", [
    ("tracing.internal_url", {"tracing": {"enabled": True, "internal_url": "http://jaeger:16686/?token=s3cr3t"}}),
    ("tracing.in_cluster_url", {"tracing": {"enabled": True, "in_cluster_url": "http://jaeger:port"}}),
    ("prometheus.url", {"prometheus": {"url": "http://prometheus:9090/?token=s3cr3t"}}),
    ("prometheus.health_check_url", {"prometheus": {"health_check_url": "prometheus:9090"}}),
    ("prometheus.auth.oauth2.token_url", {"prometheus": {"auth": {"type": "oauth2", "oauth2": {
        "token_url": "https://:1", "client_id": "a", "client_secret": "s3cr3t"}}}}),
    ("grafana.internal_url", {"grafana": {"internal_url": "ftp://grafana"}}),
], ids=lambda value: value if isinstance(value, str) else "")
def test_an_address_that_cannot_be_called_is_named_before_and_at_the_start(run, tmp_path, key, settings):
    services = {"tracing": {"enabled": False}, **settings}
    path = written(tmp_path, json.dumps({"auth": {"strategy": "anonymous"}, "server": {"port": 0}, "external_services": services}))
    for arguments in (["--check-config", "--config", path], ["--config", path]):
        done = run(*arguments)
        assert done.returncode == 1
        assert done.stdout == ""
        assert "external_services." + key in done.stderr
        assert "s3cr3t" not in done.stderr


def test_a_collector_that_cannot_be_called_is_named_before_and_at_the_start(run, tmp_path):
    own = {"enabled": True, "collector_url": "me:s3cr3t@collector:4317"}
    path = written(tmp_path, json.dumps({"auth": {"strategy": "anonymous"}, "server": {"port": 0, "observability": {"tracing": own}}}))
    for arguments in (["--check-config", "--config", path], ["--config", path]):
        done = run(*arguments)
        assert done.returncode == 1
        assert "server.observability.tracing.collector_url: " in done.stderr
        assert "s3cr3t" not in done.stderr


@pytest.mark.parametrize("wrong", [["--chek-config"], ["--config"], ["stray"]])
def test_a_wrong_command_line_is_2(run, wrong):
    done = run(*wrong)
    assert done.returncode == 2
    assert "--help" in done.stderr


def test_a_busy_port_is_a_clear_message(run, both, tmp_path):
    port = both["grpc"].console.port
    path = written(tmp_path, f"server: {{address: 127.0.0.1, port: {port}}}\nauth: {{strategy: anonymous}}\n")
    done = run("--config", path)
    assert done.returncode == 1
    assert str(port) in done.stderr + done.stdout


def test_logs_are_json_on_demand(launch, monkeypatch):
    monkeypatch.setenv("LOG_FORMAT", "json")
    monkeypatch.setenv("LOG_LEVEL", "debug")
    api = launch.console({"enabled": False})
    api.get("/api/config", headers={"X-Request-Id": "of-the-log"})
    api.console.stop()
    lines = [json.loads(line) for line in api.console.process.log().splitlines()]
    assert any(line.get("request_id") == "of-the-log" and line.get("route") == "/api/config" for line in lines)


def test_own_metrics_count_requests_and_calls(launch):
    mesh = launch.mesh(mesh="fixture", flags=["--start-micros", str(world.FIXTURE_START_MICROS)])
    api = launch.console_for(mesh, "grpc", wait="/readyz")
    api.get("/api/namespaces/bookinfo/apps/productpage/traces", limit=1, **HOUR)

    def value(name, *labels):
        text = world.ask(api.console.metrics_port, "/metrics").body.decode()
        values = [
            float(line.rsplit(" ", 1)[1]) for line in text.splitlines()
            if re.match(name + r"[{ ]", line) and all(label in line for label in labels)
        ]
        return values[0] if values else None

    route = 'route="/api/namespaces/{namespace}/apps/{app}/traces"'
    # A request is counted after its last byte has gone.
    eventually(lambda: value("meshscope_http_requests_total", route, 'status="200"'), 1)
    # The search and at least one look of the prober.
    assert value("meshscope_upstream_calls_total", 'upstream="jaeger"', 'outcome="ok"') >= 2
    assert value("meshscope_upstream_reachable", 'upstream="jaeger"') == 1
    assert value("meshscope_upstream_calls_in_flight", 'upstream="jaeger"') == 0


def test_other_origins_are_let_in_only_when_allowed(launch):
    ask = {"Origin": "https://a.example", "Access-Control-Request-Method": "GET"}
    closed = launch.console({"enabled": False})
    assert "Access-Control-Allow-Origin" not in closed.raw("/api/config", method="OPTIONS", headers=ask).headers
    api = launch.console({"enabled": False}, more={"server": {"cors_allow_all": True}})
    answer = api.raw("/api/config", method="OPTIONS", headers=ask)
    assert answer.status == 204
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "GET" in answer.headers["Access-Control-Allow-Methods"]
    assert "Meshscope-Meta" in api.get("/api/config", headers=ask).headers["Access-Control-Expose-Headers"]


def make_certificate(folder, name):
    """Self-signed, replaced as a mounted secret is: a file moved over the other."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1",
         "-subj", f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1",
         "-keyout", folder / "new.key", "-out", folder / "new.crt"],
        check=True, capture_output=True,
    )
    os.replace(folder / "new.key", folder / "tls.key")
    os.replace(folder / "new.crt", folder / "tls.crt")
    return ssl.PEM_cert_to_DER_cert((folder / "tls.crt").read_text())


def test_https_takes_a_new_certificate_without_a_restart(launch, tmp_path):
    first = make_certificate(tmp_path, "first")
    port = world.free_port()
    identity = {"cert_file": str(tmp_path / "tls.crt"), "private_key_file": str(tmp_path / "tls.key")}
    console = world.Console(
        launch.build_dir, launch.new_folder(), port, world.free_port(), {"enabled": False}, {"identity": identity}
    )
    launch.processes.append(console.process)

    def shown():
        assert console.process.running(), console.process.log()
        with contextlib.suppress(OSError):
            return ssl.PEM_cert_to_DER_cert(ssl.get_server_certificate(("127.0.0.1", port), timeout=10))
        return None

    eventually(shown, first)
    second = make_certificate(tmp_path, "second")
    assert second != first
    eventually(shown, second)
