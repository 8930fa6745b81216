#!/usr/bin/env bash
# Builds what the comparison needs, the Jaeger programs first: without them nothing else is built.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tools/dev/common.sh
case " $* " in *" --help "*|*" -h "*) exec python3 tools/interop/interop.py --help ;; esac
setup_packages build test
code=0
python3 tools/interop/interop.py --had "$@" || code=$?
[ "$code" -eq 3 ] && exit 0
[ "$code" -eq 0 ] || exit "$code"
build_preset dev trace_store_contract_test bookinfo meshscope
exec python3 tools/interop/interop.py --build-dir build/dev "$@"
