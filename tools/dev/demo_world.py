"""The processes of a demo: a simulated mesh (bookinfo) and consoles (meshscope) on known ports.

Used by ./dev demo and by the integration tests. Standard library only.
"""
import collections
import contextlib
import ctypes
import http.client
import itertools
import json
import os
import pathlib
import random
import signal
import socket
import subprocess
import time
import urllib.parse

FIXTURE_START_MICROS = 1_763_683_200_000_000
BASE_PATH = "/jaeger"


class DemoError(Exception):
    """Something the person at the keyboard can act on."""


class Sight:
    """What of the mesh is looked at: an application, a workload, and who may see both."""

    def __init__(self, namespace, app, operation, workload, user, joined):
        self.namespace = namespace
        self.app = app
        self.service = f"{app}.{namespace}"
        self.operation = operation
        self.workload = workload
        self.user = user
        self.joined = joined  # how its lines are led to spans

    def path(self, rest):
        return f"/api/namespaces/{self.namespace}/{rest}"


BOOKINFO = Sight(
    "bookinfo",
    "productpage",
    "productpage.bookinfo.svc.cluster.local:9080/productpage",
    "reviews-v1",
    "demo-a",
    {("app", "trace_id"), ("proxy", "request_id")},
)
TRAVEL_AGENCY = Sight(
    "travel-agency",
    "travels",
    "travels.travel-agency.svc.cluster.local:8000/*",
    "cars-v1",
    "demo-b",
    {("app", "trace_id"), ("proxy", "trace_id")},
)


class Scenario:
    """What differs from a healthy demo: flags of the mesh, and mistakes in the console's configuration."""

    def __init__(self, summary, mesh="normal", flags=(), protocol=None, url=None, auth=None, fault=None, sight=BOOKINFO):
        self.summary = summary
        self.mesh = mesh
        self.flags = list(flags)
        self.protocol = protocol  # "grpc" or "http" when the scenario is about one of them
        self.url = url  # function of the mesh's ports
        self.auth = auth
        self.fault = fault  # None, or what every answer about traces must say
        self.sight = sight


class Fault:
    """What an operator must read in the error: one of `settings`, and each of `words`; and what the explanation calls it, one of `codes`."""

    def __init__(self, statuses, settings, words, codes):
        self.codes = codes
        self.statuses = statuses
        self.settings = settings
        self.words = words


TRACING = "external_services.tracing."
URL_SETTINGS = (TRACING + "internal_url", TRACING + "in_cluster_url")

SCENARIOS = {
    "normal": Scenario("everything works; some calls are slow, some fail"),
    "slow-ratings": Scenario("ratings takes two seconds, mostly", mesh="slow-ratings"),
    "ratings-errors": Scenario("every second call of ratings fails", mesh="ratings-errors"),
    "clock-skew": Scenario("the clock of one node is 180 ms late", mesh="clock-skew"),
    "big-trace": Scenario("one trace has 50 000 spans", mesh="big-trace"),
    "many-workloads": Scenario("1 000 more workloads", mesh="many-workloads"),
    "krakend": Scenario(
        "API gateways that report every set of KrakenD's layers",
        mesh="krakend",
        sight=TRAVEL_AGENCY,  # all that the gateways call
    ),
    "graph-zoo": Scenario("every class of traffic in the metrics: TCP, gRPC, egress, idle, ambient", mesh="graph-zoo"),
    "gaps": Scenario("a request each second; some to details are cut off and leave no span", mesh="gaps"),
    "fixture": Scenario(
        "time stands still; seven known traces",
        mesh="fixture",
        flags=["--start-micros", str(FIXTURE_START_MICROS)],
    ),
    "jaeger-down": Scenario(
        "nothing listens on Jaeger's ports",
        flags=["--closed"],
        fault=Fault((503,), URL_SETTINGS, ("refused",), ("nothing_listens", "wrong_port")),
    ),
    "wrong-prefix": Scenario(
        "the console's URL lacks Jaeger's base path",
        protocol="http",
        url=lambda mesh: f"http://127.0.0.1:{mesh.http_port}",
        fault=Fault((502,), URL_SETTINGS, (BASE_PATH,), ("path_prefix_missing",)),
    ),
    "grpc-on-http-port": Scenario(
        "the console speaks gRPC to Jaeger's HTTP port",
        protocol="grpc",
        url=lambda mesh: f"http://127.0.0.1:{mesh.http_port}{BASE_PATH}",
        fault=Fault((502, 503), URL_SETTINGS + (TRACING + "use_grpc",), ("HTTP", "gRPC"), ("grpc_on_http_port",)),
    ),
    "wrong-port": Scenario(
        "the console's URL has a port where nothing listens",
        url=lambda mesh: f"http://127.0.0.1:{free_port()}{BASE_PATH}",
        fault=Fault((503,), URL_SETTINGS, ("refused",), ("nothing_listens", "wrong_port")),
    ),
    "http-on-grpc-port": Scenario(
        "the console speaks HTTP to Jaeger's gRPC port",
        protocol="http",
        url=lambda mesh: f"http://127.0.0.1:{mesh.grpc_port}{BASE_PATH}",
        fault=Fault((502,), URL_SETTINGS + (TRACING + "use_grpc",), ("gRPC",), ("http_on_grpc_port",)),
    ),
    "extra-prefix": Scenario(
        "the console's URL has more than Jaeger's base path",
        protocol="http",
        url=lambda mesh: f"http://127.0.0.1:{mesh.http_port}{BASE_PATH}/ui",
        fault=Fault((502,), URL_SETTINGS, (BASE_PATH,), ("path_prefix_extra",)),
    ),
    "unknown-host": Scenario(
        "the console's URL has a host name that does not exist",
        protocol="http",
        url=lambda mesh: f"http://jaeger.invalid:16686{BASE_PATH}",
        fault=Fault((503,), URL_SETTINGS, ("resolve",), ("dns",)),
    ),
    "tls-not-spoken": Scenario(
        "the console's URL says https and Jaeger speaks plain text",
        protocol="http",
        url=lambda mesh: f"https://127.0.0.1:{mesh.http_port}{BASE_PATH}",
        fault=Fault((502,), URL_SETTINGS, ("TLS",), ("tls_not_spoken",)),
    ),
    "bad-credentials": Scenario(
        "the console's password for Jaeger is wrong",
        flags=["--basic-auth", "demo:the-right-one"],
        auth={"type": "basic", "username": "demo", "password": "the-wrong-one"},
        fault=Fault((502,), (TRACING + "auth",), (), ("credentials_refused",)),
    ),
}


