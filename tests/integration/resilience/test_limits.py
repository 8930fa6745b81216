"""What a machine may run out of: descriptors, memory, disk; and a wall clock that jumps. Each time all is well again afterwards."""
import pathlib
import shutil
import socket
import time

import pytest

from conftest import HOUR, ROOT, Launcher
from test_resilience import NOW

PAGE = f"/api/namespaces/bookinfo/apps/productpage/traces?limit=5&startMicros={HOUR['startMicros']}&endMicros={HOUR['endMicros']}"
DESCRIPTORS = 100
FAKETIME = sorted(pathlib.Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))


def is_sanitized(build_dir):
    return b"AddressSanitizer" in (build_dir / "app/meshscope").read_bytes()


@pytest.fixture
def mesh(launch):
    return launch.mesh(mesh="fixture", flags=["--start-micros", str(NOW)])


@pytest.fixture
def plain(build_dir, contract, tmp_path, request):
    """Starts consoles of a build without a sanitizer, which neither bears a limit of the address space nor a library before it."""
    builds = [build_dir, *(ROOT / "build" / name for name in ("dev", "demo", "release", "bench"))]
    found = [build for build in builds if (build / "app/meshscope").exists() and not is_sanitized(build)]
    if not found:
        pytest.skip("a build with a sanitizer cannot be limited so: ./dev build makes one without, which is taken then")
    launcher = Launcher(found[0], tmp_path / "plain", contract)
    request.addfinalizer(launcher.stop)
    return launcher


def console(launch, mesh, before, more=None):
    tracing = {"internal_url": mesh.url("http"), "use_grpc": False}
    return launch.console(tracing, more, wait="/readyz", before=before).console


def right(console):
    return console.ask(PAGE).json()["data"]


def test_few_descriptors(launch, mesh):
    api = console(launch, mesh, ["prlimit", f"--nofile={DESCRIPTORS}"])
    truth = right(api)
    crowd = []
    try:
        for _ in range(3 * DESCRIPTORS):
            client = socket.create_connection(("127.0.0.1", api.port), timeout=5)
            client.sendall(b"GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n")
            crowd.append(client)
        # Whoever is let in is answered, the others are sent away: nobody hangs.
        outcomes = {"answered": 0, "sent away": 0}
        for client in crowd:
            client.settimeout(20)
            try:
                text = client.recv(4096)
            except ConnectionError:
                text = b""
            assert text == b"" or text.startswith((b"HTTP/1.1 200", b"HTTP/1.1 503"))
            outcomes["answered" if text.startswith(b"HTTP/1.1 200") else "sent away"] += 1
        print(f"{DESCRIPTORS} descriptors, {len(crowd)} clients: {outcomes}")
        assert outcomes["answered"] > 20
        assert outcomes["sent away"] > DESCRIPTORS
    finally:
        for client in crowd:
            client.close()
    api.wait("/readyz", 60)
    assert right(api) == truth


def test_a_full_disk_behind_the_log(launch, mesh):
    api = console(launch, mesh, ["sh", "-c", 'exec "$@" >/dev/full 2>/dev/full', "full"])
    truth = right(api)
    for _ in range(50):
        assert right(api) == truth
        assert api.ask("/api/nosuch").status == 404


def test_little_memory(plain, mesh):
    api = console(plain, mesh, ["prlimit", f"--as={1 << 30}"], {"meshscope": {"server_threads": 1, "worker_threads": 1}})
    truth = right(api)
    crowd = []
    try:
        for _ in range(1500):
            client = socket.create_connection(("127.0.0.1", api.port), timeout=5)
            client.sendall(f"GET {PAGE} HTTP/1.1\r\nHost: h\r\n\r\n".encode())
            crowd.append(client)
        assert api.process.running()
    finally:
        for client in crowd:
            client.close()
    api.wait("/readyz", 60)
    assert right(api) == truth


@pytest.mark.skipif(not FAKETIME, reason="needs Debian's libfaketime; ./dev test resilience installs it")
def test_a_wall_clock_that_jumps(plain, mesh, tmp_path):
    said = tmp_path / "time"
    said.write_text("+0")
    env = shutil.which("env")
    api = console(plain, mesh, [env, f"LD_PRELOAD={FAKETIME[0]}", f"FAKETIME_TIMESTAMP_FILE={said}", "FAKETIME_NO_CACHE=1", "DONT_FAKE_MONOTONIC=1"])
    truth = right(api)
    for jump in ("+2d", "-2d", "+1h", "-1h", "+0"):
        said.write_text(jump)
        begun = time.monotonic()
        assert right(api) == truth
        assert api.ask("/readyz").status == 200
        assert time.monotonic() - begun < 60  # no wait lasts as long as the jump
