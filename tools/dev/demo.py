#!/usr/bin/env python3
"""`./dev demo`: a simulated Bookinfo mesh and a console on it, or a check that the two work together."""
import argparse
import contextlib
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import time

import demo_check
import demo_fault
import demo_prometheus
import demo_tls
import demo_world as world

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Ports:
    """Everything a demo listens on, derived from one number."""

    def __init__(self, base):
        self.console = base
        self.jaeger_http = base + 1
        self.jaeger_grpc = base + 2
        self.control = base + 3
        self.metrics = base + 4
        # --check runs a second console for the other protocol.
        self.second_console = base + 5
        self.second_metrics = base + 6
        self.otlp_grpc = base + 7
        self.otlp_http = base + 8
        self.kubernetes = base + 9
        # Beside the consoles that let everybody in.
        self.login = base + 10
        self.login_metrics = base + 11
        self.mesh_metrics = base + 12
        self.prometheus = base + 13

    def require_free(self, both):
        wanted = {
            "console": self.console,
            "Jaeger's HTTP API": self.jaeger_http,
            "Jaeger's gRPC API": self.jaeger_grpc,
            "the mesh's control port": self.control,
            "the console's metrics": self.metrics,
            "the OTLP intake over gRPC": self.otlp_grpc,
            "the OTLP intake over HTTP": self.otlp_http,
            "Kubernetes": self.kubernetes,
            "the console with login": self.login,
            "its metrics": self.login_metrics,
            "the mesh's metrics": self.mesh_metrics,
            "Prometheus": self.prometheus,
        }
        if both:
            wanted["the second console"] = self.second_console
            wanted["the second console's metrics"] = self.second_metrics
        for what, port in wanted.items():
            world.require_free(port, what)


