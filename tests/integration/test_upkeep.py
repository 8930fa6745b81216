"""What an operator does to a server that runs: replaces what it trusts and who it is, over real TLS; looks who was denied what; takes a
support bundle along."""
import http.client
import io
import json
import os
import secrets
import signal
import ssl
import stat
import subprocess
import tarfile
import time

import pytest

import demo_world as world
from conftest import NOW, ROOT
from fake_jaeger import FakeJaeger
from test_credentials import PATH
from test_program import eventually
from visitor import Visitor, web_token


class Authority:
    """Gives certificates for loopback, of servers and of clients."""

    def __init__(self, folder, name):
        self.folder, self.name = folder, name
        folder.mkdir()
        self.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", f"/CN={name}",
                     "-addext", "keyUsage=critical,keyCertSign", "-keyout", "ca.key", "-out", "ca.crt")

    def openssl(self, *arguments):
        subprocess.run(["openssl", *arguments], check=True, capture_output=True, cwd=self.folder)

    def issue(self, name):
        """Paths of a certificate and its key."""
        (self.folder / "extensions").write_text("subjectAltName=IP:127.0.0.1\n")
        self.openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}",
                     "-keyout", f"{name}.key", "-out", f"{name}.csr")
        self.openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
                     "-extfile", "extensions", "-out", f"{name}.crt")
        return self.folder / f"{name}.crt", self.folder / f"{name}.key"

    @property
    def file(self):
        return self.folder / "ca.crt"


def put(source, target):
    """As a mounted Secret changes: another file under the old name."""
    new = target.with_suffix(".new")
    new.write_bytes(source if isinstance(source, bytes) else source.read_bytes())
    os.replace(new, target)


class TlsJaeger(FakeJaeger):
    """Speaks TLS with a certificate of `authority`, to who has one of it, too, and the token."""

    def __init__(self, authority, token):
        super().__init__(int(time.time() * 1e6), lambda headers: None if headers.get("authorization") == "Bearer " + self.token else (401, "no"))
        self.token = token
        self.change(authority, token)
        take = self.server.get_request

        def take_over_tls():
            connection, peer = take()
            return self.tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False), peer

        self.server.get_request = take_over_tls

    def change(self, authority, token):
        fresh = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        fresh.verify_mode = ssl.CERT_REQUIRED
        fresh.load_verify_locations(authority.file)
        fresh.load_cert_chain(*authority.issue("jaeger"))
        self.tls, self.token = fresh, token


@pytest.mark.parametrize("told", [False, True], ids=["by itself", "by SIGHUP"])
def test_certificates_authorities_and_tokens_are_replaced_without_a_restart(launch, request, tmp_path, told):
    old, new = Authority(tmp_path / "old", "old"), Authority(tmp_path / "new", "new")
    jaeger = TlsJaeger(old, "token-1")
    request.addfinalizer(jaeger.stop)
    mounted = tmp_path / "mounted"
    mounted.mkdir()

    def mount(authority, token):
        for name in ("client", "server"):
            for path in authority.issue(name):
                put(path, mounted / path.name)
        put(authority.file, mounted / "ca.crt")
        put(token.encode(), mounted / "token")

    mount(old, "token-1")
    identity = {"cert_file": str(mounted / "server.crt"), "private_key_file": str(mounted / "server.key")}
    auth = {"type": "bearer", "token": str(mounted / "token"), "ca_file": str(mounted / "ca.crt"),
            "cert_file": str(mounted / "client.crt"), "key_file": str(mounted / "client.key")}
    tracing = {"internal_url": f"https://127.0.0.1:{jaeger.port}/jaeger", "use_grpc": False, "auth": auth}
    port = world.free_port()
    console = world.Console(launch.build_dir, launch.new_folder(), port, world.free_port(), tracing, {
        "identity": identity, "meshscope": {"trace_cache_mb": 0, "probe_interval": "1s"}})
    launch.processes.append(console.process)

    def get(path, authority):
        """The status and JSON of an answer over a connection of its own, None when there is none that is trusted."""
        assert console.process.running(), console.process.log()
        context = ssl.create_default_context(cafile=authority.file)
        connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=30, context=context)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        except (OSError, ValueError):
            return None
        finally:
            connection.close()

    def traces(authority):
        answer = get(PATH, authority)
        return answer and (len(answer[1]["data"]) if answer[0] == 200 else answer)

    eventually(lambda: traces(old), 1)
    log = console.process.log
    pid = console.process.child.pid
    jaeger.change(new, "token-2")
    mount(new, "token-2")
    if told:
        console.config_path.write_text(console.config_path.read_text() + "\n# another line\n")
        os.kill(pid, signal.SIGHUP)
        eventually(lambda: "credentials and certificates are read again" in log(), True)
        eventually(lambda: "the configuration file has changed" in log(), True)
        assert traces(new) == 1  # at once
        assert "TLS certificate reloaded" in log()
    eventually(lambda: traces(new), 1)
    assert traces(old) is None
    for setting in ("tracing.auth.token", "tracing.auth.ca_file", "tracing.auth.cert_file", "tracing.auth.key_file", "identity.cert_file"):
        eventually(lambda: f"has changed setting={'' if setting.startswith('identity') else 'external_services.'}{setting} " in log(), True)
    for secret in ("token-1", "token-2", (mounted / "client.key").read_text().split("\n")[1]):
        assert secret not in log()
    # A pair that does not fit together: said, and the one before serves on.
    put(old.issue("server")[0], mounted / "server.crt")
    os.kill(pid, signal.SIGHUP)
    eventually(lambda: traces(new) == 1 and "the changed TLS certificate is not usable, the old one stays" in log(), True)


