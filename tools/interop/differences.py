"""What a real Jaeger does otherwise than the suite expects of a store that keeps all it is given, each with its reason."""
import re


def reason_of(test, where):
    """Why `test` may fail there; None when it must not."""
    for name, applies, reason in DIFFERENCES:
        if name == test and applies(where):
            return reason
    return None


def habit_reason(question, path, version):
    """Why the answers to a raw question may differ in that place; None when they must not."""
    for names, places, applies, reason in HABITS:
        if re.fullmatch(names, question) and re.fullmatch(places, path) and applies(version):
            return reason
    return None


def anywhere(_where):
    return True


SORTED = "Jaeger sorts the tags of a span by key; the suite wants them as they were sent"

# Test, where, reason.
DIFFERENCES = (
    ("keys of any form are kept", anywhere, SORTED),
    ("everything a span has arrives", anywhere, SORTED),
    ("5000 tags on a span arrive in their order", anywhere, SORTED),
    ("a tag of five megabytes arrives whole", anywhere, SORTED),
    ("bytes are bytes", anywhere, SORTED),
    ("numbers that are none arrive where the wire has them", anywhere, SORTED),
    (
        "what does not pass the query is not in the answer", anywhere,
        "the suite's span has a tag error and no status; Jaeger finds error=true by the status of OTLP",
    ),
    (
        "bytes that are no UTF-8 never lose a trace", anywhere,
        "Jaeger's intake puts other names and values in place of texts that are no UTF-8; no trace is lost",
    ),
    ("a trace without an id is dropped and counted", anywhere, "Jaeger's intake keeps no span without a trace id, so there is none to count"),
    ("a span without an id is kept", anywhere, "Jaeger's intake keeps no span without an id"),
)

# Patterns of the question and of the place in its answers, which versions, reason.
HABITS = (
    (
        "HTTP: .*the page.*", r"\.body\.(version|page)", anywhere,
        "the programs are built without the pages of the user interface",
    ),
)
