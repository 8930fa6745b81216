#!/usr/bin/env bash
# Optimised build as build/meshscope-VERSION-linux-ARCH.tar.gz: the program, its examples and documents.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tools/dev/common.sh
. tools/dev/console.sh
setup_packages build
build_preset release meshscope
build_console
name="meshscope-$(cat VERSION)-linux-$(dpkg --print-architecture)"
root="build/$name"
rm -rf "$root"
mkdir -p "$root/bin"
cp build/release/app/meshscope "$root/bin/"
strip "$root/bin/meshscope"
mkdir -p "$root/share/meshscope"
cp -r build/console "$root/share/meshscope/console"
cp -r config/examples "$root/examples"
cp LICENSE README.md CHANGELOG.md "$root/"
cp -r docs "$root/docs"
tar -C build -czf "build/$name.tar.gz" "$name"
rm -rf "$root"
say "build/$name.tar.gz: $(du -h "build/$name.tar.gz" | cut -f1)"