def _die_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


class Process:
    """A child that dies with us. Output goes to a file; the end of it is shown when something is wrong."""

    def __init__(self, name, command, log_path, stdout=None, env=None):
        self.name = name
        self.log_path = pathlib.Path(log_path)
        with open(self.log_path, "wb") as log:
            self.child = subprocess.Popen(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=stdout or log,
                stderr=log,
                env={**os.environ, "GRPC_VERBOSITY": "NONE", **(env or {})},
                start_new_session=True,  # Ctrl-C is for us; we end the children in order
                preexec_fn=_die_with_parent,
            )

    def running(self):
        return self.child.poll() is None

    def log(self):
        return self.log_path.read_text(errors="replace")

    def ended(self):
        tail = "\n".join(self.log().splitlines()[-15:])
        return DemoError(f"{self.name} ended with code {self.child.poll()}:\n{tail}")

    def stop(self, patience=60):
        """Asks it to end; returns its exit code."""
        if self.running():
            self.child.terminate()
            try:
                self.child.wait(patience)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()
        if self.child.stdout:
            self.child.stdout.close()
        return self.child.returncode


class Answer:
    def __init__(self, status, headers, body, seconds):
        self.status = status
        self.headers = headers
        self.body = body
        self.seconds = seconds

    def json(self):
        return json.loads(self.body)

    def meta(self):
        """The answer's meta, from the body or from the header."""
        if "Meshscope-Meta" in self.headers:
            return json.loads(self.headers["Meshscope-Meta"])
        return self.json()["meta"]


def ask(port, target, method="GET", headers=None, body=None, timeout=30):
    """One HTTP request on a connection of its own. A refused connection raises OSError."""
    started = time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request(method, target, body=body, headers=headers or {})
        response = connection.getresponse()
        content = response.read()
        return Answer(response.status, response.headers, content, time.monotonic() - started)
    finally:
        connection.close()


def query(path, **parameters):
    given = {key: value for key, value in parameters.items() if value is not None}
    return path + ("?" + urllib.parse.urlencode(given) if given else "")


_free_ports = itertools.cycle(random.sample(range(20100, 32000), 11900))


def free_port():
    """A port that is free now. Below those that the system gives to outgoing connections, and another at each call."""
    for port in _free_ports:
        with contextlib.closing(socket.socket()) as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def require_free(port, what):
    with contextlib.closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise DemoError(
                f"port {port} ({what}) is not free: {error.strerror}. "
                "Stop what uses it, or take other ports with --base-port N."
            ) from error


def find_program(build_dir, name):
    for path in (pathlib.Path(build_dir) / "app" / name, pathlib.Path(build_dir) / "demo" / name):
        if path.is_file() and os.access(path, os.X_OK):
            return path
    raise DemoError(f"{name} is not built in {build_dir}; run ./dev build first")


