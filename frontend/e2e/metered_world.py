#!/usr/bin/env python3
"""One console over the fixture with a real Prometheus beside it, for the tests that look at metrics: prints its address as one line of
JSON and ends with its standard input."""
import json
import pathlib
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools" / "dev"))

import demo_prometheus  # noqa: E402
import demo_world as world  # noqa: E402

NOW = world.FIXTURE_START_MICROS
HISTORY_SECONDS = 4200


def main(build_dir):
    with tempfile.TemporaryDirectory(prefix="meshscope-e2e-") as folder:
        folder = pathlib.Path(folder)
        flags = ["--start-micros", str(NOW), *demo_prometheus.history_flags(folder / "prometheus", HISTORY_SECONDS)]
        processes = []
        try:
            mesh = world.Mesh(pathlib.Path(build_dir), folder, mesh="fixture", flags=flags)
            processes.append(mesh)
            demo_prometheus.await_history(mesh, patience=240)
            # Time stands still: there is nothing to scrape.
            prometheus = demo_prometheus.Prometheus(folder / "prometheus")
            processes.append(prometheus)
            console = world.Console(
                pathlib.Path(build_dir),
                folder,
                world.free_port(),
                world.free_port(),
                {"in_cluster_url": mesh.url("grpc"), "use_grpc": True, "url": "http://jaeger.example.com/"},
                {
                    "meshscope": {"kubernetes": {"kubeconfig": str(mesh.kubeconfig(folder / "kubeconfig"))}},
                    "external_services": {"prometheus": {"url": prometheus.url}},
                },
            )
            processes.append(console)
            console.wait("/healthz", patience=90)
            address = f"http://localhost:{console.port}{console.web_root}"
            print(json.dumps({"now": NOW, "consoles": {"metered": address}, "token": ""}), flush=True)
            sys.stdin.read()
        finally:
            for process in reversed(processes):
                process.stop()


if __name__ == "__main__":
    main(sys.argv[1])
