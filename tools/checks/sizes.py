#!/usr/bin/env python3
"""No hand-written code file over 600 lines; no folder of code without a README; no loose ends."""
import os
import re
import subprocess
import sys

LIMIT = 600
CODE = (".cpp", ".hpp", ".py", ".sh", ".ts", ".tsx", ".proto")
LOOSE = re.compile(r"\b(TODO|FIXME|XXX)\b")


def main():
    files = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], check=True, capture_output=True, text=True
    ).stdout.splitlines()
    problems = []
    folders = set()
    for path in files:
        if not path.endswith(CODE) or not os.path.exists(path):
            continue
        with open(path, encoding="utf-8") as source:
            lines = source.readlines()
        if len(lines) > LIMIT:
            problems.append(f"{path}: {len(lines)} lines; over {LIMIT} it has two subjects, split it")
        if path != "tools/checks/sizes.py":
            problems += [f"{path}:{n}: {m.group(1)}" for n, l in enumerate(lines, 1) if (m := LOOSE.search(l))]
        folders.add(path.split("/")[0] if "/" in path else "")
    for folder in sorted(folders - {""}):
        if not os.path.exists(os.path.join(folder, "README.md")):
            problems.append(f"{folder}/: no README.md")
    for problem in problems:
        print(problem)
    if problems:
        sys.exit(f"sizes: {len(problems)} problems")
    print("sizes: every file has one subject, every folder says what it is")


if __name__ == "__main__":
    main()
