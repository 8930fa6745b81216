#!/usr/bin/env python3
"""The servers that the tests of the console look at: prints their addresses as one line of JSON, then obeys lines on standard input
("jaeger off", "jaeger on") and answers each with "done"; ends with its input. Names behind the folder of the build: only these."""
import json
import pathlib
import sys
import tempfile

import demo_world as world

NOW = world.FIXTURE_START_MICROS
EXTERNAL = "http://jaeger.example.com"
PATIENCE = 90  # seconds; a build with sanitizers on a busy machine takes some to start
QUICK = {"meshscope": {"probe_interval": "1s", "trace_cache_mb": 0}}


class World:
    def __init__(self, build_dir, folder):
        self.build_dir = build_dir
        self.folder = folder
        self.processes = []
        self.mesh = self.start_mesh("mesh", ["--start-micros", str(NOW)], "fixture")
        self.ports = (world.free_port(), world.free_port(), world.free_port())
        self.other = None
        self.cut = ""
        self.skewed = None

    def sub(self, name):
        path = self.folder / name
        path.mkdir(exist_ok=True)
        return path

    def start_mesh(self, name, flags, scenario, ports=(0, 0, 0)):
        mesh = world.Mesh(self.build_dir, self.sub(name), mesh=scenario, flags=flags, ports=ports)
        self.processes.append(mesh)
        return mesh

    def jaeger(self, on):
        """Of the console "restarted": its own Jaeger, always at the same address."""
        if self.other:
            self.other.stop()
            self.other = None
        if on:
            self.other = self.start_mesh("other", ["--start-micros", str(NOW)], "fixture", self.ports)

    def console(self, name, tracing, more=None):
        settings = {"meshscope": {"kubernetes": {"kubeconfig": str(self.mesh.kubeconfig(self.sub(name) / "kubeconfig"))}}}
        settings = world.merged(world.merged(QUICK, settings), more or {})
        console = world.Console(self.build_dir, self.sub(name), world.free_port(), world.free_port(), tracing, settings)
        self.processes.append(console)
        console.wait("/healthz", patience=PATIENCE)
        return f"http://localhost:{console.port}{console.web_root}"

    def wanted(self):
        """The tracing section of each console, and what else is configured."""
        inside = {"in_cluster_url": self.mesh.url("grpc"), "use_grpc": True}
        nobody = f"http://127.0.0.1:{world.free_port()}/jaeger"
        over_http = {"in_cluster_url": f"http://127.0.0.1:{self.mesh.http_port}", "use_grpc": False}
        restarted = {"in_cluster_url": f"http://127.0.0.1:{self.ports[1]}", "use_grpc": True, "url": EXTERNAL}
        aliases = {"internal_url": self.mesh.url("grpc"), "use_grpc": True, "external_url": EXTERNAL + "/"}
        return {
            "full": ({**inside, "url": EXTERNAL + "/"}, {"server": {"web_root": "/mesh/scope"}}),
            "nourl": (inside, None),
            "badurl": ({**inside, "url": "javascript:alert(1)"}, None),
            "linkonly": ({"in_cluster_url": "", "url": EXTERNAL + "/"}, None),
            "off": ({"enabled": False}, None),
            "down": ({"in_cluster_url": nobody, "use_grpc": True, "url": EXTERNAL}, None),
            "noprefix": (over_http, None),
            "restarted": (restarted, None),
            "login": (inside, world.login_settings()),
            "aliases": (aliases, {"server": {"web_root": "/mesh/scope"}}),
            "neither": ({"enabled": True, "internal_url": "", "external_url": ""}, None),
            "mismatch": ({"in_cluster_url": self.mesh.url("http"), "use_grpc": True}, None),
            "http": ({"in_cluster_url": self.mesh.url("http"), "use_grpc": False}, None),
            "cut": ({"in_cluster_url": self.cut, "use_grpc": True, "query_timeout": 2}, None),
            "skewed": self.skewed,
        }

    def consoles(self, names):
        self.jaeger("restarted" in names or not names)
        if "cut" in names or not names:
            self.cut = self.start_mesh("cut", ["--start-micros", str(NOW), "--stall-after-chunks", "2"], "fixture").url("grpc")
        if "skewed" in names or not names:
            mesh = self.start_mesh("skew", [], "clock-skew")  # the clock of one of its nodes is late
            kubeconfig = str(mesh.kubeconfig(self.sub("skew") / "kubeconfig"))
            self.skewed = ({"in_cluster_url": mesh.url("grpc"), "use_grpc": True}, {"meshscope": {"kubernetes": {"kubeconfig": kubeconfig}}})
        return {name: self.console(name, *how) for name, how in self.wanted().items() if not names or name in names}

    def stop(self):
        for process in reversed(self.processes):
            process.stop()


def main(build_dir, *names):
    with tempfile.TemporaryDirectory(prefix="meshscope-e2e-") as folder:
        servers = World(pathlib.Path(build_dir), pathlib.Path(folder))
        try:
            print(json.dumps({"now": NOW, "consoles": servers.consoles(names), "token": world.token_of("demo-a")}), flush=True)
            for line in sys.stdin:
                if line.strip() in ("jaeger on", "jaeger off"):
                    servers.jaeger(line.strip() == "jaeger on")
                    print("done", flush=True)
        finally:
            servers.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
