#!/usr/bin/env bash
# The pages of the console in a browser, as the browser itself measures them: frontend/bench.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tools/dev/common.sh
. tools/dev/console.sh

while [ $# -gt 0 ]; do
    case "$1" in
        --runs) export CONSOLE_BENCH_RUNS="${2:?--runs needs a number}"; shift 2 ;;
        --json) CONSOLE_BENCH_JSON="$(realpath -m "${2:?--json needs a file}")"; export CONSOLE_BENCH_JSON; shift 2 ;;
        *) fail "bench console: unknown option '$1' (--runs N, --json FILE)" ;;
    esac
done
setup_packages build e2e
build_preset demo meshscope bookinfo
build_console
need_node_modules
say "the pages in a browser: a server with optimisation, a cold browser for each run"
MESHSCOPE_BUILD_DIR="$PWD/build/demo" npm --prefix frontend run --silent bench
