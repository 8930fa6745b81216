"""A Jaeger with memory and a server that reads it, for those that send spans."""
import contextlib
import json
import time

import jaegers
from jaegers import world


@contextlib.contextmanager
def jaeger_and_console(build_dir, version, folder):
    jaeger = jaegers.Jaeger(version, jaegers.Setting("memory"), folder, None)
    try:
        jaeger.wait()
        tracing = {"internal_url": f"http://127.0.0.1:{jaeger.grpc_port}", "use_grpc": True}
        more = {"meshscope": {"kubernetes": {"enabled": False}}, "external_services": {"prometheus": {"enabled": False}}}
        console = world.Console(build_dir, folder, world.free_port(), world.free_port(), tracing, more)
        try:
            console.wait("/readyz")
            yield jaeger, console
        finally:
            console.stop()
    finally:
        jaeger.stop()


def spans_awaited(console, service, tags, patience=15):
    """Of the trace that a search for the tags finds, as the server tells them; empty when none came."""
    target = world.query("/api/traces", service=service, limit=50, tags=json.dumps(tags))
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        found = console.ask(target).json().get("data") or []
        if found:
            return console.ask(f"/api/traces/{found[0]['traceID']}/spans").json()["spans"]
        time.sleep(0.1)
    return []


def differences(what, seen, wanted):
    """A line for each value of `wanted` that was not seen."""
    return [f"{what}: {key} is {seen[key]!r}, not {wanted[key]!r}" for key in wanted if seen[key] != wanted[key]]
