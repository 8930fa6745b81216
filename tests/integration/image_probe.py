"""Runs the program inside of a root made by deploy/image/contents.sh, in a network of its own where only loopback is.

image_probe.py ROOT PORT: ends with 0 when the server in there, not root, found a Jaeger over TLS by a name that only DNS knows.
image_probe.py ROOT PORT CONFIG: when it serves with that file as it stands, mounted as Kiali's Deployment mounts it: health, the
API, the pages, metrics; and takes a SIGHUP and gives a support bundle.
"""
import contextlib
import fcntl
import http.client
import http.server
import io
import json
import os
import pathlib
import signal
import socket
import ssl
import struct
import subprocess
import sys
import tarfile
import threading
import time

NAME = "jaeger.image.test"
UP = 0x1


def loopback_up():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        request = struct.pack("16sh14x", b"lo", UP)
        fcntl.ioctl(control, 0x8914, request)  # SIOCSIFFLAGS


def dns_answer(question):
    """127.0.0.1 for an A of NAME, nothing for another type, "no such name" for another name."""
    end = question.index(b"\0", 12) + 5
    asked = question[12:end]
    labels, at = [], 0
    while asked[at]:
        labels.append(asked[at + 1:at + 1 + asked[at]].decode())
        at += asked[at] + 1
    kind = struct.unpack(">H", asked[at + 1:at + 3])[0]
    known = ".".join(labels) == NAME
    answers = known and kind == 1
    head = question[:2] + struct.pack(">HHHHH", 0x8180 if known else 0x8183, 1, int(answers), 0, 0)
    record = b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 60, 4) + socket.inet_aton("127.0.0.1")
    return head + asked + (record if answers else b"")


def serve_dns():
    names = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    names.bind(("127.0.0.1", 53))

    def serve():
        while True:
            question, sender = names.recvfrom(512)
            names.sendto(dns_answer(question), sender)

    threading.Thread(target=serve, daemon=True).start()


class Jaeger(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps({"data": ["reviews.bookinfo"], "total": 1, "errors": None}).encode()
        self.send_response(200 if self.path.startswith("/api/services") else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def serve_jaeger(folder):
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={NAME}",
         "-addext", f"subjectAltName=DNS:{NAME}", "-keyout", folder / "key.pem", "-out", folder / "cert.pem"],
        check=True, capture_output=True)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Jaeger)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    server.socket = tls.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


def ask(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("GET", path)
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def tracing_reached(port):
    status, body = ask(port, "/api/tracing/services")
    return status == 200 and "reviews.bookinfo" in body


ENVIRONMENT = {**os.environ, "ASAN_OPTIONS": "detect_leaks=0", "LSAN_OPTIONS": "detect_leaks=0"}
# Kiali's own command, as its Deployment has it, and nobody's rights.
COMMAND = ["chroot", "--userspec=65532:65532", "{root}", "/opt/kiali/kiali", "-config", "/kiali-configuration/config.yaml"]


def command(root, *more):
    return [part.format(root=root) for part in COMMAND] + list(more)


@contextlib.contextmanager
def program(root, config):
    """The server in the root, with that text as its configuration."""
    (root / "kiali-configuration").mkdir()
    (root / "kiali-configuration/config.yaml").write_text(config)
    subprocess.run(["mount", "-t", "proc", "proc", root / "proc"], check=False)  # what sanitizers read, and where it finds its pages
    with open(root / "tmp/log", "wb") as log:
        server = subprocess.Popen(command(root), stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=ENVIRONMENT)
    try:
        yield server
    finally:
        server.terminate()
        server.wait()
        subprocess.run(["umount", root / "proc"], check=False, capture_output=True)


def within_a_minute(server, look):
    end = time.monotonic() + 60
    while time.monotonic() < end and server.poll() is None:
        with contextlib.suppress(OSError):
            if look():
                return True
        time.sleep(0.1)
    return False


def serves_unchanged(root, port, config):
    """What is wrong, "" nothing."""
    with program(root, config) as server:
        if not within_a_minute(server, lambda: ask(port, "/kiali/healthz")[0] == 200):
            return (root / "tmp/log").read_text()[-4000:]
        for path, part in (("/kiali/api/status", "Kiali state"), ("/kiali/console/", "<base href"), ("/kiali/api/istio/status", "prometheus")):
            status, body = ask(port, path)
            if status != 200 or part not in body:
                return f"{path}: {status} {body[:400]}"
        if "meshscope_" not in ask(9090, "/metrics")[1]:
            return "no metrics on 9090"
        server.send_signal(signal.SIGHUP)
        if not within_a_minute(server, lambda: "are read again" in (root / "tmp/log").read_text()):
            return "SIGHUP: " + (root / "tmp/log").read_text()[-4000:]
        bundle = subprocess.run(command(root, "--support-bundle", "-"), capture_output=True, check=False, env=ENVIRONMENT, timeout=60)
        names = tarfile.open(fileobj=io.BytesIO(bundle.stdout)).getnames() if bundle.returncode == 0 else []
        return "" if "meshscope-support/log.txt" in names else f"bundle: {names} {bundle.stderr.decode()[-2000:]}"


def main():
    root, port = pathlib.Path(sys.argv[1]), int(sys.argv[2])
    loopback_up()
    if len(sys.argv) > 3:
        wrong = serves_unchanged(root, port, pathlib.Path(sys.argv[3]).read_text())
        print(wrong)
        return 1 if wrong else 0
    serve_dns()
    jaeger = serve_jaeger(root / "tmp")
    (root / "etc/resolv.conf").write_text("nameserver 127.0.0.1\noptions timeout:1 attempts:2\n")
    (root / "kiali-cabundle").mkdir()
    (root / "kiali-cabundle/additional-ca-bundle.pem").write_bytes((root / "tmp/cert.pem").read_bytes())
    config = json.dumps({
        "auth": {"strategy": "anonymous"},
        "server": {"port": port, "observability": {"metrics": {"enabled": False}}},
        "external_services": {
            "prometheus": {"enabled": False},
            "tracing": {"enabled": True, "use_grpc": False, "internal_url": f"https://{NAME}:{jaeger}"}},
    })
    for secret in ("key.pem", "cert.pem"):
        (root / "tmp" / secret).unlink()
    with program(root, config) as server:
        if within_a_minute(server, lambda: tracing_reached(port)):
            return 0
    print((root / "tmp/log").read_text()[-4000:])
    return 1


if __name__ == "__main__":
    sys.exit(main())
