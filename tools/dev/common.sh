# Shared by ./dev and the scripts beside this file. Sourced, with the repository root as current folder.
JOBS="${JOBS:-$(n=$(nproc); echo $((n < 2 ? n : 2)))}"
export JOBS
export CCACHE_BASEDIR="${CCACHE_BASEDIR:-$PWD}" CCACHE_NOHASHDIR=true

say() { printf '\033[1m==> %s\033[0m\n' "$*"; }
fail() { printf 'dev: %s\n' "$*" >&2; exit 1; }

packages_of() {  # packages_of GROUP...: names listed for these groups
    awk -v groups=" $* " '!/^#/ && NF == 2 && index(groups, " " $2 " ") {print $1}' tools/dev/packages.txt
}

extra_groups() {  # what a preset needs besides "build"
    case "$1" in
        dev|asan|tsan|coverage|lint|fuzz|bench) echo test ;;
    esac
}

setup_packages() {
    local groups="${*:-build test lint bench}" missing=() package
    command -v dpkg-query >/dev/null || fail "the packages are installed with apt on Debian 12; install those in tools/dev/packages.txt by hand here"
    for package in $(packages_of "$groups"); do
        dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return 0
    say "installing ${#missing[@]} Debian packages: ${missing[*]}"
    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || fail "need root or sudo to install: ${missing[*]}"
        as_root=(sudo)
    fi
    if dpkg-query -W -f='${db:Status-Status}' libboost1.74-dev 2>/dev/null | grep -qx installed; then
        fail "libboost1.74-dev is installed and conflicts with libboost1.81-dev, which this project needs; remove it first (apt-get remove libboost1.74-dev)"
    fi
    "${as_root[@]}" apt-get update -qq || fail "apt-get update failed; check /etc/apt/sources.list and the network"
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends "${missing[@]}" >build-setup.log 2>&1 \
        || { tail -n 20 build-setup.log >&2; fail "apt-get could not install the packages above (whole log: build-setup.log)"; }
    rm -f build-setup.log
}

setup_prometheus() {  # a real Prometheus for the demo and the tests: the one in PATH, else Debian's, unpacked below .tools/
    setup_packages build
    python3 tools/dev/demo_prometheus.py >/dev/null || fail "the demo and the integration tests need prometheus and promtool"
}

build_preset() {  # build_preset PRESET [TARGET...]
    local preset="$1"; shift
    say "building preset '$preset' with $JOBS jobs${*:+: $*}"
    cmake --preset "$preset" >"/tmp/meshscope-configure.$$" 2>&1 \
        || { cat "/tmp/meshscope-configure.$$" >&2; rm -f "/tmp/meshscope-configure.$$"; fail "cmake --preset $preset failed"; }
    rm -f "/tmp/meshscope-configure.$$"
    cmake --build "build/$preset" -j "$JOBS" ${*:+--target "$@"}
}
