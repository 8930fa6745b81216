#!/usr/bin/env bash
# ./dev fuzz NAME|all [--seconds N] [--light]: builds the libFuzzer programs and runs one, or each in turn, over its corpus.
# --light takes those of the tests' build, which know less of the values that the code compares with.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tools/dev/common.sh
targets=$(sed -n 's/.*meshscope_fuzz(\([a-z0-9_]*\) LINK.*/\1/p' tests/fuzz/CMakeLists.txt)
name="${1:-}"; seconds=60; preset=fuzz
[ -n "$name" ] || fail "which target? One of: $(echo $targets) or all"
shift
while [ $# -gt 0 ]; do
    case "$1" in
        --seconds) seconds="$2"; shift 2 ;;
        --light) preset=asan; shift ;;
        *) fail "unknown option '$1'" ;;
    esac
done
if [ "$name" = all ]; then
    names=$targets
else
    echo "$targets" | grep -qx "$name" || fail "no fuzz target '$name'; there are: $(echo $targets)"
    names=$name
fi
setup_packages build test
build_preset "$preset" $(printf '%s_fuzz ' $names)

# One line of libFuzzer's statistics: inputs tried, inputs a second, code reached.
summary() {
    awk -v target="$1" '
        / cov: / { for (i = 1; i < NF; ++i) if ($i == "cov:") covered = $(i + 1) }
        /^stat::number_of_executed_units:/ { tried = $2 }
        /^stat::average_exec_per_sec:/ { speed = $2 }
        /^stat::new_units_added:/ { added = $2 }
        END { printf "%-14s %9d inputs, %6d a second, %5d code points, %4d new in the corpus", target, tried, speed, covered, added }
    ' "$2"
}

failed=()
lines=()
for target in $names; do
    corpus="build/fuzz-corpus/$target"
    seeds=()
    for folder in "tests/fuzz/corpus/$target" "tests/fuzz/regressions/$target"; do
        [ ! -d "$folder" ] || seeds+=("$folder")
    done
    mkdir -p "$corpus"
    say "fuzzing $target for $seconds s"
    log="build/fuzz-corpus/$target.log"
    if "build/$preset/tests/fuzz/${target}_fuzz" -max_total_time="$seconds" -rss_limit_mb=4096 -timeout=20 -print_final_stats=1 \
        -artifact_prefix="build/fuzz-corpus/$target-" "$corpus" "${seeds[@]}" >"$log" 2>&1; then
        lines+=("$(summary "$target" "$log"), nothing found")
    else
        tail -n 60 "$log" >&2
        failed+=("$target")
        lines+=("$(summary "$target" "$log"), FAILED: $(ls -t build/fuzz-corpus/"$target"-* 2>/dev/null | head -n 1)")
    fi
done
printf '%s\n' "${lines[@]}"
[ ${#failed[@]} -eq 0 ] || fail "found something in: ${failed[*]} (put the input into tests/fuzz/regressions/NAME and mend it)"
