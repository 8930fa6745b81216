#include "tests/bench/bare.hpp"
#include "tests/bench/baseline.hpp"
#include "tests/bench/cluster_api.hpp"
#include "tests/bench/entries.hpp"
#include "tests/bench/replay.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <exception>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace meshscope::bench;

constexpr const char* kUsage =
    R"(Usage: meshscope_bench --server PROGRAM [--json FILE] [--runs N] [--only PART] [--wire PROTOCOL]

Parts: traces, growth, crowd, big, cluster, identity, graph, overlay, logs, heatmap, viewers, health, healthz,
  parts; without --only all of them.
Protocols (of growth, crowd and big): http-v1, grpc-v2, http-v3, grpc-v3.

Measures the server against stated baselines: median of runs, CPU time of whole processes.
Exit status: 0 all targets met, 1 a target missed, 2 nothing measured.
)";

std::uint16_t port(const std::string& text) { return static_cast<std::uint16_t>(std::stoul(text)); }

// The other processes of a measurement are this program in another mode.
void run_mode(const std::vector<std::string>& arguments) {
    if (arguments.empty()) {
        return;
    }
    if (arguments[0] == "--replay") {
        run_replay({arguments.begin() + 1, arguments.end()});
    }
    if (arguments[0] == "--baseline") {
        run_baseline(port(arguments.at(1)), port(arguments.at(2)), port(arguments.at(3)));
    }
    if (arguments[0] == "--cluster-api") {
        run_cluster_api(
            port(arguments.at(1)), arguments.at(2) == "ready" ? Pages::kReady : Pages::kWritten
        );
    }
    if (arguments[0] == "--bare") {
        run_bare_server(port(arguments.at(1)), 2);
    }
}

struct CommandLine {
    Options options;
    std::string json;
    std::string only;
};

CommandLine parse(const std::vector<std::string>& arguments, const std::string& self) {
    CommandLine line;
    line.options.self = self;
    for (std::size_t i = 0; i < arguments.size(); i += 2) {
        const std::string& name = arguments[i];
        if (i + 1 == arguments.size()) {
            throw std::runtime_error(kUsage);
        }
        const std::string& value = arguments[i + 1];
        if (name == "--server") {
            line.options.server = value;
        } else if (name == "--json") {
            line.json = value;
        } else if (name == "--runs") {
            line.options.runs = std::stoi(value);
        } else if (name == "--wire") {
            line.options.wires = {wire_of(value)};
        } else if (name == "--only") {
            line.only = value;
        } else {
            throw std::runtime_error(kUsage);
        }
    }
    if (line.options.server.empty() || line.options.runs < 1) {
        throw std::runtime_error(kUsage);
    }
    return line;
}

int run(const CommandLine& line) {
    Report report;
    report.runs = line.options.runs;
    struct Part {
        const char* name;
        void (*bench)(const Options&, Report&);
    };
    static constexpr Part kParts[] = {
        {"traces", bench_traces},
        {"growth", bench_growth},
        {"crowd", bench_crowd},
        {"big", bench_big},
        {"cluster", bench_cluster},
        {"identity", bench_identity},
        {"graph", bench_graph},
        {"overlay", bench_overlay},
        {"logs", bench_logs},
        {"heatmap", bench_heatmap},
        {"viewers", bench_viewers},
        {"health", bench_health},
        {"healthz", bench_healthz},
        {"parts", bench_parts},
    };
    for (const Part& part : kParts) {
        if (line.only.empty() || line.only == part.name) {
            part.bench(line.options, report);
        }
    }
    fmt::print("{}", report.table());
    if (!line.json.empty()) {
        std::ofstream(line.json) << report.json();
    }
    return report.all_met() ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        const std::vector<std::string> arguments(argv + 1, argv + argc);
        run_mode(arguments);
        return run(parse(arguments, "/proc/self/exe"));
    } catch (const std::exception& error) {
        fmt::print(stderr, "{}\n", error.what());
        return 2;
    }
}
