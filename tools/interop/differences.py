"""What a real Jaeger was measured to do otherwise than the suite expects of a store that keeps all it is given, each with its reason."""
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


def anywhere(_):
    return True


def of_v1(version):
    return version.generation == 1


def of_v2(version):
    return version.generation == 2


def in_badger(where):
    return where.setting.storage == "badger"


# Test, where, reason.
DIFFERENCES = (
    ("services and operations are ascending and unique", in_badger, "Badger keeps operations without their kinds"),
    ("the same span sent twice is one span, another one of its id is kept", in_badger, "Badger keeps one span of an id"),
    ("a tag of five megabytes arrives whole", in_badger, "Badger takes no span of that size; it is lost"),
    (
        "bytes that are no UTF-8 never lose a trace", anywhere,
        "Jaeger's intake puts other names and values in place of texts that are no UTF-8; no trace is lost",
    ),
    (
        "a trace without an id is dropped and counted", lambda where: of_v2(where.version),
        "Jaeger 2.x keeps no span without a trace id, so there is none to count",
    ),
    (
        "bytes are bytes", lambda where: where.protocol == "http v1",
        "the old HTTP API tells a value of no bytes as an empty text",
    ),
)

WORDS = "the words with which the libraries below say the same; status and form are alike"
NO_DEPTH = "1.x takes a depth of 0, below or left out for no bound; the simulated one is a 2.x"
NO_SERVICE = "1.x finds nothing without the name of a service; the simulated one is a 2.x"
LISTS = "1.x keeps a list as its JSON text; the simulated one is a 2.x"

# Patterns of the question and of the place in its answers, which versions, reason.
HABITS = (
    ("HTTP: dependencies", ".*", anywhere, "the simulated one has no dependencies; the clients never ask for them"),
    ("HTTP: search, (bad tags|tags of numbers)", r"\.body\.errors\[0\]\.msg", anywhere, WORDS),
    ("HTTP: v3 search, bad time", r"\.body\.error\.message", anywhere, WORDS),
    ("gRPC: (health of nobody|an unknown service)", r"\.text", anywhere, WORDS),
    ("gRPC: v2 search without times", r"\.messages", anywhere, "the simulated one remembers more than the minutes that the real one was given"),
    ("HTTP: search, limit (0|-1)", ".*", of_v1, NO_DEPTH),
    ("HTTP: v3 search(, search_depth|, camel case| without a depth)", ".*", of_v1, NO_DEPTH),
    ("gRPC: v[23] search without a depth", ".*", of_v1, NO_DEPTH),
    ("HTTP: v3 search without a service", ".*", of_v1, NO_SERVICE),
    ("gRPC: v[23] search without a service", ".*", of_v1, NO_SERVICE),
    ("HTTP: v3 (trace|search).*", r".*\.value\.(arrayValue|stringValue)", of_v1, LISTS),
    ("HTTP: POST to .*", ".*", of_v1, "1.x refuses other methods with 405; 2.13 answers them with the page of the user interface"),
)
