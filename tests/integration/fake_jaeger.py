"""A Jaeger in the test's own process: HTTP v1 JSON behind tokens and tenants, and the endpoint that gives the tokens."""
import base64
import http.server
import json
import threading
import urllib.parse


class FakeServer:
    """Serves on loopback until stop(); `requests` holds (method, path, headers, body) of all it was asked."""

    def __init__(self):
        self.requests = []
        self.lock = threading.Lock()
        fake = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            default_request_version = "HTTP/1.1"  # a status line also for what is no HTTP/1.1

            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
                headers = {name.lower(): value for name, value in self.headers.items()}
                with fake.lock:
                    fake.requests.append((self.command, self.path, headers, body))
                    status, kind, text, more = fake.handle(self.command, self.path, headers, body)
                data = text.encode()
                self.send_response(status)
                for name, value in {"Content-Type": kind, "Content-Length": str(len(data)), **more}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = answer

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

    def count(self, part):
        with self.lock:
            return sum(part in path for _, path, _, _ in self.requests)


class TokenEndpoint(FakeServer):
    """OAuth2 client credentials; every token is another one and is good until revoke()."""

    def __init__(self, client, secret, life=3600):
        self.client = (client, secret)
        self.life = life
        self.made = 0
        self.good = set()
        super().__init__()

    def handle(self, method, path, headers, body):
        kind = "application/json"
        given = headers.get("authorization", "")
        pair = base64.b64decode(given[6:]).decode().split(":", 1) if given.startswith("Basic ") else [None, None]
        if method != "POST" or tuple(urllib.parse.unquote(part or "") for part in pair) != self.client:
            return 401, kind, json.dumps({"error": "invalid_client", "error_description": given}), {}
        self.made += 1
        token = f"token-{self.made}"
        self.good.add(token)
        return 200, kind, json.dumps({"access_token": token, "token_type": "Bearer", "expires_in": self.life}), {}

    def revoke(self):
        with self.lock:
            self.good.clear()


class FakeJaeger(FakeServer):
    """One trace of service details.bookinfo; `accepts(headers)` gives None or (status, text)."""

    TRACE_ID = "00000000000000000000000000abcdef"

    def __init__(self, now_micros, accepts=lambda headers: None):
        self.now = now_micros
        self.accepts = accepts
        self.busy = 0  # so many of the next searches are answered with 503
        super().__init__()

    def handle(self, method, path, headers, body):
        refused = self.accepts(headers)
        if refused:
            return refused[0], "text/plain; charset=utf-8", refused[1] + "\n", {}
        route = urllib.parse.urlsplit(path).path
        if route == "/jaeger/api/services":
            return 200, "application/json", json.dumps({"data": ["details.bookinfo"], "errors": None}), {}
        if route == "/jaeger/api/traces":
            if self.busy > 0:
                self.busy -= 1
                return 503, "text/plain", "later", {"Retry-After": "0"}
            return 200, "application/json", json.dumps({"data": [self.trace()], "errors": None}), {}
        return 404, "text/plain", "404 page not found\n", {}

    def trace(self):
        span = {
            "traceID": self.TRACE_ID, "spanID": "00000000000000ab", "operationName": "GET /details",
            "references": [], "startTime": self.now - 60_000_000, "duration": 1000, "processID": "p1",
            "tags": [{"key": "istio.namespace", "type": "string", "value": "bookinfo"}], "logs": [], "warnings": None,
        }
        process = {"serviceName": "details.bookinfo", "tags": []}
        return {"traceID": self.TRACE_ID, "spans": [span], "processes": {"p1": process}, "warnings": None}