class Mesh:
    """A running bookinfo."""

    def __init__(self, build_dir, folder, mesh="normal", seed=1, ports=(0, 0, 0), flags=(), base_path=BASE_PATH, authority=None):
        """`authority`: a demo_tls.Authority; the cluster's API speaks TLS with a certificate of its."""
        http_port, grpc_port, control_port = ports
        self.authority = authority
        if authority:
            certificate, key = authority.server()
            flags = [*flags, "--kubernetes-certificate", certificate, "--kubernetes-key", key]
        # Output comes through a pipe only until the first line.
        self.process = Process(
            "bookinfo",
            [
                find_program(build_dir, "bookinfo"),
                "--http-port", http_port, "--grpc-port", grpc_port, "--control-port", control_port,
                "--base-path", base_path, "--scenario", mesh, "--seed", seed, *flags,
            ],
            pathlib.Path(folder) / "bookinfo.log",
            stdout=subprocess.PIPE,
        )
        line = self.process.child.stdout.readline()
        if not line:
            self.process.child.wait()
            raise self.process.ended()
        ready = json.loads(line)
        self.http_port = ready["http"] or http_port
        self.grpc_port = ready["grpc"] or grpc_port
        self.control_port = ready["control"]
        self.otlp_ports = {"grpc": ready["otlp_grpc"], "http": ready["otlp_http"]}
        self.kubernetes_port = ready["kubernetes"]
        self.metrics_port = ready["metrics"]
        self.base_path = base_path

    def url(self, protocol):
        port = self.grpc_port if protocol == "grpc" else self.http_port
        return f"http://127.0.0.1:{port}{self.base_path}"

    def counts(self):
        return ask(self.control_port, "/counts").json()

    def calls(self, transport):
        """How often each method was called over "grpc" or "http", whichever version of the API it was."""
        counts = self.counts()
        return dict(collections.Counter(counts[transport]) + collections.Counter(counts[transport + "_v3"]))

    def set_jaeger_version(self, version, api_v3=True):
        """Another release of Jaeger from the next call on."""
        target = query("/jaeger-version", version=version, **{"api-v3": "on" if api_v3 else "off"})
        answer = ask(self.control_port, target, method="POST")
        if answer.status != 200:
            raise DemoError(answer.json()["error"])

    def metrics_history(self):
        """How far the history of the metrics is written: "state", "percent", and what the control port says besides."""
        return ask(self.control_port, "/metrics-history").json()

    def reset(self):
        ask(self.control_port, "/reset", method="POST")

    def set_faults(self, **faults):
        """latency_ms, and {stall,cut}_after_{chunks,bytes}; -1 ends those."""
        named = {key.replace("_", "-"): value for key, value in faults.items()}
        answer = ask(self.control_port, query("/faults", **named), method="POST")
        if answer.status != 200:
            raise DemoError(answer.body.decode())

    def set_kubernetes(self, **state):
        """state="off", "on", "slow" (and latency_ms), "expire"; crds="off", "on"."""
        self._control("/kubernetes", **{key.replace("_", "-"): value for key, value in state.items()})

    def kubeconfig(self, path, user="demo-server"):
        """Writes who `user` is and where the cluster is; returns the path. JSON, which is YAML."""
        name = "demo"
        cluster = {"server": f"{'https' if self.authority else 'http'}://127.0.0.1:{self.kubernetes_port}"}
        if self.authority:
            cluster["certificate-authority"] = str(self.authority.certificate)
        pathlib.Path(path).write_text(json.dumps({
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": name,
            "contexts": [{"name": name, "context": {"cluster": name, "user": user}}],
            "clusters": [{"name": name, "cluster": cluster}],
            "users": [{"name": user, "user": {"token": token_of(user)}}],
        }, indent=2) + "\n")
        return path

    def set_gaps(self, **gaps):
        """What never gets to Jaeger: sampling=PERCENT, drop="WORKLOAD:PERCENT,...", no_context="APP,...". What is not given is whole."""
        self._control("/gaps", **{key.replace("_", "-"): value for key, value in gaps.items()})

    def roll_out(self, workload):
        """Another ReplicaSet of that Deployment with another pod."""
        self._control("/kubernetes/rollout", workload=workload)

    def _control(self, path, **parameters):
        answer = ask(self.control_port, query(path, **parameters), method="POST")
        if answer.status != 200:
            raise DemoError(answer.json()["error"])

    def stop(self):
        return self.process.stop()


