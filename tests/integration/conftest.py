"""Starts the programs under test and gives tests a client that judges every answer."""
import itertools
import os
import pathlib
import sys
import urllib.parse

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools" / "dev"))

import demo_prometheus  # noqa: E402
import demo_world as world  # noqa: E402
from contract import Contract  # noqa: E402

NOW = world.FIXTURE_START_MICROS
PROTOCOLS = ("grpc", "http")
MINUTES_70 = 4_200
HOUR = {"startMicros": NOW - 3_600_000_000, "endMicros": NOW + 1}


class Api:
    """Asks one console; every answer of a declared route is held against the contract."""

    def __init__(self, console, contract):
        self.console = console
        self.contract = contract

    def get(self, path, status=200, method="GET", headers=None, body=None, **parameters):
        target = path + ("?" + urllib.parse.urlencode(parameters) if parameters else "")
        answer = self.console.ask(target, method=method, headers=headers, body=body)
        self.contract.check(method, path, parameters, answer)
        assert answer.status == status, answer.body[:1000]
        return answer

    def raw(self, target, method="GET", headers=None, body=None):
        """Outside the contract: unknown paths, wrong methods. Errors still have their one shape."""
        answer = self.console.ask(target, method=method, headers=headers, body=body)
        if answer.status >= 400 and method != "HEAD":
            self.contract.check_error(answer)
        return answer


class Launcher:
    """Starts processes in a folder and ends them; a process that ends badly fails the test."""

    def __init__(self, build_dir, folder, contract):
        self.build_dir = build_dir
        self.folder = folder
        self.contract = contract
        self.processes = []
        self.folders = itertools.count()

    def mesh(self, **how):
        mesh = world.Mesh(self.build_dir, self.new_folder(), **how)
        self.processes.append(mesh.process)
        return mesh

    def prometheus(self, history=MINUTES_70, scrape=None, flags=(), **how):
        """A mesh and a real Prometheus with its metrics of so many seconds; with scrape="5s" it goes on
        with what happens. The time of a mesh stands still with `flags=["--start-micros", ...]`; then the last sample is of that moment."""
        folder = self.new_folder()
        mesh = self.mesh(flags=[*flags, *demo_prometheus.history_flags(folder, history)], **how)
        demo_prometheus.await_history(mesh)
        target = f"127.0.0.1:{mesh.metrics_port}" if scrape else None
        prometheus = demo_prometheus.Prometheus(folder, target=target, interval=scrape)
        self.processes.append(prometheus)
        return mesh, prometheus

    def console(self, tracing, more=None, wait="/healthz", port=None, before=()):
        """`before`: a command that runs the console, with its arguments."""
        console = world.Console(
            self.build_dir, self.new_folder(), port or world.free_port(), world.free_port(), tracing, more, before=before
        )
        self.processes.append(console.process)
        console.wait(wait)
        return Api(console, self.contract)

    def console_for(self, mesh, protocol, more=None, wait="/healthz", user="demo-server", port=None, **tracing):
        """One that asks the mesh's Jaeger, and its cluster as `user` (None: no cluster)."""
        settings = {"internal_url": mesh.url(protocol), "use_grpc": protocol == "grpc", **tracing}
        if user:
            path = mesh.kubeconfig(self.new_folder() / "kubeconfig", user)
            more = world.merged({"meshscope": {"kubernetes": {"kubeconfig": str(path)}}}, more or {})
        return self.console(settings, more, wait, port)

    def guarded(self, mesh, strategy="token", key=world.DEMO_SIGNING_KEY, more=None, port=None, **tracing):
        """A console that lets in who has a token of the mesh's cluster."""
        more = world.merged(world.login_settings(strategy, key), more or {})
        return self.console_for(mesh, "grpc", more, "/readyz", port=port, **tracing)

    def new_folder(self):
        folder = self.folder / str(next(self.folders))
        folder.mkdir(parents=True)
        return folder

    def stop(self):
        bad = []
        for process in reversed(self.processes):
            if process.stop() != 0:
                bad.append(f"{process.name} ended with {process.child.returncode}:\n{process.log()[-4000:]}")
        assert not bad, "\n".join(bad)


