# Builds the web console into build/console. Sourced by ./dev and the scripts beside this file, after common.sh.
NODE_VERSION=22.23.3  # taken from npm where the machine has none that is new enough

node_is_new_enough() {  # what frontend/package.json asks for
    command -v node >/dev/null && command -v npm >/dev/null &&
        node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 22 || (a === 22 && b >= 12) || (a === 20 && b >= 19) ? 0 : 1)'
}

need_node() {
    node_is_new_enough && return 0
    local arch kept
    case "$(uname -m)" in
        x86_64) arch=x64 ;;
        aarch64) arch=arm64 ;;
        *) fail "the console needs Node 20.19 or later; install it and try again" ;;
    esac
    kept="$PWD/.tools/node-$NODE_VERSION"
    if [ ! -x "$kept/node_modules/node-linux-$arch/bin/node" ]; then
        command -v npm >/dev/null || setup_packages node
        say "fetching Node $NODE_VERSION for the console"
        npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$kept" "node-linux-$arch@$NODE_VERSION" ||
            fail "Node $NODE_VERSION could not be fetched; install Node 20.19 or later and try again"
    fi
    export PATH="$kept/node_modules/node-linux-$arch/bin:$PATH"
    node_is_new_enough || fail "Node in $kept does not run"
}

need_node_modules() {  # those of the lock file, once for each version of it
    need_node
    local stamp=frontend/node_modules/.meshscope
    cmp -s frontend/package-lock.json "$stamp" && return 0
    say "installing what the console is built with"
    (cd frontend && npm ci --no-audit --no-fund --ignore-scripts --loglevel=error) || fail "npm ci failed in frontend/"
    cp frontend/package-lock.json "$stamp"
}

console_inputs() {  # one hash of everything that the built pages depend on
    (git ls-files -co --exclude-standard frontend api/openapi.yaml | grep -v '^frontend/e2e/' | sort |
        while read -r file; do [ ! -f "$file" ] || sha256sum "$file"; done; sha256sum tools/dev/console.sh) | sha256sum | cut -d' ' -f1
}

build_console() {  # nothing when nothing has changed
    local now; now=$(console_inputs)
    [ -f build/console/index.html ] && [ "$(cat build/console.inputs 2>/dev/null)" = "$now" ] && return 0
    need_node_modules
    say "building the console"
    rm -f build/console.inputs
    (cd frontend && npm run --silent types && npm run --silent build -- --logLevel warn) || fail "the console could not be built"
    echo "$now" >build/console.inputs
}
