#!/usr/bin/env bash
# Everything CI runs, in one list for two cores: every part, unless some are named. Parts: checks frontend unit fuzz threads integration resilience e2e.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tools/dev/common.sh
. tools/dev/console.sh

parts="${*:-checks frontend unit fuzz threads integration resilience e2e}"
has() { case " $parts " in *" $1 "*) return 0 ;; *) return 1 ;; esac; }
started=$SECONDS

if has checks; then
    setup_packages build lint
    say "checks: layers, sizes, the table of nasty inputs, formatting"
    python3 tools/checks/layers.py
    python3 tools/checks/sizes.py
    python3 tools/checks/nasty.py
    tools/dev/fmt.sh --check
fi
if has frontend; then
    need_node_modules
    say "console: types, lint, unit tests, build"
    (cd frontend && npm run --silent types && npm run --silent check && npm run --silent lint && npm run --silent test && node tools/mutants.mjs --check)
    build_console
fi
if has unit || has integration || has resilience; then
    setup_packages build test
    build_preset asan
fi
if has unit; then
    say "unit and contract tests under address and undefined sanitizers"
    ctest --preset asan -j "$JOBS" -LE bench
fi
if has fuzz; then
    say "a look with each fuzz target"
    tools/dev/fuzz.sh all --seconds "${FUZZ_SECONDS:-3}" --light
fi
if has threads; then
    setup_packages build test
    build_preset tsan threads_tests
    say "threaded tests under the thread sanitizer (targets without gRPC)"
    TSAN_OPTIONS="halt_on_error=1 second_deadlock_stack=1" ctest --preset tsan -L threads
fi
if has integration; then
    command -v node >/dev/null && command -v npm >/dev/null || setup_packages node
    command -v kubectl >/dev/null || setup_packages kubectl
    setup_prometheus
    say "integration tests: real processes, real sockets"
    MESHSCOPE_BUILD_DIR="$PWD/build/asan" /usr/bin/python3 -m pytest -q tests/integration --ignore tests/integration/resilience
fi
if has resilience; then
    setup_packages build test
    say "the server between bad upstreams and bad clients"
    # Short in the list of everything, longer when it is asked for alone; then with a build that bears limits of memory, too.
    if [ "$parts" = resilience ]; then
        build_preset dev meshscope
    else
        export RESILIENCE_SECONDS="${RESILIENCE_SECONDS:-0.4}"
    fi
    MESHSCOPE_BUILD_DIR="$PWD/build/asan" /usr/bin/python3 -m pytest -q -s -rs tests/integration/resilience
fi
if has e2e; then
    setup_packages build test e2e
    # The build that the other parts have made; alone, the one of everyday work.
    preset=asan
    has unit || has integration || has resilience || preset=dev
    [ "$preset" = asan ] || build_preset "$preset" meshscope bookinfo
    build_console
    need_node_modules
    setup_prometheus
    say "the console in a browser, against the real server and the demo; pictures go to build/e2e"
    MESHSCOPE_BUILD_DIR="$PWD/build/$preset" npm --prefix frontend run --silent e2e
fi
say "all parts passed in $((SECONDS - started)) s: $parts"