def audit_lines(console):
    lines = [json.loads(line) for line in console.process.log().splitlines() if line.startswith("{")]
    return [line for line in lines if line["msg"] == "audit"]


def test_the_audit_tells_who_came_and_who_was_denied_what(launch, guarded, monkeypatch):
    monkeypatch.setenv("LOG_FORMAT", "json")
    mesh, _ = guarded
    api = launch.guarded(mesh)
    token = web_token("demo-a")
    visitor = Visitor(api, token)
    visitor.get("/api/namespaces/travel-agency/apps/travels/traces", status=403, tags='{"a":"queried"}')
    visitor.login("guess-5f0c", status=401)
    api.get("/api/namespaces", status=401)  # has to log in: nothing is denied
    api.get("/api/namespaces", status=401, headers={"Authorization": "Bearer guess-77aa"})
    visitor.login(token)
    visitor.get("/api/logout", status=204)
    lines = audit_lines(api.console)
    assert [(line["event"], line.get("user"), line.get("status")) for line in lines] == [
        ("login", "demo:demo-a", None), ("denied", "demo:demo-a", 403), ("login_refused", None, None), ("denied", None, 401),
        ("login", "demo:demo-a", None), ("logout", "demo:demo-a", None)]
    assert lines[1]["path"] == "/api/namespaces/travel-agency/apps/travels/traces" and lines[1]["method"] == "GET"
    for line in lines:
        assert {"ts", "level", "msg", "event", "strategy", "peer", "request_id"} <= set(line)
        assert bool(line.get("reason")) == (line["event"] in ("denied", "login_refused"))
    for secret in (token, "guess-5f0c", "guess-77aa", "queried"):
        assert secret not in json.dumps(lines)


def bundle_of(build_dir, console):
    """The texts of a bundle by name."""
    program = world.find_program(build_dir, "meshscope")
    done = subprocess.run([program, "--config", console.config_path, "--support-bundle", "-"], capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as tar:
        return {member.name.removeprefix("meshscope-support/"): tar.extractfile(member).read().decode() for member in tar}


def test_a_support_bundle_has_what_helps_and_no_secret(launch, tmp_path):
    mark = "mark-" + secrets.token_hex(8)
    (tmp_path / "password").write_text(mark + "-file")
    mesh = launch.mesh(mesh="fixture", flags=["--start-micros", str(NOW), "--kubernetes-anonymous", "none"])
    key = (mark + "x" * 32)[:32]
    more = {"external_services": {"prometheus": {"enabled": True, "url": f"http://user:{mark}@127.0.0.1:1", "custom_headers": {"X-Key": mark}}}}
    auth = {"type": "basic", "username": "demo-user", "password": str(tmp_path / "password")}
    api = launch.console_for(mesh, "http", world.merged(world.login_settings("token", key), more), wait="/readyz", auth=auth)
    Visitor(api, web_token("demo-a")).get(f"/api/namespaces/{mark}/apps/x/traces", status=403)
    eventually(lambda: "Unreachable" in bundle_of(launch.build_dir, api.console)["status.txt"], True)
    files = bundle_of(launch.build_dir, api.console)
    assert set(files) == {"versions.txt", "configuration.yaml", "configuration-warnings.txt", "status.txt", "process.txt",
                          "credential-files.txt", "metrics.txt", "log.txt"}
    assert (ROOT / "VERSION").read_text().strip() in files["versions.txt"]
    assert "strategy: token" in files["configuration.yaml"] and "password: xxx" in files["configuration.yaml"]
    assert "kubernetes: Healthy" in files["status.txt"] and "prometheus: Unreachable" in files["status.txt"]
    assert "external_services.tracing.auth.password" in files["credential-files.txt"]
    assert "meshscope_upstream_reachable" in files["metrics.txt"]
    assert "audit event=denied user=demo:demo-a" in files["log.txt"] and "serving" in files["log.txt"]
    for name, text in files.items():
        for secret in (mark, key, web_token("demo-a"), world.token_of("demo-server")):
            assert secret not in text, name
    # To a file that nobody else reads.
    api.console.stop()
    target = tmp_path / "bundle.tar"
    command = [world.find_program(launch.build_dir, "meshscope"), "--config", api.console.config_path, "--support-bundle", target]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0 and "no running server" in done.stderr
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    with tarfile.open(target) as tar:
        assert "meshscope-support/no-server.txt" in tar.getnames()
