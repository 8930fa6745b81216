"""Real Jaeger programs: which there are, how they are built out of go.mod, and one running with the storage and the front one asks for."""
import contextlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools" / "dev"))

import demo_world as world  # noqa: E402

MODULE = "github.com/jaegertracing/jaeger"
PROGRAMS = ROOT / "build" / "interop"
TOKEN = "interop-token"
PROTOCOLS = ("grpc api_v3", "grpc api_v2", "http api_v3", "http v1")


class NotHad(Exception):
    """Why a real program cannot be had on this machine."""


class Version:
    """A program and the release that it is."""

    def __init__(self, name, program, generation, package=None, simulated=None):
        self.name = name  # "v1.76.0"
        self.simulated = simulated or name  # what the simulated one calls itself beside it
        self.program = pathlib.Path(program)
        self.generation = generation  # 1: flags; 2: a configuration file
        self.package = package


# Releases of 2.x have no version of a Go module of their own. v2.13.0 is the second program of the commit that is v1.76.0.
PINNED = (
    Version("v1.76.0", PROGRAMS / "jaeger-v1.76.0", 1, f"{MODULE}/cmd/all-in-one", "v2.13.0"),
    Version("v2.13.0", PROGRAMS / "jaeger-v2.13.0", 2, f"{MODULE}/cmd/jaeger"),
)
PROXY = PROGRAMS / "bearer_proxy"


def _go():
    """The newest go of PATH and the usual place."""
    for candidate in (shutil.which("go"), "/usr/local/go/bin/go"):
        if candidate and os.access(candidate, os.X_OK):
            text = subprocess.run([candidate, "env", "GOVERSION"], capture_output=True, text=True, cwd="/").stdout.strip()
            with contextlib.suppress(ValueError):
                if tuple(int(part) for part in text.removeprefix("go").split(".")[:2]) >= (1, 24):
                    return candidate
    raise NotHad("there is no go 1.24 or later")


def build():
    """Builds what PINNED names, gently; at once when nothing is to be done. NotHad with the reason."""
    go = _go()
    PROGRAMS.mkdir(parents=True, exist_ok=True)
    if not all(version.program.exists() for version in PINNED):
        print("interop: building the Jaeger programs; the first time this takes ten minutes of one core, at the lowest priority", file=sys.stderr, flush=True)
    for version in PINNED:
        mark = f"-X {MODULE}/internal/version.latestVersion={version.name}"
        _run_go(go, version.program, version.package, ["-ldflags", mark])
    _run_go(go, PROXY, "./bearer_proxy", [])


def _run_go(go, program, package, flags):
    begun = time.monotonic()
    done = subprocess.run(
        ["nice", "-n", "19", go, "build", "-mod=readonly", *flags, "-o", program, package],
        cwd=ROOT / "tools" / "interop",
        env={**os.environ, "GOFLAGS": "-p=1", "GOMAXPROCS": "2"},
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        last = [line for line in done.stderr.splitlines() if line.strip()][-3:]
        raise NotHad(f"{package} cannot be built: " + " ".join(last))
    print(f"interop: {program.name} is built ({time.monotonic() - begun:.0f} s)", file=sys.stderr, flush=True)


class Setting:
    """What a Jaeger is started with."""

    def __init__(self, name, storage="memory", base_path="", tls=False, bearer=False):
        self.name = name
        self.storage = storage
        self.base_path = base_path
        self.tls = tls
        self.bearer = bearer


SETTINGS = (
    Setting("memory"),
    Setting("Badger, /jaeger", storage="badger", base_path="/jaeger"),
    Setting("memory, /jaeger, TLS", base_path="/jaeger", tls=True),
    Setting("memory, /jaeger, bearer proxy", base_path="/jaeger", bearer=True),
    Setting("Badger, TLS", storage="badger", tls=True),
)


class Certificates:
    """An authority that has signed a certificate for 127.0.0.1, as files."""

    def __init__(self, folder):
        self.authority = folder / "ca.pem"
        self.certificate = folder / "server.pem"
        self.key = folder / "server.key"
        names = "subjectAltName=IP:127.0.0.1"
        self._openssl(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                       "-subj", "/CN=interop", "-keyout", folder / "ca.key", "-out", self.authority])
        self._openssl(["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=127.0.0.1",
                       "-keyout", self.key, "-out", folder / "server.csr"])
        (folder / "names").write_text(names + "\n")
        self._openssl(["x509", "-req", "-in", folder / "server.csr", "-CA", self.authority, "-CAkey", folder / "ca.key",
                       "-CAcreateserial", "-days", "2", "-extfile", folder / "names", "-out", self.certificate])

    @staticmethod
    def _openssl(arguments):
        subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