class Demo:
    """The running processes. Use as a context: they end with it."""

    def __init__(self, options):
        self.options = options
        self.scenario = world.SCENARIOS[options.scenario]
        self.ports = Ports(options.base_port)
        self.folder = options.state_dir / str(options.base_port)
        self.stack = contextlib.ExitStack()
        self.mesh = None
        self.prometheus = None
        self.prometheus_wanted = True
        self.history_seconds = None  # how long its history took
        self.consoles = {}  # that let everybody in, by protocol
        self.login = None  # the one that asks for a token

    def __enter__(self):
        try:
            self._start()
        except BaseException:
            self.stack.close()
            raise
        return self

    def __exit__(self, *_):
        self.stack.close()

    def _start(self):
        both = self.options.check and self.scenario.protocol is None
        self.ports.require_free(both)
        self.folder.mkdir(parents=True, exist_ok=True)
        ports = self.ports
        begun = time.monotonic()
        self.mesh = world.Mesh(
            self.options.build_dir,
            self.folder,
            mesh=self.scenario.mesh,
            seed=self.options.seed,
            ports=(ports.jaeger_http, ports.jaeger_grpc, ports.control),
            authority=demo_tls.Authority(self.folder / "authority"),
            flags=[
                *self.scenario.flags,
                "--jaeger-version", self.options.jaeger_version,
                "--otlp-grpc-port", ports.otlp_grpc,
                "--otlp-http-port", ports.otlp_http,
                "--kubernetes-port", ports.kubernetes,
                "--metrics-port", ports.mesh_metrics,
                *demo_prometheus.history_flags(self.folder / "prometheus", self.options.metrics_history),
            ],
        )
        self.stack.callback(self.mesh.stop)
        self._start_prometheus(begun)
        first = self.scenario.protocol or "grpc"
        self.consoles[first] = self._start_console(first, ports.console, ports.metrics)
        if both:
            self.consoles["http"] = self._start_console("http", ports.second_console, ports.second_metrics)
        self.login = self._start_console(first, ports.login, ports.login_metrics, "login", world.login_settings())
        for console in self.all_consoles():
            console.wait("/healthz")

    def _start_prometheus(self, begun):
        """Once its history is complete, so that nobody takes a part of it for the whole."""
        hours = self.options.metrics_history / 3600
        live = sys.stderr.isatty()
        if not live:
            print(f"writing {hours:g} h of metrics; {self._control()}/metrics-history says how far", file=sys.stderr, flush=True)

        def show(percent):
            if live:
                print(f"\rwriting {hours:g} h of metrics: {percent} % ", end="", file=sys.stderr, flush=True)

        demo_prometheus.await_history(self.mesh, show=show)
        if live:
            print(f"\rwriting {hours:g} h of metrics: complete", file=sys.stderr, flush=True)
        # Where time stands still there is nothing to scrape.
        scraped = self.options.scenario != "fixture"
        self.prometheus = demo_prometheus.Prometheus(
            self.folder / "prometheus",
            self.ports.prometheus,
            f"127.0.0.1:{self.ports.mesh_metrics}" if scraped else None,
            # A thousand workloads are 55 MB of text.
            "15s" if self.options.scenario == "many-workloads" else "5s",
        )
        self.history_seconds = time.monotonic() - begun
        self.stack.callback(self.prometheus.stop)

    def switch_prometheus(self, on):
        """For looking at what the console says without it."""
        self.prometheus_wanted = on
        if on and not self.prometheus.process.running():
            self.prometheus.start()
        if not on:
            self.prometheus.stop()

    def all_consoles(self):
        return [*self.consoles.values(), self.login]

    def _start_console(self, protocol, port, metrics_port, name=None, settings=None):
        cluster = self.mesh.kubeconfig(self.folder / "kubeconfig")
        more = world.merged(
            {
                "meshscope": {"kubernetes": {"kubeconfig": str(cluster)}},
                "external_services": {"prometheus": {"url": self.prometheus.url}},
            },
            settings or {},
        )
        console = world.Console(
            self.options.build_dir,
            self.folder,
            port,
            metrics_port,
            world.console_tracing(self.scenario, self.mesh, protocol),
            more=world.merged(more, world.own_spans(self.mesh, protocol)),
            name=f"meshscope-{name or protocol}",
            env={"OTEL_BSP_SCHEDULE_DELAY": "500"},
        )
        self.stack.callback(console.stop)
        return console

    def dead(self):
        """The first process that has ended on its own, None while all run."""
        prometheus = [self.prometheus.process] if self.prometheus_wanted else []
        processes = prometheus + [self.mesh.process] + [console.process for console in self.all_consoles()]
        return next((process for process in processes if not process.running()), None)

    def summary(self):
        base = f"http://localhost:{self.ports.console}"
        lines = [
            f"Console and API   {base}",
            f"Console, login    http://localhost:{self.ports.login}, as one of",
            *(f"                    {name:<12} sees {what}, token {world.token_of(name)}"
              for name, what in world.USERS.items()),
            f"Jaeger (HTTP)     http://localhost:{self.ports.jaeger_http}{world.BASE_PATH}",
            f"Jaeger (gRPC)     localhost:{self.ports.jaeger_grpc}",
            f"Jaeger's release  {self.options.jaeger_version}; another: curl -X POST '{self._control()}/jaeger-version?version=next'",
            f"OTLP intake       localhost:{self.ports.otlp_grpc} (gRPC), "
            f"http://localhost:{self.ports.otlp_http} (HTTP)",
            f"Kubernetes        kubectl --server https://localhost:{self.ports.kubernetes} --certificate-authority "
            f"{os.path.relpath(self.mesh.authority.certificate)} get pods,deployments -A",
            f"Prometheus        {self.prometheus.url.replace('127.0.0.1', 'localhost')}, "
            f"{self.options.metrics_history / 3600:g} h of history; ./dev demo --prometheus off|on when in the background",
            f"Mesh's metrics    http://localhost:{self.ports.mesh_metrics}/metrics",
            f"Own metrics       http://localhost:{self.ports.metrics}/metrics",
            f"Scenario          {self.options.scenario}: {self.scenario.summary}",
            f"Logs and config   {os.path.relpath(self.folder)}/",
            *self._fault(),
            "",
            f"Try: curl '{base}{self._example()}'",
            f"and the traces of the console itself: curl '{base}/api/traces?service=meshscope'",
            "and log in: curl -c cookies.txt -d token=demo-a-token "
            f"http://localhost:{self.ports.login}/api/authenticate",
            f"            curl -b cookies.txt http://localhost:{self.ports.login}/api/clusters/workloads",
        ]
        return "\n".join(lines)

    def _fault(self):
        return demo_fault.told(next(iter(self.consoles.values()))) if self.scenario.fault else []

    def _control(self):
        return f"http://localhost:{self.ports.control}"

    def _example(self):
        if self.scenario.fault:
            return world.query("/api/tracing/explain", **demo_fault.PAGE)
        path = "/api/namespaces/bookinfo/apps/productpage/traces"
        if self.options.scenario != "fixture":
            return path
        now = world.FIXTURE_START_MICROS
        return world.query(path, startMicros=now - 600_000_000, endMicros=now)


