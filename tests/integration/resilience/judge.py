"""What an answer may be. The mesh's time stands still, so that every question has one right answer, learned while all is well."""
import collections
import json

# Clear errors: their status and the words that `code` may be.
ERRORS = {
    408: {"request_timeout"}, 429: {"rate_limited"}, 431: {"headers_too_large"}, 400: {"bad_request", "invalid_parameter"},
    502: None, 503: None, 504: None,
}
# An answer that was cut says so by one of these.
CUT = {"time", "bytes", "backend"}
PATIENCE = 60.0  # seconds, against hangs; that the server keeps its own deadlines is seen by 502, 503 and 504


class Judge:
    """Counts outcomes; `wrong` says what nobody may be told."""

    def __init__(self):
        self.truth = {}
        self.known = {}
        self.outcomes = collections.Counter()
        self.wrong = []
        self.slowest = 0.0

    def learn(self, target, body, all_there_is=None):
        """`all_there_is`: a body with what else may come when some of the right answer is missing."""
        self.truth[target] = _without_meta(json.loads(body))
        self.known[target] = _ids(json.loads(all_there_is or body))

    def begin(self):
        self.outcomes = collections.Counter()
        self.wrong = []
        self.slowest = 0.0

    def see(self, target, status, headers, body, took):
        self.slowest = max(self.slowest, took)
        if took > PATIENCE:
            self._accuse("late", target, f"{took:.1f} s")
        if status == 200:
            self._see_answer(target, headers, body)
        elif status in ERRORS:
            self._see_error(target, status, body)
        else:
            self._accuse("status", target, status, body[:200])

    def see_closed(self, target, why):
        """The connection ended before an answer: only for who broke the rules, or met a limit."""
        self._accuse("closed", target, why)

    def _see_answer(self, target, headers, body):
        try:
            answer = json.loads(body)
        except ValueError:
            self._accuse("broken body", target, body[-100:])
            return
        if target not in self.truth or _without_meta(answer) == self.truth[target]:
            self.outcomes["right"] += 1
            return
        meta = answer.get("meta") if isinstance(answer, dict) else None
        meta = meta or json.loads(headers.get("meshscope-meta") or "{}")
        marked = meta.get("stoppedBy") in CUT or meta.get("warnings") or meta.get("dropped") or (meta.get("cluster") or {}).get("stale") \
            or (meta.get("cluster") or {}).get("off") or _has_failed_source(answer) or _says_which_charts_failed(answer, self.truth[target])
        if not marked:
            self._accuse("partial and not marked", target, meta, _difference(answer, self.truth[target]))
        elif extra := _ids(answer) - self.known[target]:
            self._accuse("invented", target, sorted(extra)[:3])
        else:
            self.outcomes["partial"] += 1

    def _see_error(self, target, status, body):
        try:
            error = json.loads(body)
            ok = error["error"] and error["code"] and (ERRORS[status] is None or error["code"] in ERRORS[status])
        except (ValueError, KeyError, TypeError):
            ok = False
        if ok:
            self.outcomes[error["code"]] += 1
        else:
            self._accuse("unclear error", target, status, body[:200])

    def _accuse(self, what, *facts):
        self.outcomes["WRONG " + what] += 1
        if len(self.wrong) < 50:
            self.wrong.append((what, *facts))


def _without_meta(answer):
    return {key: value for key, value in answer.items() if key != "meta"} if isinstance(answer, dict) else answer


def _ids(answer):
    """Names and ids of what a list holds."""
    items = answer if isinstance(answer, list) else next((v for v in answer.values() if isinstance(v, list)), []) if isinstance(answer, dict) else []
    return {str(item.get("traceID") or item.get("spanID") or item.get("name") or item.get("time")) for item in items if isinstance(item, dict)}


def _has_failed_source(answer):
    sources = answer.get("sources") if isinstance(answer, dict) else None
    return any(source.get("state") != "ok" for source in sources or [])


def _says_which_charts_failed(answer, truth):
    """Charts that are not those of the truth have the reason."""
    charts = answer.get("charts") if isinstance(answer, dict) else None
    return bool(charts) and len(charts) == len(truth["charts"]) and all(
        chart.get("error") or chart == right for chart, right in zip(charts, truth["charts"], strict=True))


def _difference(answer, truth):
    if isinstance(answer, dict) and isinstance(truth, dict):
        return [key for key in truth if answer.get(key) != truth[key]]
    return (str(answer)[:100], str(truth)[:100])
