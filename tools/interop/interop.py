#!/usr/bin/env python3
"""`./dev interop`: the clients of this project against real Jaeger programs, built as Go tools; a table and the reason of each difference."""
import argparse
import pathlib
import sys
import tempfile
import time

import envoy
import habits
import jaegers
import python_sdk
import suite
from differences import habit_reason, reason_of
from jaegers import world


def parse_arguments():
    parser = argparse.ArgumentParser(prog="./dev interop", description=__doc__)
    parser.add_argument("--build-dir", type=pathlib.Path, default=jaegers.ROOT / "build" / "dev", help=argparse.SUPPRESS)
    parser.add_argument("--had", action="store_true", help="build the Jaeger programs and nothing else; code 3 when they cannot be had")
    parser.add_argument(
        "--program", action="append", default=[], metavar="VERSION=PATH",
        help="one more Jaeger 2.x, a program that is there already (v2.20.0=/opt/jaeger); again for more",
    )
    parser.add_argument("--version", action="append", metavar="VERSION", help="only this one; again for more")
    parser.add_argument("--setting", type=int, metavar="N", action="append", help="only the setting of that number, from 1; again for more")
    parser.add_argument("--protocol", action="append", choices=jaegers.PROTOCOLS, help="only this one; again for more")
    parser.add_argument("--senders", action="store_true", help="only the spans of real programs: Envoy, an SDK of OpenTelemetry")
    parser.add_argument("--test", metavar="WORDS", help="only tests with these words in their name")
    return parser.parse_args()


def given_programs(options):
    out = []
    for text in options.program:
        name, sign, path = text.partition("=")
        if not sign or not pathlib.Path(path).is_file():
            raise world.DemoError(f"--program {text}: want VERSION=PATH of a program that is there")
        out.append(jaegers.Version(name, path, 2))
    return out


class Cell:
    """One protocol of one Jaeger with one setting."""

    def __init__(self, outcomes, where):
        self.failed = [one for one in outcomes if not one.passed]
        self.left_out = sum(one.passed and one.left_out for one in outcomes)  # wholly or in part
        self.passed = len(outcomes) - len(self.failed) - self.left_out
        self.reasons = {one.test: reason_of(one.test, where) for one in self.failed}
        self.unexplained = [one for one in self.failed if not self.reasons[one.test]]

    def text(self):
        if self.unexplained:
            return f"{len(self.unexplained)} FAILED"
        more = [f"{len(self.failed)} differ"] if self.failed else []
        return ", ".join([f"green ({self.passed})", *more, *([f"{self.left_out} left out"] if self.left_out else [])])


class Where:
    def __init__(self, version, setting, protocol):
        self.version, self.setting, self.protocol = version, setting, protocol

    def __str__(self):
        return f"{self.version.name}, {self.setting.name}, {self.protocol}"


def run_all(options, versions, folder):
    program = options.build_dir / "tests" / "contract" / "trace_store_contract_test"
    if not program.is_file():
        raise world.DemoError(f"{program} is not built; run ./dev build first")
    certificates = jaegers.Certificates(folder)
    cells = {}
    for number, setting in enumerate(jaegers.SETTINGS, start=1):
        if (options.setting and number not in options.setting) or (setting.bearer and not jaegers.PROXY.exists()):
            continue
        for version in versions:
            for protocol in jaegers.PROTOCOLS:
                if options.protocol and protocol not in options.protocol:
                    continue
                where = Where(version, setting, protocol)
                begun = time.monotonic()
                outcomes = suite.run(
                    program, version, setting, protocol, folder, certificates, short=number > 2, only=options.test
                )
                cell = Cell(outcomes, where)
                cells[(number, version.name, protocol)] = cell
                print(f"interop: {where}: {cell.text()} ({time.monotonic() - begun:.0f} s)", file=sys.stderr, flush=True)
                for one in cell.unexplained:
                    print(f"    {one.test}: {one.text}", file=sys.stderr, flush=True)
    return cells


class Comparison:
    """The wire of one Jaeger held against that of the simulated one of the nearest release."""

    def __init__(self, found, questions, version):
        self.questions = questions
        self.reasons = {}
        self.unexplained = []
        for question, path, ours, theirs in found:
            reason = habit_reason(question, path, version)
            if reason:
                self.reasons.setdefault(reason, []).append(question)
            else:
                self.unexplained.append((question, path, ours, theirs))

    def text(self):
        if self.unexplained:
            return f"{len(self.unexplained)} places DIFFER"
        named = {question for questions in self.reasons.values() for question in questions}
        return f"{self.questions} questions alike" if not named else f"{self.questions} questions, {len(named)} differ"


