#!/usr/bin/env bash
# Formats the C++ sources that git knows, or checks them (--check).
set -euo pipefail
cd "$(dirname "$0")/../.."
files=$(git ls-files -co --exclude-standard '*.cpp' '*.hpp')
if [ "${1:-}" = --check ]; then
    echo "$files" | xargs clang-format-19 --dry-run --Werror
else
    echo "$files" | xargs clang-format-19 -i
fi