class Jaeger:
    """A running one that holds nothing. `stop()` ends it."""

    def __init__(self, version, setting, folder, certificates):
        self.version = version
        self.setting = setting
        self.certificates = certificates
        self.folder = pathlib.Path(tempfile.mkdtemp(dir=folder))
        self.http_port, self.grpc_port, self.otlp_port = world.free_port(), world.free_port(), world.free_port()
        self.otlp_grpc_port, self.zipkin_port = world.free_port(), world.free_port()
        self.proxies = {}
        command, env = self._flags() if version.generation == 1 else self._configuration()
        env["TMPDIR"] = str(self.folder)  # where Badger puts what is ephemeral
        self.process = world.Process(f"jaeger {version.name}", [version.program, *command], self.folder / "log", env=env)

    def _flags(self):
        def at(port):
            return f"127.0.0.1:{port}"

        flags = {
            "query.http-server.host-port": at(self.http_port),
            "query.grpc-server.host-port": at(self.grpc_port),
            "collector.otlp.http.host-port": at(self.otlp_port),
            "collector.otlp.grpc.host-port": at(self.otlp_grpc_port),
            "collector.zipkin.host-port": at(self.zipkin_port),
            "collector.http-server.host-port": at(world.free_port()),
            "collector.grpc-server.host-port": at(world.free_port()),
            "collector.queue-size": 1_000_000,  # what does not fit is dropped
            "admin.http.host-port": at(world.free_port()),
            "log-level": "warn",
        }
        if self.setting.base_path:
            flags["query.base-path"] = self.setting.base_path
        if self.setting.storage == "badger":
            flags["badger.ephemeral"] = "true"
        if self.setting.tls:
            for part in ("http", "grpc"):
                flags[f"query.{part}.tls.enabled"] = "true"
                flags[f"query.{part}.tls.cert"] = self.certificates.certificate
                flags[f"query.{part}.tls.key"] = self.certificates.key
        return [f"--{name}={value}" for name, value in flags.items()], {"SPAN_STORAGE_TYPE": self.setting.storage}

    def _configuration(self):
        def at(port, tls=False):
            out = {"endpoint": f"127.0.0.1:{port}"}
            if tls:
                out["tls"] = {"cert_file": str(self.certificates.certificate), "key_file": str(self.certificates.key)}
            return out

        query = {
            "storage": {"traces": "store"},
            "http": at(self.http_port, self.setting.tls),
            "grpc": at(self.grpc_port, self.setting.tls),
        }
        if self.setting.base_path:
            query["base_path"] = self.setting.base_path
        storage = {"memory": {"max_traces": 100000}, "badger": {"ephemeral": True}}[self.setting.storage]
        config = {
            "service": {
                "extensions": ["jaeger_storage", "jaeger_query"],
                "pipelines": {"traces": {"receivers": ["otlp", "zipkin"], "exporters": ["jaeger_storage_exporter"]}},
                "telemetry": {"metrics": {"level": "none"}, "logs": {"level": "warn"}},
            },
            "extensions": {"jaeger_query": query, "jaeger_storage": {"backends": {"store": {self.setting.storage: storage}}}},
            "receivers": {"otlp": {"protocols": {"http": at(self.otlp_port), "grpc": at(self.otlp_grpc_port)}}, "zipkin": at(self.zipkin_port)},
            "exporters": {"jaeger_storage_exporter": {"trace_storage": "store"}},
        }
        path = self.folder / "config.yaml"
        path.write_text(world.to_yaml(config) + "\n")
        return ["--config", str(path)], {}

    def wait(self, patience=30):
        """Until it can be asked and sent to."""
        deadline = time.monotonic() + patience
        waiting = [self.http_port, self.grpc_port, self.otlp_port]
        while waiting:
            if not self.process.running():
                raise self.process.ended()
            if time.monotonic() > deadline:
                raise world.DemoError(f"jaeger {self.version.name} does not listen after {patience} s:\n{self.process.log()[-1500:]}")
            with contextlib.suppress(OSError):
                with contextlib.closing(world.socket.create_connection(("127.0.0.1", waiting[0]), 1)):
                    waiting.pop(0)
                    continue
            time.sleep(0.02)

    def place(self, protocol):
        """Where and how to ask it: what tests/contract/foreign_backend.cpp reads."""
        grpc = protocol.startswith("grpc")
        port = self.grpc_port if grpc else self.http_port
        if self.setting.bearer:
            port = self._proxy(port)
        scheme = "https" if self.setting.tls else "http"
        return {
            "protocol": protocol,
            "url": f"{scheme}://127.0.0.1:{port}{'' if grpc else self.setting.base_path}",
            "otlp": f"http://127.0.0.1:{self.otlp_port}",
            "headers": {},
            "token": TOKEN if self.setting.bearer else "",
            "ca_file": str(self.certificates.authority) if self.setting.tls else "",
            "repeated_keys": "v3" not in protocol,
        }

    def _proxy(self, port):
        if port not in self.proxies:
            child = subprocess.Popen(
                [PROXY, "-to", f"http://127.0.0.1:{port}", "-token", TOKEN],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            )
            self.proxies[port] = (child, int(child.stdout.readline()))
        return self.proxies[port][1]

    def stop(self):
        for child, _ in self.proxies.values():
            child.stdin.close()
            child.wait()
            child.stdout.close()
        self.process.child.kill()  # what it holds is not wanted
        self.process.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
