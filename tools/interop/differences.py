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


DIFFERENCES = ()

HABITS = ()