@pytest.fixture(scope="session")
def build_dir():
    given = os.environ.get("MESHSCOPE_BUILD_DIR")
    assert given, "set MESHSCOPE_BUILD_DIR to a build folder with meshscope and bookinfo"
    return pathlib.Path(given)


@pytest.fixture(scope="session")
def contract():
    return Contract(ROOT / "api" / "openapi.yaml")


@pytest.fixture
def launch(request, build_dir, contract, tmp_path):
    launcher = Launcher(build_dir, tmp_path, contract)
    request.addfinalizer(launcher.stop)
    return launcher


@pytest.fixture
def static_block(request, tmp_path_factory):
    """Gives a function: OpenMetrics text with timestamps in seconds ("name{label=\"value\"} 3 1763683200") -> a real
    demo_prometheus.Prometheus that serves just that (`url`, `query`, `value`, `stop`, `start`)."""
    def serve(text):
        folder = tmp_path_factory.mktemp("block")
        demo_prometheus.write_block(text, folder / "data")
        prometheus = demo_prometheus.Prometheus(folder)
        request.addfinalizer(prometheus.stop)
        return prometheus

    return serve


@pytest.fixture(scope="session")
def shared(request, build_dir, contract, tmp_path_factory):
    """One mesh whose time stands still, a console over each protocol. Tests leave it as they found it."""
    launcher = Launcher(build_dir, tmp_path_factory.mktemp("shared"), contract)
    request.addfinalizer(launcher.stop)
    mesh = launcher.mesh(mesh="fixture", flags=["--start-micros", str(NOW)])
    # Keeps no traces: each test sees what the mesh says now.
    more = {"meshscope": {"trace_cache_mb": 0}}
    apis = {protocol: launcher.console_for(mesh, protocol, more, wait="/readyz") for protocol in PROTOCOLS}
    return mesh, apis


@pytest.fixture(scope="session")
def prometheus(request, build_dir, contract, tmp_path_factory):
    """A real Prometheus with 70 minutes of the metrics of the mesh of `shared`, up to NOW: ask it at that time. Tests that stop
    it start it again."""
    launcher = Launcher(build_dir, tmp_path_factory.mktemp("prometheus"), contract)
    request.addfinalizer(launcher.stop)
    return launcher.prometheus(mesh="fixture", flags=["--start-micros", str(NOW)])[1]


@pytest.fixture(scope="session")
def metered(request, shared, prometheus, build_dir, contract, tmp_path_factory):
    """A console on the mesh of `shared` and on `prometheus`."""
    launcher = Launcher(build_dir, tmp_path_factory.mktemp("metered"), contract)
    request.addfinalizer(launcher.stop)
    more = {"external_services": {"prometheus": {"url": prometheus.url}}, "meshscope": {"trace_cache_mb": 0}}
    return launcher.console_for(shared[0], "grpc", more, wait="/readyz")


@pytest.fixture(scope="session")
def guarded(request, build_dir, contract, tmp_path_factory):
    """A mesh whose time stands still, each namespace marked, its cluster closed to who has no token, with a Prometheus;
    a console with login."""
    launcher = Launcher(build_dir, tmp_path_factory.mktemp("guarded"), contract)
    request.addfinalizer(launcher.stop)
    flags = ["--start-micros", str(NOW), "--kubernetes-anonymous", "none", "--marker", "mark"]
    mesh, prometheus = launcher.prometheus(mesh="fixture", flags=flags)
    more = {"external_services": {"prometheus": {"url": prometheus.url}}, "meshscope": {"trace_cache_mb": 0}}
    return mesh, launcher.guarded(mesh, more=more, query_timeout=60)


@pytest.fixture
def mesh(shared):
    return shared[0]


@pytest.fixture(params=PROTOCOLS)
def api(request, shared):
    return shared[1][request.param]


@pytest.fixture
def both(shared):
    return shared[1]


def pytest_collection_modifyitems(config, items):
    """The test that looks at what all others have asked comes last, and not at all in a part of the suite."""
    def is_last(item):
        return item.name.startswith("test_every_operation")

    files = len(list(pathlib.Path(__file__).parent.glob("test_*.py")))
    if len({item.path for item in items}) < files:
        config.hook.pytest_deselected(items=[item for item in items if is_last(item)])
        items[:] = [item for item in items if not is_last(item)]
    items.sort(key=is_last)
