#!/usr/bin/env python3
"""A real Prometheus beside a demo or a test: its two programs, a running one, blocks made of OpenMetrics text.

The programs are those in PATH, else those of Debian's package, unpacked below .tools/ (`./dev setup` or the first use does it);
no service is installed. Used by ./dev demo and by the integration tests. Standard library only.
"""
import contextlib
import fcntl
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.parse

import demo_world as world

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".tools" / "prometheus"
PROGRAMS = ("prometheus", "promtool")
FOREVER = "100y"


def program(name):
    """Where `prometheus` or `promtool` is; unpacks them first when they are nowhere."""
    installed = all(shutil.which(one) for one in PROGRAMS)
    if installed:
        return pathlib.Path(shutil.which(name))
    if not (FOLDER / name).exists():
        _unpack()
    return FOLDER / name


def _unpack():
    FOLDER.parent.mkdir(parents=True, exist_ok=True)
    with open(FOLDER.parent / "prometheus.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if FOLDER.exists():
            return
        with tempfile.TemporaryDirectory(dir=FOLDER.parent) as scratch:
            package = _downloaded(scratch)
            _run(["dpkg-deb", "-x", package, "files"], scratch)
            ready = pathlib.Path(scratch) / "ready"
            ready.mkdir()
            for name in PROGRAMS:
                (pathlib.Path(scratch) / "files" / "usr" / "bin" / name).rename(ready / name)
            ready.rename(FOLDER)


def _downloaded(folder):
    command = ["apt-get", "download", "-qq", "prometheus"]
    if os.geteuid() == 0:
        command += ["-o", "APT::Sandbox::User=root"]  # that user may not write here
    try:
        _run(command, folder)
    except world.DemoError:
        # The package lists of a fresh machine are empty, or older than the mirror.
        as_root = [] if os.geteuid() == 0 else ["sudo", "-n"]
        _run([*as_root, "apt-get", "update", "-qq"], folder)
        _run(command, folder)
    return next(pathlib.Path(folder).glob("prometheus_*.deb"))


def _run(command, folder):
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    except OSError as error:
        raise world.DemoError(f"{command[0]} does not run ({error.strerror}); put prometheus and promtool into PATH") from error
    if done.returncode != 0:
        raise world.DemoError(
            f"{' '.join(map(str, command))} failed: {(done.stderr or done.stdout).strip()[-800:]}\n"
            "Without it, put prometheus and promtool into PATH."
        )


def write_block(text, folder):
    """Makes the samples of an OpenMetrics text (each with its timestamp in seconds) the data below `folder`."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    if not text.rstrip().endswith("# EOF"):
        text = text.rstrip("\n") + "\n# EOF\n"
    source = folder.parent / f"{folder.name}.om"
    source.write_text(text)
    _run([program("promtool"), "tsdb", "create-blocks-from", "openmetrics", source, folder], folder)
    source.unlink()


def history_flags(folder, seconds):
    """Flags of a mesh that writes so long a history for the Prometheus in `folder`; what was there is forgotten."""
    data = pathlib.Path(folder) / "data"
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir(parents=True)
    return ["--metrics-data", data, "--metrics-history", seconds]


def await_history(mesh, patience=60, show=lambda percent: None):
    """Returns what the mesh says of its history when that is complete."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        history = mesh.metrics_history()
        if history["state"] == "complete":
            return history
        if history["state"] != "filling":
            raise world.DemoError(f"the history of the metrics is not written: {history}")
        show(history["percent"])
        time.sleep(0.02)
    raise world.DemoError(f"the history of the metrics was not written within {patience} s: {history}")


class Prometheus:
    """A running Prometheus on the blocks in `folder`/data; scrapes `target` ("host:port") so often when that is given."""

    SCRAPE_INTERVAL = "15s"  # what it says of itself, as in a mesh

    def __init__(self, folder, port=None, target=None, interval="5s", retention=FOREVER, flags=()):
        self.folder = pathlib.Path(folder)
        self.flags = flags
        self.port = port or world.free_port()
        self.retention = retention
        self.process = None
        self.name = "prometheus"
        config = {"global": {"scrape_interval": self.SCRAPE_INTERVAL}, "scrape_configs": []}
        if target:
            config["scrape_configs"].append({
                "job_name": "kubernetes-pods",
                "scrape_interval": interval,
                "scrape_timeout": interval,
                "honor_labels": True,  # each series says which pod it is of
                "static_configs": [{"targets": [target]}],
            })
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "prometheus.yml").write_text(json.dumps(config, indent=2) + "\n")
        self.start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def data(self):
        return self.folder / "data"

    def start(self, patience=30):
        """Returns when it answers. After stop() it has the same port and data."""
        self.process = world.Process(
            "prometheus",
            [
                program("prometheus"),
                f"--config.file={self.folder / 'prometheus.yml'}",
                f"--storage.tsdb.path={self.data}",
                f"--storage.tsdb.retention.time={self.retention}",
                f"--web.listen-address=127.0.0.1:{self.port}",
                "--log.level=warn",
                *self.flags,
            ],
            self.folder / "prometheus.log",
        )
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if not self.process.running():
                raise self.process.ended()
            with contextlib.suppress(OSError):
                if world.ask(self.port, "/-/ready").status == 200:
                    return
            time.sleep(0.02)
        raise world.DemoError(f"Prometheus was not ready within {patience} s:\n{self.process.log()[-1000:]}")

    @property
    def child(self):
        return self.process.child

    def log(self):
        return self.process.log()

    def stop(self, patience=30):
        return self.process.stop(patience)

    def query(self, text, time=None):
        """The result of an instant query, as Prometheus gives it; DemoError with its words when it refuses."""
        form = {"query": text} if time is None else {"query": text, "time": time}
        return self._asked("/api/v1/query", form)

    def query_range(self, text, start, end, step):
        return self._asked("/api/v1/query_range", {"query": text, "start": start, "end": end, "step": step})

    def _asked(self, path, form):
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = world.ask(self.port, path, method="POST", headers=headers, body=urllib.parse.urlencode(form))
        body = answer.json()
        if body["status"] != "success":
            raise world.DemoError(f"{form}: {body['error']}")
        return body["data"]["result"]

    def value(self, text, time=None):
        """The one number that an instant query gives."""
        result = self.query(text, time)
        if len(result) != 1:
            raise world.DemoError(f"{text} has {len(result)} results, not one")
        return float(result[0]["value"][1])


if __name__ == "__main__":
    try:
        print(program("prometheus"))
    except world.DemoError as problem:
        sys.exit(f"dev: {problem}")