def to_yaml(value, indent=0):
    """Maps, lists of scalars and scalars; scalars as JSON, which is YAML."""
    lines = []
    for key, item in value.items():
        if isinstance(item, dict) and item:
            lines.append(" " * indent + f"{key}:")
            lines.append(to_yaml(item, indent + 2))
        else:
            lines.append(" " * indent + f"{key}: {json.dumps(item)}")
    return "\n".join(lines)


def merged(base, changes):
    """A copy of nested maps with others laid over."""
    out = dict(base)
    for key, value in changes.items():
        both = isinstance(value, dict) and isinstance(out.get(key), dict)
        out[key] = merged(out[key], value) if both else value
    return out


def console_config(port, metrics_port, tracing, more=None):
    config = {
        "auth": {"strategy": "anonymous"},
        "server": {
            "address": "127.0.0.1",
            "port": port,
            "observability": {"metrics": {"enabled": True, "port": metrics_port}},
        },
        "external_services": {"tracing": {"enabled": True, **tracing}},
    }
    config = merged(config, more or {})
    if "MESHSCOPE_CONSOLE_ROOT" in os.environ:  # other pages than those beside the program
        config = merged(config, {"meshscope": {"console_root": os.environ["MESHSCOPE_CONSOLE_ROOT"]}})
    prometheus = config["external_services"].setdefault("prometheus", {})
    if "url" not in prometheus:
        prometheus.setdefault("enabled", False)
    return config


# A question about a host that is nowhere goes to a real resolver; a packet that is lost costs a second, not five.
RESOLVER = {"RES_OPTIONS": "timeout:1 attempts:3"}


class Console:
    """A running meshscope."""

    def __init__(self, build_dir, folder, port, metrics_port, tracing, more=None, name="meshscope", env=None, before=(), flags=()):
        folder = pathlib.Path(folder)
        self.port = port
        self.metrics_port = metrics_port
        self.config_path = folder / f"{name}.yaml"
        config = console_config(port, metrics_port, tracing, more)
        self.web_root = config["server"].get("web_root", "").rstrip("/")
        self.config_path.write_text(to_yaml(config) + "\n")
        self.process = Process(
            name,
            [*before, find_program(build_dir, "meshscope"), "--config", self.config_path, *flags],
            folder / f"{name}.log",
            # Never the cluster of whoever runs this.
            env={"KUBECONFIG": "", **RESOLVER, **(env or {})},
        )

    def ask(self, target, **how):
        return ask(self.port, self.web_root + target, **how)

    def wait(self, path, patience=60, until=lambda answer: answer.status == 200):
        """The first answer of `path` that satisfies `until`; DemoError with the last one otherwise."""
        deadline = time.monotonic() + patience
        last = None
        while time.monotonic() < deadline:
            if not self.process.running():
                raise self.process.ended()
            with contextlib.suppress(OSError):
                last = self.ask(path)
                if until(last):
                    return last
            time.sleep(0.02)
        seen = f"{last.status} {last.body[:300]!r}" if last else "no answer"
        raise DemoError(f"{path} of {self.process.name} was not as wanted within {patience} s: {seen}")

    def stop(self):
        return self.process.stop()


# Who may log in with a token of the simulated cluster, and what each may read there.
USERS = {
    "demo-admin": "everything",
    "demo-a": "namespace bookinfo",
    "demo-b": "namespace travel-agency",
    "demo-c": "namespace bank",
}
DEMO_SIGNING_KEY = "not-secret-demos"


def token_of(user):
    """Tokens of the simulated cluster are no secrets."""
    return f"{user}-token"


def login_settings(strategy="token", signing_key=DEMO_SIGNING_KEY):
    """The console's configuration that lets in who has a token of its cluster."""
    return {"auth": {"strategy": strategy}, "login_token": {"signing_key": str(signing_key)}}


def console_tracing(scenario, mesh, protocol):
    """The console's tracing section in a scenario."""
    protocol = scenario.protocol or protocol
    tracing = {
        "in_cluster_url": scenario.url(mesh) if scenario.url else mesh.url(protocol),
        "external_url": mesh.url("http"),
        "use_grpc": protocol == "grpc",
    }
    if scenario.auth:
        tracing["auth"] = scenario.auth
    return tracing


def own_spans(mesh, protocol):
    """The console's configuration that sends all of its own spans to the mesh's Jaeger, when that takes any."""
    if not mesh.otlp_ports[protocol]:
        return {}
    tracing = {
        "enabled": True,
        "sampling_rate": 1,
        "collector_url": f"127.0.0.1:{mesh.otlp_ports[protocol]}",
        "otel": {"protocol": protocol},
    }
    return {"server": {"observability": {"tracing": tracing}}}
