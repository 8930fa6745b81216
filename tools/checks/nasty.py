#!/usr/bin/env python3
"""Every line of tests/nasty has a proof, and every test named there exists."""
import glob
import os
import re
import sys

GROUPS = {"C": 50, "J": 80, "O": 20, "T": 22, "P": 9, "K": 84, "M": 72, "S": 12, "A": 15}
WORDS = ("not ours", "later", "open")
HEADING = re.compile(r"^### ([A-Z])(\d+) \S")
CASE = re.compile(r"\b(?:TEST_CASE|SCENARIO)\s*\(\s*((?:\"(?:[^\"\\]|\\.)*\"\s*)+)")
PIECE = re.compile(r"\"((?:[^\"\\]|\\.)*)\"")
FUNCTION = re.compile(r"^\s*(?:async )?def (test_\w+)\s*\(", re.MULTILINE)


def names_in(path):
    with open(path, encoding="utf-8") as source:
        text = source.read()
    if path.endswith(".py"):
        return set(FUNCTION.findall(text))
    return {"".join(PIECE.findall(case)).replace('\\"', '"').replace("\\\\", "\\") for case in CASE.findall(text)}


class Table:
    def __init__(self):
        self.proofs = {}  # "C1" -> number of bullets
        self.open = []
        self.problems = []
        self.known = {}

    def read(self, path):
        line = None
        with open(path, encoding="utf-8") as source:
            for number, text in enumerate(source, 1):
                where = f"{path}:{number}"
                if heading := HEADING.match(text):
                    line = self.begin(where, heading.group(1), int(heading.group(2)))
                elif text.startswith("- "):
                    self.bullet(where, line, text[2:].strip())

    def begin(self, where, group, number):
        line = f"{group}{number}"
        if not 1 <= number <= GROUPS.get(group, 0):
            self.problems.append(f"{where}: there is no line {line}")
        if line in self.proofs:
            self.problems.append(f"{where}: {line} stands here twice")
        self.proofs.setdefault(line, 0)
        return line

    def bullet(self, where, line, text):
        what, _, rest = text.partition(": ")
        if line is None or not rest:
            self.problems.append(f"{where}: not 'path: name' below a heading")
            return
        self.proofs[line] += 1
        if what == "open":
            self.open.append(line)
        elif what not in WORDS:
            self.test(where, os.path.join("tests", what), rest)

    def test(self, where, path, name):
        if path not in self.known:
            self.known[path] = names_in(path) if os.path.isfile(path) else None
        if self.known[path] is None:
            self.problems.append(f"{where}: {path} does not exist")
        elif name not in self.known[path]:
            self.problems.append(f"{where}: {path} has no test '{name}'")


def main():
    table = Table()
    for path in sorted(glob.glob("tests/nasty/*.md")):
        if os.path.basename(path) != "README.md":
            table.read(path)
    for group, count in GROUPS.items():
        for number in range(1, count + 1):
            if not table.proofs.get(f"{group}{number}"):
                table.problems.append(f"tests/nasty: {group}{number} has no proof")
    for problem in table.problems:
        print(problem)
    if table.problems:
        sys.exit(f"nasty: {len(table.problems)} problems")
    left = f"; open: {' '.join(table.open)}" if table.open else ""
    print(f"nasty: {len(table.proofs)} lines, every test named exists{left}")


if __name__ == "__main__":
    main()
