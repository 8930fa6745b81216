#include "demo/bookinfo/options.hpp"

#include "demo/jaeger/go_values.hpp"
#include "demo/mesh/scenario.hpp"

#include <functional>
#include <map>

namespace meshscope::demo {

const std::string_view kUsage = R"(Usage: bookinfo [flags]
Simulates the Bookinfo mesh, the Jaeger that holds its traces and the Kubernetes it runs in. Prints one line of JSON with the ports
when it is ready; ends on SIGTERM or SIGINT.

  --address IP            where to listen (127.0.0.1)
  --http-port N           Jaeger's HTTP API; 0 takes any free port (0)
  --grpc-port N           Jaeger's gRPC API (0)
  --control-port N        counts, faults, the release (0)
  --otlp-grpc-port N      where spans may be sent over OTLP, gRPC (0)
  --otlp-http-port N      and over HTTP, POST /v1/traces (0)
  --otlp-memory-bytes N   what was sent is kept in so many bytes; then the oldest traces fall out (268435456)
  --otlp-memory-spans N   and in so many spans (500000)
  --otlp-request-bytes N  the largest request, unpacked (8388608)
  --kubernetes-port N     the Kubernetes API (0)
  --kubernetes-anonymous read|none
                          what callers without a token may do there (read)
  --kubernetes-certificate FILE, --kubernetes-key FILE
                          it speaks TLS with these, both PEM (it does not)
  --metrics-port N        the metrics of the mesh's proxies, to be scraped: GET /metrics (0)
  --metrics-history N     they have been counted for N seconds (21600)
  --metrics-data DIR      writes that history there, as a block of Prometheus' database
  --base-path PATH        of Jaeger's HTTP API, for instance /jaeger (none)
  --jaeger-version NAME   the release of Jaeger to be: v2.13.0 and later, or "next", the first one without
                          the old HTTP search (v2.20.0); the control port changes it later
  --without-api-v3        Jaeger does not speak api_v3
  --scenario NAME         normal, slow-ratings, ratings-errors, clock-skew, big-trace, many-workloads,
                          krakend, graph-zoo, gaps, fixture (normal)
  --marker TEXT           what belongs to a namespace carries TEXT-NAMESPACE (nothing does)
  --seed N                another mesh life for each number (1)
  --start-micros N        time stands still at N microseconds since the epoch (the clock goes)
  --closed                Jaeger's ports stay closed
  --basic-auth USER:PASS  ask callers of Jaeger for these
  --bearer TOKEN          or for this
  --latency-ms N          wait before every answer of Jaeger (0)
  --stall-after-chunks N  a gRPC stream stops there (never)
  --stall-after-bytes N   an HTTP body stops there (never)
  --cut-after-chunks N    a gRPC stream ends there with UNAVAILABLE (never)
  --cut-after-bytes N     the connection closes there in an HTTP body (never)
  --max-traces N          the most traces a search may ask for (10000)
)";

