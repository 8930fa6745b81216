#!/usr/bin/env bash
# clang-tidy over the sources changed since main (--all: the whole tree), and the gate against closures and
# aggregates inside co_await expressions (docs/adr/0001).
set -euo pipefail
cd "$(dirname "$0")/../.."
. tools/dev/common.sh
setup_packages build test lint
python3 tools/checks/layers.py
python3 tools/checks/sizes.py
tools/manifests/check.sh
build_preset lint proto_jaeger_v2
if [ "${1:-}" = --all ]; then
    files=$(git ls-files '*.cpp')
else
    base=$(git merge-base HEAD main 2>/dev/null || git rev-list --max-parents=0 HEAD)
    files=$( (git diff --name-only --diff-filter=d "$base" -- '*.cpp'; git ls-files -o --exclude-standard '*.cpp') | sort -u)
fi
[ -n "$files" ] || { say "no changed C++ source"; exit 0; }
compiled=$(python3 - $files <<'PY'
import json, os, sys
known = {os.path.relpath(e["file"]) for e in json.load(open("build/lint/compile_commands.json"))}
print("\n".join(f for f in sys.argv[1:] if f in known))
PY
)
[ -n "$compiled" ] || { say "no changed source is part of the lint build"; exit 0; }
say "clang-tidy over $(echo "$compiled" | wc -l) files"
echo "$compiled" | xargs -P "$JOBS" -n 1 clang-tidy-19 -p build/lint --quiet
say "coroutine gate"
found=$(echo "$compiled" | xargs clang-query-19 -f tools/checks/coroutine_gate.query -p build/lint 2>/dev/null | grep -c 'binds here' || true)
[ "$found" = 0 ] || { echo "$compiled" | xargs clang-query-19 -f tools/checks/coroutine_gate.query -p build/lint; fail "$found closures or aggregates inside a co_await expression: name them first"; }
