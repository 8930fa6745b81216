"""Raw questions to a real Jaeger and to the simulated one that hold the same spans of the demo; what their answers do not have in common."""
import json
import pathlib
import re
import struct
import subprocess
import tempfile
import time
import urllib.parse

from jaegers import world

SERVICE = "productpage.bookinfo"
UNKNOWN = "00000000000000000000000000000abc"
SECONDS = 480  # of the demo's last minutes
SPANS_IN_REQUEST = 500
LIMIT = 1000
UNSKEWED = "skipping clock skew adjustment"


def simulated(build_dir, folder, base_path, release):
    """The demo's Jaeger with its seven known traces."""
    flags = ["--start-micros", str(world.FIXTURE_START_MICROS), "--jaeger-version", release]
    return world.Mesh(build_dir, folder, mesh="fixture", flags=flags, base_path=base_path)


def feed(mesh, jaeger):
    """Sends the demo's spans to the real one over OTLP, as the simulated one tells them; their trace ids."""
    base = mesh.base_path
    services = world.ask(mesh.http_port, base + "/api/v3/services").json()["services"]
    sent = {}
    window = {"query.start_time_min": _iso(-SECONDS), "query.start_time_max": _iso(1)}
    for service in services:
        target = world.query(base + "/api/v3/traces", **{"query.service_name": service, "query.search_depth": LIMIT, "query.num_traces": LIMIT, **window})
        answer = world.ask(mesh.http_port, target)
        if answer.status != 200:
            continue
        for group in answer.json()["result"]["resourceSpans"]:
            for scope in group["scopeSpans"]:
                for span in scope["spans"]:
                    key = (span["traceId"], span["spanId"], span.get("kind"))
                    sent[key] = {"resource": group["resource"], "scopeSpans": [{"scope": scope.get("scope", {}), "spans": [span]}]}
    groups = list(sent.values())
    for first in range(0, len(groups), SPANS_IN_REQUEST):
        body = json.dumps({"resourceSpans": groups[first:first + SPANS_IN_REQUEST]}).encode()
        answer = world.ask(jaeger.otlp_port, "/v1/traces", method="POST", headers={"Content-Type": "application/json"}, body=body)
        if answer.status != 200:
            raise world.DemoError(f"the real Jaeger does not take the demo's spans: {answer.status} {answer.body[:300]}")
    traces = sorted({key[0] for key in sent})
    counts = {trace: sum(key[0] == trace for key in sent) for trace in traces}
    _await_spans(jaeger, counts)
    return traces


def _await_spans(jaeger, counts, patience=20):
    deadline = time.monotonic() + patience
    for trace, count in counts.items():
        while True:
            answer = world.ask(jaeger.http_port, f"{jaeger.setting.base_path}/api/traces/{trace}")
            seen = len(answer.json()["data"][0]["spans"]) if answer.status == 200 and answer.json()["data"] else 0
            if seen >= count:
                break
            if time.monotonic() > deadline:
                raise world.DemoError(f"of trace {trace} the real Jaeger has {seen} of {count} spans")
            time.sleep(0.05)