namespace {

using Setter = std::function<Result<>(Options&, const std::string&)>;

Error wrong(const std::string& value, std::string_view wanted) {
    return {ErrorKind::kInvalidArgument, "'" + value + "' is not " + std::string(wanted)};
}

template <class Field>
Setter number(Field Options::* field, std::int64_t least, std::int64_t most) {
    return [=](Options& options, const std::string& value) -> Result<> {
        const auto parsed = parse_integer(value);
        if (!parsed || *parsed < least || *parsed > most) {
            return wrong(
                value, "a number from " + std::to_string(least) + " to " + std::to_string(most)
            );
        }
        options.*field = static_cast<Field>(*parsed);
        return {};
    };
}

Setter bound(std::size_t MemoryBounds::* field) {
    return [=](Options& options, const std::string& value) -> Result<> {
        const auto parsed = parse_integer(value);
        if (!parsed || *parsed < 1) {
            return wrong(value, "a number above 0");
        }
        options.otlp_memory.*field = static_cast<std::size_t>(*parsed);
        return {};
    };
}

Result<> set_base_path(Options& options, const std::string& value) {
    if (!value.empty() && (value.front() != '/' || value.back() == '/')) {
        return wrong(value, "a path that begins with a slash and does not end in one");
    }
    options.jaeger.base_path = value;
    return {};
}

Result<> set_scenario(Options& options, const std::string& value) {
    if (const auto known = scenario_named(value); !known) {
        return known.error();
    }
    options.scenario = value;
    return {};
}

Result<> set_anonymous(Options& options, const std::string& value) {
    if (value != "read" && value != "none") {
        return wrong(value, "read or none");
    }
    options.kubernetes.anonymous_reads = value == "read";
    return {};
}

Result<> set_history(Options& options, const std::string& value) {
    constexpr std::int64_t kMost = 7L * 24 * 3600;
    const auto parsed = parse_integer(value);
    if (!parsed || *parsed < 0 || *parsed > kMost) {
        return wrong(value, "a number from 0 to " + std::to_string(kMost));
    }
    options.metrics.history = std::chrono::seconds(*parsed);
    return {};
}

Result<> set_release(Options& options, const std::string& value) {
    Result<Release> release = release_named(value);
    if (!release) {
        return release.error();
    }
    options.release = *std::move(release);
    return {};
}

Result<> set_basic_auth(Options& options, const std::string& value) {
    if (value.find(':') == std::string::npos) {
        return wrong("(hidden)", "USER:PASS");
    }
    options.jaeger.credentials.allow_basic(value);
    return {};
}

std::map<std::string, Setter, std::less<>> setters() {
    constexpr std::int64_t kPort = 65535;
    constexpr std::int64_t kMuch = 9'000'000'000'000'000;
    std::map<std::string, Setter, std::less<>> out;
    out["--address"] = [](Options& options, const std::string& value) -> Result<> {
        options.address = value;
        return {};
    };
    out["--http-port"] = number(&Options::http_port, 0, kPort);
    out["--grpc-port"] = number(&Options::grpc_port, 0, kPort);
    out["--control-port"] = number(&Options::control_port, 0, kPort);
    out["--otlp-grpc-port"] = number(&Options::otlp_grpc_port, 0, kPort);
    out["--otlp-http-port"] = number(&Options::otlp_http_port, 0, kPort);
    out["--kubernetes-port"] = number(&Options::kubernetes_port, 0, kPort);
    out["--kubernetes-anonymous"] = set_anonymous;
    out["--kubernetes-certificate"] = [](Options& options, const std::string& value) -> Result<> {
        options.kubernetes_tls.certificate = value;
        return {};
    };
    out["--kubernetes-key"] = [](Options& options, const std::string& value) -> Result<> {
        options.kubernetes_tls.key = value;
        return {};
    };
    out["--metrics-port"] = number(&Options::metrics_port, 0, kPort);
    out["--metrics-history"] = set_history;
    out["--metrics-data"] = [](Options& options, const std::string& value) -> Result<> {
        options.metrics.data = value;
        return {};
    };
    out["--marker"] = [](Options& options, const std::string& value) -> Result<> {
        options.marker = value;
        return {};
    };
    out["--otlp-memory-bytes"] = bound(&MemoryBounds::bytes);
    out["--otlp-memory-spans"] = bound(&MemoryBounds::spans);
    out["--otlp-request-bytes"] = number(&Options::otlp_request_bytes, 1, 1'000'000'000);
    out["--seed"] = number(&Options::seed, 0, kMuch);
    out["--start-micros"] = number(&Options::start_micros, 1, kMuch);
    out["--latency-ms"] = number(&Options::latency_ms, 0, 3'600'000);
    out["--stall-after-chunks"] = number(&Options::stall_after_chunks, -1, kMuch);
    out["--stall-after-bytes"] = number(&Options::stall_after_bytes, -1, kMuch);
    out["--cut-after-chunks"] = number(&Options::cut_after_chunks, -1, kMuch);
    out["--cut-after-bytes"] = number(&Options::cut_after_bytes, -1, kMuch);
    out["--base-path"] = set_base_path;
    out["--scenario"] = set_scenario;
    out["--jaeger-version"] = set_release;
    out["--basic-auth"] = set_basic_auth;
    out["--bearer"] = [](Options& options, const std::string& value) -> Result<> {
        options.jaeger.credentials.allow_bearer(value);
        return {};
    };
    out["--max-traces"] = [](Options& options, const std::string& value) -> Result<> {
        const auto parsed = parse_integer(value);
        if (!parsed || *parsed < 1) {
            return wrong(value, "a number above 0");
        }
        options.jaeger.max_traces = static_cast<std::size_t>(*parsed);
        return {};
    };
    return out;
}

}  // namespace

Result<Options> parse_options(std::span<const char* const> arguments) {
    Options options;
    bool without_api_v3 = false;
    const auto known = setters();
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const std::string flag = arguments[i];
        if (flag == "--help") {
            options.help = true;
            continue;
        }
        if (flag == "--closed") {
            options.closed = true;
            continue;
        }
        if (flag == "--without-api-v3") {
            without_api_v3 = true;
            continue;
        }
        const auto setter = known.find(flag);
        if (setter == known.end()) {
            return Error(ErrorKind::kInvalidArgument, "unknown flag " + flag);
        }
        if (++i == arguments.size()) {
            return Error(ErrorKind::kInvalidArgument, flag + " needs a value");
        }
        if (const Result<> set = setter->second(options, arguments[i]); !set) {
            return Error(ErrorKind::kInvalidArgument, flag + ": " + set.error().message());
        }
    }
    options.release.api_v3 = !without_api_v3;
    return options;
}

}  // namespace meshscope::demo
