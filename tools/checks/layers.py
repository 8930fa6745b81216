#!/usr/bin/env python3
"""Checks the arrows between rooms: who may include whom (docs/architecture.md has the same table)."""
import re
import subprocess
import sys

BASE = {"core"}
SEAMS = {"clients"}  # the headers directly in clients/
ALLOWED = {
    "core": set(),
    "models": BASE,
    "config": BASE,
    "async": BASE,
    "telemetry": BASE | {"async"},
    "clients": BASE | {"async", "models"},
    "clients/credentials": BASE,
    "clients/json": BASE | {"models"},
    "clients/http": BASE | {"async", "telemetry", "clients/credentials"},
    "clients/grpc": BASE | {"async", "telemetry", "clients/credentials"},
    "clients/otlp": BASE | {"async", "telemetry", "clients/credentials", "clients/http", "clients/grpc"},
    "clients/jaeger": BASE | SEAMS | {
        "async", "models", "clients/credentials", "clients/http", "clients/grpc", "clients/json"
    },
    "clients/kubernetes": BASE | SEAMS | {
        "async", "models", "clients/credentials", "clients/http", "clients/json"
    },
    "clients/prometheus": BASE | SEAMS | {
        "async", "models", "clients/credentials", "clients/http", "clients/json"
    },
    "clients/grafana": BASE | SEAMS | {"async", "clients/credentials", "clients/http"},
    "business": BASE | SEAMS | {"async", "models", "telemetry"},
    "server": BASE | {"async", "telemetry"},
    "console": BASE | {"async", "server"},
    "handlers": BASE | {"async", "models", "business", "server"},
    "demo": BASE | {"async", "models", "server", "telemetry"},
    "app": None,
    "tests": None,
}
GRPC_USERS = {"clients/grpc", "clients/jaeger", "demo", "tests", "proto"}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def room_of(path):
    parts = path.split("/")
    if parts[0] == "clients" and len(parts) > 2:
        return "/".join(parts[:2])
    return parts[0]


def violations(path, lines):
    room = room_of(path)
    allowed = ALLOWED.get(room, set())
    for number, line in enumerate(lines, 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        kind, target = match.groups()
        if kind == "<" and target.startswith(("grpc/", "grpcpp/")) and room not in GRPC_USERS:
            yield number, f"{room} must not include gRPC ({target})"
        if kind == "<" or allowed is None:
            continue
        other = room_of(target)
        if other == room or other not in ALLOWED:
            continue
        if other == "tests":
            yield number, f"nothing includes tests ({target})"
        elif room == "handlers" and other == "server" and target not in (
            "server/http_types.hpp",
            "server/router.hpp",
            "server/sealed_cookies.hpp",
            "server/live_body.hpp",
        ):
            yield number, f"handlers see only server's request, response, live body, router and sealed cookies ({target})"
        elif room == "console" and other == "server" and target not in (
            "server/http_types.hpp",
            "server/router.hpp",
        ):
            yield number, f"console sees only server's request, response and router ({target})"
        elif other not in allowed:
            yield number, f"{room} must not include {other} ({target})"


def main():
    files = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "*.cpp", "*.hpp"],
        check=True, capture_output=True, text=True,
    ).stdout.split()
    bad = 0
    for path in files:
        if room_of(path) not in ALLOWED:
            print(f"{path}: no rule for this folder in tools/checks/layers.py")
            bad += 1
            continue
        with open(path, encoding="utf-8") as source:
            for number, message in violations(path, source):
                print(f"{path}:{number}: {message}")
                bad += 1
    if bad:
        sys.exit(f"layers: {bad} wrong")
    print(f"layers: {len(files)} files, all arrows point one way")


if __name__ == "__main__":
    main()