def _iso(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(world.FIXTURE_START_MICROS // 1_000_000 + seconds))


def http_questions(base, traces):
    """Name and (method, target) of each."""
    now = world.FIXTURE_START_MICROS
    hour = {"start": now - SECONDS * 1_000_000, "end": now + 1}
    v3 = {"query.service_name": SERVICE, "query.start_time_min": _iso(-SECONDS), "query.start_time_max": _iso(1)}

    def search(**more):
        return world.query(base + "/api/traces", **{"service": SERVICE, "limit": LIMIT, **hour, **more})

    def search_v3(**more):
        return world.query(base + "/api/v3/traces", **{**v3, **more})

    out = {
        "services": base + "/api/services",
        "operations": world.query(base + "/api/operations", service=SERVICE),
        "operations of a kind": world.query(base + "/api/operations", service=SERVICE, spanKind="server"),
        "operations without a service": base + "/api/operations",
        "operations of nobody": world.query(base + "/api/operations", service="nobody"),
        "operations below the service": f"{base}/api/services/{SERVICE}/operations",
        "search": search(),
        "search without a limit": search(limit=None),
        "search without a service": base + "/api/traces",
        "search of nobody": world.query(base + "/api/traces", service="nobody", **hour),
        "search, limit 0": search(limit=0),
        "search, limit -1": search(limit=-1),
        "search, limit x": search(limit="x"),
        "search, bad start": search(start="x"),
        "search, bad duration": search(minDuration="x"),
        "search, durations crossed": search(minDuration="2s", maxDuration="1s"),
        "search, error true": search(tags='{"error":"true"}'),
        "search, error false": search(tags='{"error":"false"}'),
        "search, one tag": search(tag="http.status_code:200"),
        "search, bad tag": search(tag="x"),
        "search, bad tags": search(tags="{"),
        "search, tags of numbers": search(tags='{"a":1}'),
        "search, shortest": search(minDuration="1s"),
        "search, longest": search(maxDuration="10ms"),
        "search, operation of nobody": search(operation="nobody"),
        "search by ids": world.query(base + "/api/traces", traceID=traces[0]) + "&traceID=" + UNKNOWN,
        "search by a bad id": world.query(base + "/api/traces", traceID="xyz"),
        "unknown trace": f"{base}/api/traces/{UNKNOWN}",
        "bad trace id": f"{base}/api/traces/xyz",
        "zero trace id": f"{base}/api/traces/0",
        "dependencies": world.query(base + "/api/dependencies", endTs=now // 1000, lookback=3_600_000),
        "an unknown path of the API": base + "/api/whatever",
        "an unknown path of v3": base + "/api/v3/whatever",
        "an unknown path": base + "/whatever",
        "the page": base + "/",
        "v3 services": base + "/api/v3/services",
        "v3 operations": world.query(base + "/api/v3/operations", service=SERVICE),
        "v3 operations of a kind": world.query(base + "/api/v3/operations", service=SERVICE, span_kind="server"),
        "v3 operations without a service": base + "/api/v3/operations",
        "v3 search": search_v3(**{"query.num_traces": LIMIT}),
        "v3 search, search_depth": search_v3(**{"query.search_depth": LIMIT}),
        "v3 search, camel case": search_v3(**{"query.searchDepth": LIMIT}),
        "v3 search without a depth": search_v3(),
        "v3 search without a service": search_v3(**{"query.service_name": None, "query.num_traces": LIMIT}),
        "v3 search without times": world.query(base + "/api/v3/traces", **{"query.service_name": SERVICE}),
        "v3 search, bad time": search_v3(**{"query.start_time_min": "x"}),
        "v3 search, bad depth": search_v3(**{"query.num_traces": "x"}),
        "v3 search of nobody": search_v3(**{"query.service_name": "nobody", "query.num_traces": LIMIT}),
        "v3 search, attributes": search_v3(**{"query.num_traces": LIMIT, "query.attributes": '{"error":"true"}'}),
        "v3 search, shortest": search_v3(**{"query.num_traces": LIMIT, "query.duration_min": "1s"}),
        "v3 search, bad duration": search_v3(**{"query.num_traces": LIMIT, "query.duration_min": "x"}),
        "v3 unknown trace": f"{base}/api/v3/traces/{UNKNOWN}",
        "v3 bad trace id": f"{base}/api/v3/traces/xyz",
        "v3 zero trace id": f"{base}/api/v3/traces/0",
        "v3 summaries": world.query(base + "/api/v3/trace-summaries", **v3),
    }
    for trace in traces[:: max(1, len(traces) // 12)]:
        out[f"trace {trace}"] = f"{base}/api/traces/{trace}"
        out[f"v3 trace {trace}"] = f"{base}/api/v3/traces/{trace}"
    if base:
        out["the API without the base path"] = "/api/services"
        out["v3 without the base path"] = "/api/v3/services"
        out["the page without the base path"] = "/"
        out["the base path without its slash"] = base
    else:
        out["the API below a base path that is not"] = "/jaeger/api/services"
        out["v3 below a base path that is not"] = "/jaeger/api/v3/services"
    questions = {name: ("GET", target) for name, target in out.items()}
    questions["POST to the search"] = ("POST", search())
    questions["POST to the services of v3"] = ("POST", base + "/api/v3/services")
    return questions


def http_answer(port, method, target):
    answer = world.ask(port, target, method=method)
    kind = (answer.headers.get("Content-Type") or "").replace(" ", "")
    return {"status": answer.status, "type": kind, "body": _body(kind, answer.body, target)}


def _body(kind, raw, target):
    text = raw.decode("utf-8", errors="replace")
    if kind.startswith("text/html"):
        base = re.search(r'<base href="([^"]*)"', text)
        return {"page": base.group(1) if base else None, "version": bool(re.search(r"JAEGER_VERSION\s*=\s*\{", text))}
    try:
        document = json.loads(text)
    except ValueError:
        return text
    return _settled(_unskewed(document))


def _unskewed(value):
    """Without the warning that a span's clock was left as it is since its parent is not in the trace: the simulated one never touches clocks."""
    if isinstance(value, dict):
        out = {key: _unskewed(item) for key, item in value.items()}
        if isinstance(out.get("warnings"), list):
            out["warnings"] = [text for text in out["warnings"] if not text.endswith(UNSKEWED)] or None
        return out
    if isinstance(value, list):
        return [_unskewed(item) for item in value if not (_is_warning(item) and all(text.endswith(UNSKEWED) for text in _warnings(item)))]
    return value


def _is_warning(item):
    return isinstance(item, dict) and item.get("key") == "@jaeger@warnings"


def _warnings(item):
    return [one["stringValue"] for one in item["value"]["arrayValue"]["values"]]


def _settled(value):
    """Without what has no order: spans by id, attributes and tags by key, names; processes in place of their numbers."""
    if isinstance(value, dict) and "spans" in value and "processes" in value:
        processes = {key: _settled(item) for key, item in value["processes"].items()}
        for span in value["spans"]:
            span["process"] = processes.get(span.pop("processID", None))
        return {**{k: _settled(v) for k, v in value.items() if k != "processes"}, "spans": _settled(value["spans"])}
    if isinstance(value, dict) and "resourceSpans" in value:
        flat = []
        for group in value["resourceSpans"]:
            for scope in group.get("scopeSpans", []):
                for span in scope.get("spans", []):
                    flat.append({"resource": _settled(group.get("resource")), "scope": _settled(scope.get("scope")), "span": _settled(span)})
        return {"spans": sorted(flat, key=lambda item: json.dumps([item["span"].get("spanId"), item["span"].get("kind")]))}
    if isinstance(value, dict):
        return {key: _settled(item) for key, item in value.items()}
    if isinstance(value, list):
        return sorted((_settled(item) for item in value), key=lambda item: json.dumps(item, sort_keys=True))
    return value


def _varint(number):
    out = bytearray()
    while True:
        out.append((number & 0x7F) | (0x80 if number > 0x7F else 0))
        number >>= 7
        if not number:
            return bytes(out)


def _bytes(field, data):
    data = data.encode() if isinstance(data, str) else data
    return _varint(field << 3 | 2) + _varint(len(data)) + data


def _time(field, seconds):
    return _bytes(field, b"\x08" + _varint(world.FIXTURE_START_MICROS // 1_000_000 + seconds))


def grpc_questions(traces):
    """Name and (method, message) of each."""
    v2, v3 = "/jaeger.api_v2.QueryService/", "/jaeger.api_v3.QueryService/"
    hour = _time(4, -SECONDS) + _time(5, 1)
    depth = b"\x40" + _varint(LIMIT)
    tag = _bytes(3, _bytes(1, "error") + _bytes(2, "true"))
    no = _bytes(3, _bytes(1, "error") + _bytes(2, "false"))
    return {
        "v2 services": (v2 + "GetServices", b""),
        "v2 operations": (v2 + "GetOperations", _bytes(1, SERVICE)),
        "v2 operations of a kind": (v2 + "GetOperations", _bytes(1, SERVICE) + _bytes(2, "server")),
        "v2 operations without a service": (v2 + "GetOperations", b""),
        "v2 search": (v2 + "FindTraces", _bytes(1, _bytes(1, SERVICE) + hour + depth)),
        "v2 search, error": (v2 + "FindTraces", _bytes(1, _bytes(1, SERVICE) + tag + hour + depth)),
        "v2 search, no error": (v2 + "FindTraces", _bytes(1, _bytes(1, SERVICE) + no + hour + depth)),
        "v2 search without a service": (v2 + "FindTraces", _bytes(1, hour + depth)),
        "v2 search without a depth": (v2 + "FindTraces", _bytes(1, _bytes(1, SERVICE) + hour)),
        "v2 search without times": (v2 + "FindTraces", _bytes(1, _bytes(1, SERVICE) + depth)),
        "v2 search without a query": (v2 + "FindTraces", b""),
        "v2 trace": (v2 + "GetTrace", _bytes(1, bytes.fromhex(traces[0]))),
        "v2 unknown trace": (v2 + "GetTrace", _bytes(1, bytes.fromhex(UNKNOWN))),
        "v2 zero trace": (v2 + "GetTrace", _bytes(1, bytes(16))),
        "v2 trace without an id": (v2 + "GetTrace", b""),
        "v2 trace of 5 bytes": (v2 + "GetTrace", _bytes(1, b"12345")),
        "v3 services": (v3 + "GetServices", b""),
        "v3 operations": (v3 + "GetOperations", _bytes(1, SERVICE)),
        "v3 operations of a kind": (v3 + "GetOperations", _bytes(1, SERVICE) + _bytes(2, "server")),
        "v3 search": (v3 + "FindTraces", _bytes(1, _bytes(1, SERVICE) + hour + depth)),
        "v3 search, error": (v3 + "FindTraces", _bytes(1, _bytes(1, SERVICE) + tag + hour + depth)),
        "v3 search without a service": (v3 + "FindTraces", _bytes(1, hour + depth)),
        "v3 search without a depth": (v3 + "FindTraces", _bytes(1, _bytes(1, SERVICE) + hour)),
        "v3 search without times": (v3 + "FindTraces", _bytes(1, _bytes(1, SERVICE) + depth)),
        "v3 search without a query": (v3 + "FindTraces", b""),
        "v3 search of nobody": (v3 + "FindTraces", _bytes(1, _bytes(1, "nobody") + hour + depth)),
        "v3 trace": (v3 + "GetTrace", _bytes(1, traces[0])),
        "v3 unknown trace": (v3 + "GetTrace", _bytes(1, UNKNOWN)),
        "v3 zero trace": (v3 + "GetTrace", _bytes(1, "0")),
        "v3 trace without an id": (v3 + "GetTrace", b""),
        "v3 trace, bad id": (v3 + "GetTrace", _bytes(1, "xyz")),
        "health": ("/grpc.health.v1.Health/Check", b""),
        "health of v2": ("/grpc.health.v1.Health/Check", _bytes(1, "jaeger.api_v2.QueryService")),
        "health of v3": ("/grpc.health.v1.Health/Check", _bytes(1, "jaeger.api_v3.QueryService")),
        "health of nobody": ("/grpc.health.v1.Health/Check", _bytes(1, "nobody")),
        "an unknown service": ("/jaeger.api_v9.QueryService/GetServices", b""),
    }


def grpc_answer(port, method, message, tries=5):
    """As _grpc_answer(), again where curl has lost the end: a server may break the stream off right behind it."""
    for _ in range(tries):
        answer = _grpc_answer(port, method, message)
        if answer["code"] is not None:
            break
    return answer


def _grpc_answer(port, method, message):
    """Code and text of the end and how many messages came, by the HTTP/2 of curl."""
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "question").write_bytes(b"\0" + struct.pack(">I", len(message)) + message)
        subprocess.run(
            ["curl", "-sS", "--http2-prior-knowledge", "--max-time", "20", "-H", "Content-Type: application/grpc", "-H", "TE: trailers",
             "--data-binary", f"@{folder / 'question'}", "-D", folder / "head", "-o", folder / "body", f"http://127.0.0.1:{port}{method}"],
            capture_output=True,
        )
        # Its code says nothing: a server may end the stream before it has read all of the question.
        head = (folder / "head").read_text(errors="replace")
        body = (folder / "body").read_bytes() if (folder / "body").exists() else b""
    said = dict(re.findall(r"^(grpc-(?:status|message)): ?(.*?)\r?$", head, re.MULTILINE | re.IGNORECASE))
    sizes = []
    while len(body) >= 5:
        length = struct.unpack(">I", body[1:5])[0]
        sizes.append(length)
        body = body[5 + length:]
    return {"code": said.get("grpc-status"), "text": urllib.parse.unquote(said.get("grpc-message", "")), "messages": len(sizes), "empty": sum(sizes) == 0}


def compare(mesh, jaeger, traces):
    """(question, what the simulated one says, what the real one says) where they differ; how many questions there were."""
    out, count = [], 0
    for name, (method, target) in http_questions(mesh.base_path, traces).items():
        ours, theirs = http_answer(mesh.http_port, method, target), http_answer(jaeger.http_port, method, target)
        count += 1
        out += [("HTTP: " + name, *one) for one in _apart(ours, theirs)]
    for name, (method, message) in grpc_questions(traces).items():
        ours, theirs = grpc_answer(mesh.grpc_port, method, message), grpc_answer(jaeger.grpc_port, method, message)
        count += 1
        out += [("gRPC: " + name, *one) for one in _apart(ours, theirs)]
    return out, count


def _apart(ours, theirs, path=""):
    """The places where two answers differ."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        out = []
        for key in sorted(ours.keys() | theirs.keys()):
            if key not in ours or key not in theirs:
                out.append((f"{path}.{key}", ours.get(key, "(none)"), theirs.get(key, "(none)")))
            else:
                out += _apart(ours[key], theirs[key], f"{path}.{key}")
        return out
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        return [one for i, pair in enumerate(zip(ours, theirs)) for one in _apart(*pair, f"{path}[{i}]")]
    return [] if ours == theirs else [(path, ours, theirs)]