def run_foreground(options):
    with Demo(options) as demo:
        ended = []
        switches = []
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: ended.append(True))
        signal.signal(signal.SIGUSR1, lambda *_: switches.append(False))
        signal.signal(signal.SIGUSR2, lambda *_: switches.append(True))
        print(demo.summary(), flush=True)
        if options.state_file:
            state = {"pid": os.getpid(), "started": started_at(os.getpid()), "summary": demo.summary(),
                     "prometheus": demo.ports.prometheus}
            pathlib.Path(options.state_file).write_text(json.dumps(state))
        else:
            print("\nCtrl-C ends it.", flush=True)
        while not ended:
            time.sleep(0.2)
            while switches:
                demo.switch_prometheus(switches.pop(0))
            if (process := demo.dead()) is not None:
                raise process.ended()
    return 0


def run_check(options):
    with Demo(options) as demo:
        report = demo_check.check(demo)
    print(report.table())
    print(report.verdict())
    return 0 if report.passed() else 1


def started_at(pid):
    """When a process was started, in clock ticks since boot: a pid that was used again has another."""
    try:
        stat = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    return stat.rsplit(")", 1)[1].split()[19]


def running_state(state_file):
    """What the detached demo wrote, None when there is none."""
    try:
        state = json.loads(state_file.read_text())
    except (OSError, ValueError):
        return None
    return state if started_at(state["pid"]) == state["started"] else None


def run_detached(options):
    state_file = options.state_dir / "demo.json"
    if (state := running_state(state_file)) is not None:
        raise world.DemoError(
            f"a demo runs already (process {state['pid']}); end it with ./dev demo --stop\n\n{state['summary']}"
        )
    options.state_dir.mkdir(exist_ok=True)
    state_file.unlink(missing_ok=True)
    command = [
        sys.executable, __file__, "--build-dir", options.build_dir, "--base-port", options.base_port,
        "--scenario", options.scenario, "--seed", options.seed, "--jaeger-version", options.jaeger_version,
        "--state-dir", options.state_dir, "--state-file", state_file, "--metrics-history", options.metrics_history,
    ]
    log_path = options.state_dir / "demo.log"
    with open(log_path, "wb") as log:
        child = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
        )
    while not state_file.exists():
        if child.poll() is not None:
            raise world.DemoError(log_path.read_text().strip())
        time.sleep(0.05)
    while (state := running_state(state_file)) is None:
        time.sleep(0.05)
    print(state["summary"])
    print("\n./dev demo --stop ends it.")
    return 0


def run_stop(options):
    state_file = options.state_dir / "demo.json"
    state = running_state(state_file)
    if state is None:
        print("no demo runs in the background")
        return 0
    os.kill(state["pid"], signal.SIGTERM)
    deadline = time.monotonic() + 120
    while started_at(state["pid"]) == state["started"]:
        if time.monotonic() > deadline:
            raise world.DemoError(f"process {state['pid']} did not end")
        time.sleep(0.05)
    state_file.unlink(missing_ok=True)
    print("stopped")
    return 0


