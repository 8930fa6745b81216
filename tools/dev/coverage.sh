#!/usr/bin/env bash
# Unit tests with clang's source coverage; prints the table, keeps the HTML report under build/coverage/report.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tools/dev/common.sh
setup_packages build test
build_preset coverage
LLVM_PROFILE_FILE="$PWD/build/coverage/profiles/%p.profraw" ctest --preset coverage -j "$JOBS" -LE bench
llvm-profdata-19 merge -sparse build/coverage/profiles/*.profraw -o build/coverage/all.profdata
objects=$(find build/coverage/tests -type f -executable -name '*_test' | sed 's/^/-object /' | tr '\n' ' ')
llvm-cov-19 show $objects -instr-profile=build/coverage/all.profdata -format=html \
    -output-dir=build/coverage/report -ignore-filename-regex='(build|tests)/'
llvm-cov-19 report $objects -instr-profile=build/coverage/all.profdata -ignore-filename-regex='(build|tests)/'
