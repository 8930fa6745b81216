"""A small OTLP collector over HTTP in the test's own process: keeps the spans it is sent."""
import http.server
import threading
import time


def fields(message):
    """(field number, value) of an encoded protobuf message: ints, 8-byte ints, bytes."""
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(message):
        tag = varint()
        kind = tag & 7
        if kind == 0:
            yield tag >> 3, varint()
        elif kind in (1, 5):
            size = 8 if kind == 1 else 4
            yield tag >> 3, int.from_bytes(message[at:at + size], "little")
            at += size
        else:
            size = varint()
            yield tag >> 3, message[at:at + size]
            at += size


def attributes(message, field):
    """The KeyValue fields of a message; bools as 0 and 1, doubles as their bits."""
    found = {}
    for number, pair in fields(message):
        if number == field:
            parts = dict(fields(pair))
            kind, value = next(iter(fields(parts[2])))
            found[parts[1].decode()] = value.decode() if kind == 1 else value
    return found


class Span:
    def __init__(self, encoded, resource):
        parts = {}
        for number, value in fields(encoded):
            parts.setdefault(number, value)
        self.trace = parts[1].hex()
        self.id = parts[2].hex()
        self.state = parts.get(3, b"").decode()
        self.parent = parts.get(4, b"").hex()
        self.name = parts[5].decode()
        self.kind = {1: "internal", 2: "server", 3: "client"}[parts[6]]
        self.start, self.end = parts[7], parts[8]
        self.error = dict(fields(parts.get(15, b""))).get(3) == 2
        self.attributes = attributes(encoded, 9)
        self.resource = resource


def spans_of(request):
    for _, resource_spans in fields(request):
        resource = {}
        for number, value in fields(resource_spans):
            if number == 1:
                resource = attributes(value, 1)
            elif number == 2:
                yield from (Span(span, resource) for field, span in fields(value) if field == 2)


class Collector:
    """Serves on loopback until stop(). `answer` is the status of each answer."""

    def __init__(self):
        self.answer = 200
        self.requests = []  # (path, headers)
        self.spans = []
        self.lock = threading.Lock()
        collector = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with collector.lock:
                    collector.requests.append((self.path, dict(self.headers.items())))
                    status = collector.answer
                    if status == 200:
                        collector.spans += spans_of(body)
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,))
        self.thread.start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def wait(self, done, patience=60):
        """The spans, once `done` is true of them."""
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            with self.lock:
                spans = list(self.spans)
            if done(spans):
                return spans
            time.sleep(0.05)
        raise AssertionError(f"the spans did not come: {sorted(span.name for span in spans)}")
