"""`./dev demo`: its check, its faults, its ports, its background life."""
import contextlib
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import time

import pytest

import demo_world as world
from conftest import ROOT

SECONDS = 600


@pytest.fixture
def demo(build_dir, tmp_path):
    """Runs the verb to its end on ports of its own."""
    base = base_port()

    def run(*arguments):
        return subprocess.run(
            command(build_dir, tmp_path, base, *arguments), capture_output=True, text=True, timeout=SECONDS
        )

    run.base = base
    yield run
    run("--stop")


def command(build_dir, folder, base, *arguments):
    script = ROOT / "tools" / "dev" / "demo.py"
    return [sys.executable, str(script), "--build-dir", str(build_dir), "--state-dir", str(folder / "state"),
            "--base-port", str(base), "--metrics-history", "4200", *arguments]


def all_free(base):
    with contextlib.suppress(world.DemoError):
        for port in range(base, base + 14):
            world.require_free(port, "a test")
        return True
    return False


def base_port():
    """The first of fourteen free ports."""
    return next(base for base in iter(world.free_port, None) if all_free(base))


def is_up(port):
    with contextlib.suppress(OSError):
        return world.ask(port, "/healthz").status == 200
    return False


@pytest.mark.parametrize("scenario, rows", [("normal", 64), ("fixture", 62), ("clock-skew", 62), ("krakend", 51)])
def test_the_check_passes(demo, scenario, rows):
    history = ["--metrics-history", "21600"] if scenario == "normal" else []
    done = demo("--check", "--scenario", scenario, *history)
    assert done.returncode == 0, done.stdout + done.stderr
    counted = re.search(r"^(\d+) checks passed$", done.stdout, re.MULTILINE)
    assert counted and int(counted[1]) >= rows, done.stdout
    assert not is_up(demo.base)


@pytest.mark.parametrize("scenario", [name for name, s in world.SCENARIOS.items() if s.fault])
def test_the_check_of_a_fault_passes_when_it_is_explained(demo, scenario):
    done = demo("--check", "--scenario", scenario)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "What an operator reads:" in done.stdout
    assert world.TRACING in done.stdout


def test_a_wrong_prefix_is_shown_with_the_url_to_write(demo):
    started = demo("--detach", "--scenario", "wrong-prefix")
    assert started.returncode == 0, started.stderr
    lines = {line[:18].strip(): line[18:] for line in started.stdout.splitlines()}
    assert lines["Status"] == "tracing is Unreachable"
    assert lines["Traces"].startswith("Could not fetch traces: ")
    assert lines["Why"].startswith("path_prefix_missing (certain): ")
    url = f"http://127.0.0.1:{demo.base + 1}"
    assert lines["Change"] == f"{world.TRACING}in_cluster_url: {url} -> {url}{world.BASE_PATH}"


def test_a_busy_port_is_named(demo):
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", demo.base + 2))
        taken.listen()
        done = demo("--check")
    assert done.returncode == 1
    assert f"port {demo.base + 2} (Jaeger's gRPC API)" in done.stderr
    assert "--base-port" in done.stderr


def test_it_runs_in_the_background_until_it_is_stopped(demo):
    started = demo("--detach")
    assert started.returncode == 0, started.stderr
    assert started.stdout.splitlines()[0].endswith(f"http://localhost:{demo.base}")
    assert is_up(demo.base)
    for word in ("off", "on"):
        assert demo("--prometheus", word).stdout.strip() == f"Prometheus is {word}"
    again = demo("--detach")
    assert again.returncode == 1
    assert "a demo runs already" in again.stderr
    assert demo("--stop").stdout.strip() == "stopped"
    assert not is_up(demo.base)
    assert "no demo runs" in demo("--stop").stdout


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_when_it_ends(build_dir, tmp_path, number):
    base = base_port()
    with subprocess.Popen(
        command(build_dir, tmp_path, base), stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        lines = iter(process.stdout.readline, "")
        assert any("Ctrl-C ends it" in line for line in lines)
        assert is_up(base)
        os.kill(process.pid, number)
        process.wait(SECONDS)
    assert process.returncode == (-number if number == signal.SIGKILL else 0)
    deadline = time.monotonic() + 60
    while not all_free(base) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert all_free(base)


def test_a_program_that_is_not_built_is_named(demo, tmp_path):
    done = demo("--check", "--build-dir", str(pathlib.Path(tmp_path)))
    assert done.returncode == 1
    assert "bookinfo is not built" in done.stderr
