#!/usr/bin/env python3
"""The servers that the tests of the console look at: prints their addresses as one line of JSON, then obeys lines on standard input
("jaeger off", "jaeger on") and answers each with "done"; ends with its input."""
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
        self.jaeger(True)

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

    def consoles(self):
        inside = {"in_cluster_url": self.mesh.url("grpc"), "use_grpc": True}
        nobody = f"http://127.0.0.1:{world.free_port()}/jaeger"
        over_http = {"in_cluster_url": f"http://127.0.0.1:{self.mesh.http_port}", "use_grpc": False}
        restarted = {"in_cluster_url": f"http://127.0.0.1:{self.ports[1]}", "use_grpc": True, "url": EXTERNAL}
        return {
            "full": self.console("full", {**inside, "url": EXTERNAL + "/"}, {"server": {"web_root": "/mesh/scope"}}),
            "nourl": self.console("nourl", inside),
            "badurl": self.console("badurl", {**inside, "url": "javascript:alert(1)"}),
            "linkonly": self.console("linkonly", {"in_cluster_url": "", "url": EXTERNAL + "/"}),
            "off": self.console("off", {"enabled": False}),
            "down": self.console("down", {"in_cluster_url": nobody, "use_grpc": True, "url": EXTERNAL}),
            "noprefix": self.console("noprefix", over_http),
            "restarted": self.console("restarted", restarted),
            "login": self.console("login", inside, world.login_settings()),
        }

    def stop(self):
        for process in reversed(self.processes):
            process.stop()


def main(build_dir):
    with tempfile.TemporaryDirectory(prefix="meshscope-e2e-") as folder:
        servers = World(pathlib.Path(build_dir), pathlib.Path(folder))
        try:
            print(json.dumps({"now": NOW, "consoles": servers.consoles(), "token": world.token_of("demo-a")}), flush=True)
            for line in sys.stdin:
                if line.strip() in ("jaeger on", "jaeger off"):
                    servers.jaeger(line.strip() == "jaeger on")
                    print("done", flush=True)
        finally:
            servers.stop()


if __name__ == "__main__":
    main(sys.argv[1])
