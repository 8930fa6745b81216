#!/usr/bin/env bash
# Renders deploy/ and decodes every object strictly with Kubernetes' own types. Says so and ends well where Go, its modules or kubectl are not there.
set -euo pipefail
cd "$(dirname "$0")"
skip() { echo "manifests: strict decoding skipped: $1 (tests/integration/test_manifests.py checks their structure all the same)"; exit 0; }
command -v go >/dev/null || skip "no go"
command -v kubectl >/dev/null || skip "no kubectl"
program="$PWD/../../build/tools/manifests"
mkdir -p "$(dirname "$program")"
timeout 600 go build -o "$program" . || skip "its modules cannot be had"
for place in ../../deploy/base ../../deploy/overlays/*/; do
    echo "$place"
    kubectl kustomize "$place" | "$program"
done
"$program" <../../deploy/meshscope.yaml
