"""Runs the contract suite of the trace stores over a real Jaeger: a stand hands out empty ones, one for each that a test wants."""
import http.server
import json
import os
import subprocess
import threading
import xml.etree.ElementTree as xml

import jaegers
from jaegers import world

# What neither TLS nor a proxy nor a path changes, and takes long.
LONG = ("30000 services", "100 000 spans", "10000 spans", "20000 logs")


class Stand:
    """Hands out Jaegers over HTTP, `POST /fresh`; the next one is being started while one is in use."""

    def __init__(self, version, setting, protocol, folder, certificates):
        self.start = lambda: jaegers.Jaeger(version, setting, folder, certificates)
        self.protocol = protocol
        self.used = None
        self.next = self.start()
        stand = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                try:
                    body, status = json.dumps(stand.fresh()).encode(), 200
                except world.DemoError as error:
                    body, status = str(error).encode(), 500
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def fresh(self):
        """Called by one test program, one call at a time."""
        if self.used:
            self.used.stop()
        self.used, self.next = self.next, self.start()
        self.used.wait()
        return self.used.place(self.protocol)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
        for jaeger in (self.used, self.next):
            if jaeger:
                jaeger.stop()


class Outcome:
    """How one test went."""

    def __init__(self, test, passed, left_out, text):
        self.test = test
        self.passed = passed
        self.left_out = left_out  # some of it cannot be made to happen to a real one
        self.text = text  # of the first failure


def run(program, version, setting, protocol, folder, certificates, short, only=None):
    """The outcome of every test of the suite, over one protocol of one Jaeger."""
    chosen = f'"*{only}*"' if only else '"contract:*"'
    if short:
        chosen += "".join(f'~"*{name}*"' for name in LONG)
    with Stand(version, setting, protocol, folder, certificates) as stand:
        done = subprocess.run(
            ["nice", "-n", "10", program, "-r", "xml", chosen],
            env={**os.environ, "MESHSCOPE_TEST_JAEGER": stand.url, "GRPC_VERBOSITY": "NONE"},
            capture_output=True,
            timeout=1800,
        )
    try:
        report = xml.fromstring(done.stdout)
    except xml.ParseError as error:
        tail = (done.stdout[-600:] + done.stderr[-600:]).decode(errors="replace")
        raise world.DemoError(f"the contract suite ended with {done.returncode} over {protocol}: {error}\n{tail}") from error
    return [_outcome(case) for case in report.iter("TestCase")]


def _outcome(case):
    passed = case.find("OverallResult").get("success") == "true"
    warnings = [item.text or "" for item in case.iter("Warning")]
    return Outcome(
        case.get("name").removeprefix("contract: "),
        passed,
        any("left out" in text for text in warnings),
        "" if passed else _failure(case),
    )


def _failure(case):
    for item in case.iter():
        if item.tag == "Expression" and item.get("success") == "false":
            parts = [(item.findtext(tag) or "").strip() for tag in ("Original", "Expanded")]
            found = " ".join(f"{parts[0]} : {parts[1]}".split())
            said = [" ".join((info.text or "").split()) for info in case.iter("Info")]
            thrown = [" ".join((inner.text or "").split()) for inner in item.iter("Exception")]
            return " | ".join([found[:300], *thrown, *[text[:200] for text in said if text and text != "real"]])
        if item.tag in ("Exception", "FatalErrorCondition", "Failure"):
            return " ".join((item.text or item.tag).split())[:400]
    return "failed"
