"""The table that `./dev demo --check` prints."""
import time

import demo_world as world


class Wrong(Exception):
    """An answer that is not what it should be."""


def need(condition, message):
    if not condition:
        raise Wrong(message)


class Report:
    def __init__(self):
        self.rows = []
        self.readings = {}  # what is too long for the table: error by advice, the first of each
        self.notes = []  # what is shown below the table

    def run(self, protocol, what, step):
        """One row: `step` returns (status, what was seen) or raises Wrong."""
        started = time.monotonic()
        try:
            status, seen = step()
            good = True
        except (Wrong, world.DemoError) as problem:
            status, seen, good = "", str(problem), False
        except (OSError, ValueError, LookupError, TypeError) as problem:
            status, seen, good = "", f"{type(problem).__name__}: {problem}", False
        self.rows.append((protocol, what, str(status), seen, (time.monotonic() - started) * 1000, good))

    def read(self, error, advice):
        self.readings.setdefault(advice, error)

    def note(self, head, lines):
        self.notes += ["", head] + [f"  {line}" for line in lines]

    def passed(self):
        return all(row[-1] for row in self.rows)

    def table(self):
        heads = ("", "Jaeger over", "Route or rule", "Status", "ms", "Seen")
        lines = [heads]
        for protocol, what, status, seen, ms, good in self.rows:
            lines.append(("ok" if good else "WRONG", protocol, what, status, f"{ms:.0f}", seen))
        widths = [max(len(line[i]) for line in lines) for i in range(5)]
        table = [
            "  ".join([line[0].ljust(widths[0])] + [line[i].ljust(widths[i]) for i in range(1, 4)]
                      + [line[4].rjust(widths[4]), line[5]]).rstrip()
            for line in lines
        ]
        if self.readings:
            table += ["", "What an operator reads:"]
            for advice, error in self.readings.items():
                table += [f"  {error}", f"    {advice}"]
        return "\n".join(table + self.notes)

    def verdict(self):
        wrong = sum(not row[-1] for row in self.rows)
        return f"\n{len(self.rows)} checks passed" if wrong == 0 else f"\n{wrong} of {len(self.rows)} checks are wrong"