def run_prometheus(options):
    """Stops or starts the Prometheus of the demo in the background."""
    state = running_state(options.state_dir / "demo.json")
    if state is None:
        raise world.DemoError("no demo runs in the background; start one with ./dev demo --detach")
    on = options.prometheus == "on"
    os.kill(state["pid"], signal.SIGUSR2 if on else signal.SIGUSR1)
    deadline = time.monotonic() + 30
    while is_ready(state["prometheus"]) != on:
        if time.monotonic() > deadline:
            raise world.DemoError(f"Prometheus is not {options.prometheus} after 30 s")
        time.sleep(0.05)
    print(f"Prometheus is {options.prometheus}")
    return 0


def is_ready(port):
    with contextlib.suppress(OSError):
        return world.ask(port, "/-/ready").status == 200
    return False


def jaeger_version(text):
    if text != "next" and not re.fullmatch(r"v?2\.(1[3-9]|[2-9]\d)(\.\d+)?", text):
        raise argparse.ArgumentTypeError(f"'{text}' is neither a release from v2.13.0 on nor next")
    return text


def parse_options(arguments):
    scenarios = "\n".join(f"  {name:<18} {s.summary}" for name, s in world.SCENARIOS.items())
    parser = argparse.ArgumentParser(
        prog="./dev demo",
        description="Runs a simulated Bookinfo mesh and a console on it, until Ctrl-C.",
        epilog="scenarios:\n" + scenarios,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--build-dir", type=pathlib.Path, default=ROOT / "build" / "demo", help=argparse.SUPPRESS)
    parser.add_argument("--state-dir", type=pathlib.Path, default=ROOT / ".demo", help=argparse.SUPPRESS)
    parser.add_argument("--state-file", help=argparse.SUPPRESS)
    parser.add_argument("--only-options", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--check", action="store_true", help="call the main routes, print a table, end: 0 or 1")
    parser.add_argument("--detach", action="store_true", help="run in the background")
    parser.add_argument("--stop", action="store_true", help="end the demo that runs in the background")
    parser.add_argument("--prometheus", choices=("on", "off"), help="start or stop that demo's Prometheus")
    parser.add_argument("--metrics-history", type=int, default=21_600, help=argparse.SUPPRESS)
    parser.add_argument("--base-port", type=int, default=20001, metavar="N",
                        help="the console's port; the others follow it (default 20001)")
    parser.add_argument("--scenario", choices=world.SCENARIOS, default="normal", metavar="NAME")
    parser.add_argument("--jaeger-version", type=jaeger_version, default="v2.20.0", metavar="NAME",
                        help="the release of Jaeger to simulate: v2.13.0 and later, or \"next\", the first one without the "
                             "old HTTP search (default v2.20.0)")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="another mesh life for each number")
    options = parser.parse_args(arguments)
    if not 1 <= options.base_port <= 65522:
        parser.error("--base-port must be from 1 to 65522")
    if options.seed < 0:
        parser.error("--seed must not be negative")
    if options.check + options.detach + options.stop + (options.prometheus is not None) > 1:
        parser.error("--check, --detach, --stop and --prometheus exclude one another")
    return options


def main(arguments):
    options = parse_options(arguments)
    if options.only_options:  # before the build: a wrong word or a busy port is said at once
        if not options.stop and options.prometheus is None:
            Ports(options.base_port).require_free(options.check)
        return 0
    # A demo that is asked to end ends its children on the way out.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if options.stop:
        return run_stop(options)
    if options.prometheus is not None:
        return run_prometheus(options)
    if options.detach:
        return run_detached(options)
    return run_check(options) if options.check else run_foreground(options)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except world.DemoError as problem:
        sys.exit(f"demo: {problem}")
    except KeyboardInterrupt:
        sys.exit(130)