def compare_habits(options, versions, folder):
    out = {}
    for version in versions:
        for base_path in ("", "/jaeger"):
            place = folder / f"{version.name}{base_path.replace('/', '-')}"
            place.mkdir()
            mesh = habits.simulated(options.build_dir, place, base_path, version.simulated)
            jaeger = jaegers.Jaeger(version, jaegers.Setting("memory", base_path=base_path), place, None)
            try:
                jaeger.wait()
                found, questions = habits.compare(mesh, jaeger, habits.feed(mesh, jaeger))
            finally:
                jaeger.stop()
                mesh.stop()
            one = Comparison(found, questions, version)
            out[(version.name, base_path)] = one
            print(f"interop: {version.name}{base_path}, the same questions to the simulated one: {one.text()}", file=sys.stderr, flush=True)
            for question, path, ours, theirs in one.unexplained:
                print(f"    {question} {path}: simulated {str(ours)[:160]} | real {str(theirs)[:160]}", file=sys.stderr, flush=True)
    return out


SENDERS = {"Envoy": envoy, "OpenTelemetry's SDK for Python": python_sdk}


def try_senders(options, versions, folder):
    """What is wrong with real spans, by sender, Jaeger and way; a sender that cannot be had is not among them."""
    out = {}
    for sender, module in SENDERS.items():
        try:
            module.had()
        except jaegers.NotHad as reason:
            print(f"interop: no spans of {sender}: {reason}", file=sys.stderr)
            continue
        for version in versions:
            place = folder / f"{module.__name__}-{version.name}"
            place.mkdir()
            for way, wrong in module.run(options.build_dir, version, place).items():
                out[(sender, version.name, way)] = wrong
                for text in wrong:
                    print(f"interop: {version.name}, {sender}: {text}", file=sys.stderr, flush=True)
    return out


def print_senders(spans):
    for sender, name in dict.fromkeys((sender, name) for sender, name, _ in spans):
        ways = [(way, wrong) for (one, jaeger, way), wrong in spans.items() if (one, jaeger) == (sender, name)]
        texts = [f"{way}: " + (f"{len(wrong)} WRONG" if wrong else "as said") for way, wrong in ways]
        print(f"\nSpans of {sender} behind {name}: " + ", ".join(texts))


def print_table(cells):
    columns = list(dict.fromkeys((number, name) for number, name, _ in cells))
    print("| Jaeger | " + " | ".join(jaegers.PROTOCOLS) + " |")
    print("|---|" + "---|" * len(jaegers.PROTOCOLS))
    for number, name in columns:
        row = [cells.get((number, name, protocol)) for protocol in jaegers.PROTOCOLS]
        texts = [cell.text() if cell else "" for cell in row]
        print(f"| {name}, {jaegers.SETTINGS[number - 1].name} | " + " | ".join(texts) + " |")


def print_reasons(cells):
    where = {}
    for (_, name, protocol), cell in cells.items():
        for test, reason in cell.reasons.items():
            if reason:
                where.setdefault((test, reason), []).append(f"{name} {protocol}")
    if where:
        print("\nWhat differs, and why:\n")
    for (test, reason), places in where.items():
        print(f"- {test} ({', '.join(dict.fromkeys(places))}): {reason}")


def print_comparisons(comparisons):
    print("\n| Jaeger | The same questions to the simulated one, over HTTP and gRPC |\n|---|---|")
    for (name, base_path), one in comparisons.items():
        print(f"| {name}, {base_path or 'no base path'} | {one.text()} |")
    reasons = {}
    for one in comparisons.values():
        for reason, questions in one.reasons.items():
            reasons.setdefault(reason, []).extend(questions)
    if reasons:
        print("\nWhat differs, and why:\n")
    for reason, questions in reasons.items():
        print(f"- {', '.join(dict.fromkeys(questions))}: {reason}")


def main():
    options = parse_arguments()
    versions = list(jaegers.PINNED)
    try:
        given = given_programs(options)
        jaegers.build()
    except jaegers.NotHad as reason:
        versions = []
        if not given:
            print(f"interop: skipped: {reason} (a Jaeger 2.x that is there already: --program VERSION=PATH)")
            return 3 if options.had else 0
        print(f"interop: only the given programs, without a proxy in front: {reason}", file=sys.stderr)
    except world.DemoError as error:
        print(f"interop: {error}", file=sys.stderr)
        return 1
    if options.had:
        return 0
    versions = [one for one in versions + given if not options.version or one.name in options.version]
    try:
        with tempfile.TemporaryDirectory(prefix="interop-") as scratch:
            folder = pathlib.Path(scratch)
            spans = try_senders(options, versions, folder)
            comparisons = {} if options.senders else compare_habits(options, versions, folder)
            cells = {} if options.senders else run_all(options, versions, folder)
    except world.DemoError as error:
        print(f"interop: {error}", file=sys.stderr)
        return 1
    if not options.senders:
        print_table(cells)
        print_reasons(cells)
        print_comparisons(comparisons)
    print_senders(spans)
    judged = [*cells.values(), *comparisons.values()]
    return 1 if any(one.unexplained for one in judged) or any(spans.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
