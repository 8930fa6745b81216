#!/usr/bin/env bash
# ./dev fuzz NAME|all [--seconds N]: builds the libFuzzer targets and runs one over its corpus.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tools/dev/common.sh
name="${1:-}"; seconds=60
[ -n "$name" ] || fail "which target? One of: $(ls tests/fuzz/*_fuzz.cpp | xargs -n 1 basename | sed 's/_fuzz.cpp//' | tr '\n' ' ')or all"
shift
while [ $# -gt 0 ]; do
    case "$1" in
        --seconds) seconds="$2"; shift 2 ;;
        *) fail "unknown option '$1'" ;;
    esac
done
setup_packages build test
[ "$name" = all ] && names=$(ls tests/fuzz/*_fuzz.cpp | xargs -n 1 basename | sed 's/_fuzz.cpp//') || names="$name"
for target in $names; do
    [ -f "tests/fuzz/${target}_fuzz.cpp" ] || fail "no fuzz target '$target'"
    build_preset fuzz "${target}_fuzz"
    mkdir -p "build/fuzz/corpus/$target"
    say "fuzzing $target for $seconds s"
    "build/fuzz/tests/fuzz/${target}_fuzz" -max_total_time="$seconds" -rss_limit_mb=4096 \
        -artifact_prefix="build/fuzz/${target}-" "build/fuzz/corpus/$target" "tests/fuzz/corpus/$target"
done
