#!/usr/bin/env bash
# contents.sh ROOT PACKAGE: makes ROOT hold all that the image holds, and nothing else: the program of an unpacked package, the libraries
# that it is linked with, what TLS and names need, and the console's files. The Containerfile copies ROOT; a test runs the program inside it.
set -euo pipefail
root="$1" program="$2/bin/meshscope" console="$2/share/meshscope/console"
[ -x "$program" ] || { echo "contents.sh: no program at $program" >&2; exit 1; }
[ -f "$console/index.html" ] || { echo "contents.sh: no console at $console" >&2; exit 1; }

mkdir -p "$root"/{etc/ssl/certs,opt/meshscope,opt/kiali,tmp,proc,run}
chmod 1777 "$root/tmp"

cp "$program" "$root/opt/meshscope/meshscope"
# Deployments of Kiali name this path; with it they start Meshscope unchanged.
ln -sfn ../meshscope/meshscope "$root/opt/kiali/kiali"

# The loader and each library, at the paths where the loader looks for them.
ldd "$program" | grep -o '/[^ ]*' | sort -u | while read -r library; do
    mkdir -p "$root$(dirname "$library")"
    cp -L "$library" "$root$library"
done

# Authorities: what Debian trusts, one file.
cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
# OpenSSL's own place leads there, too.
mkdir -p "$root/usr/lib/ssl"
ln -sfn /etc/ssl/certs "$root/usr/lib/ssl/certs"
ln -sfn /etc/ssl/certs/ca-certificates.crt "$root/usr/lib/ssl/cert.pem"

# Names are looked up in files and by DNS (both inside of the C library).
echo 'hosts: files dns' >"$root/etc/nsswitch.conf"
printf 'root:x:0:0::/:/sbin/nologin\nmeshscope:x:65532:65532::/tmp:/sbin/nologin\n' >"$root/etc/passwd"
printf 'root:x:0:\nmeshscope:x:65532:\n' >"$root/etc/group"

cp -r "$console" "$root/opt/meshscope/console"
