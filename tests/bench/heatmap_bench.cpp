#include "core/text.hpp"
#include "tests/bench/entries.hpp"
#include "tests/bench/mesh_metrics.hpp"
#include "tests/bench/prometheus.hpp"
#include "tests/bench/replay.hpp"
#include "tests/bench/requests.hpp"
#include "tests/bench/server_under_test.hpp"
#include "tests/bench/traces.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace meshscope::bench {

namespace {

using Json = nlohmann::json;

constexpr std::size_t kMostSpans = 60;
constexpr std::size_t kTargets = 8;         // of the trace: a workload in one direction
constexpr std::size_t kAtOnce = 10;         // of single queries
constexpr std::uint64_t kSeconds = 11'400;  // a little over three hours
constexpr double kAtLeast = 3;
constexpr double kSame = 4e-15;  // of numbers that were added up in another order

// How long a trace of the input is that has so many targets: workloads, each as client or server.
std::size_t spans_with_targets(std::size_t targets) {
    for (std::size_t spans = targets; spans < kMostSpans; ++spans) {
        std::set<std::pair<std::size_t, bool>> found;
        const BenchTrace trace = make_traces(1, spans).front();
        for (std::size_t i = 0; i < spans; ++i) {
            found.emplace(trace.spans[i].process, i % 2 == 1);
        }
        if (found.size() == targets) {
            return spans;
        }
    }
    throw std::runtime_error("heatmap: no trace has that many targets");
}

struct Number {
    std::string path;  // of the query that asks for it alone
    double ours = 0;
};

std::string query_path(
    const Json& span, const std::string& interval, const std::string& stat, std::int64_t at
) {
    const std::string side = span["direction"] == "inbound" ? "destination" : "source";
    const std::string labels = fmt::format(
        R"({{reporter="{0}",{0}_workload_namespace="bookinfo",{0}_workload="{1}"}}[{2}])",
        side,
        span["target"]["name"].get<std::string>(),
        interval
    );
    const std::string metric = "istio_request_duration_milliseconds";
    const std::string text =
        stat == "avg"
            ? fmt::format("sum(rate({0}_sum{1}))/sum(rate({0}_count{1}))", metric, labels)
            : fmt::format(
                  "histogram_quantile({}, sum(rate({}_bucket{})) by (le))", stat, metric, labels
              );
    return fmt::format("/api/v1/query?time={}&query={}", at, percent_encode(text));
}

// The numbers of the first targets, as a client would ask for them one by one.
std::vector<Number> numbers_of(const Json& heatmap) {
    std::vector<std::string> seen;
    std::vector<Number> numbers;
    const std::int64_t at = heatmap["evaluatedAt"].get<std::int64_t>() / 1'000'000;
    for (const Json& span : heatmap["spans"]) {
        const std::string target = span["target"].dump() + span["direction"].dump();
        if (seen.size() == kTargets || std::ranges::find(seen, target) != seen.end()) {
            continue;
        }
        seen.push_back(target);
        for (std::size_t i = 0; i < heatmap["intervals"].size(); ++i) {
            for (std::size_t j = 0; j < heatmap["stats"].size(); ++j) {
                Number number;
                number.path = query_path(span, heatmap["intervals"][i], heatmap["stats"][j], at);
                number.ours = span["cells"][i][j].at("stat");
                numbers.push_back(std::move(number));
            }
        }
    }
    if (numbers.size() != kTargets * 12) {
        throw std::runtime_error(fmt::format("the heatmap has {} numbers", numbers.size()));
    }
    return numbers;
}

double number_of(const std::string& body) {
    const Json answer = Json::parse(body);
    return std::stod(answer.at("data").at("result").at(0).at("value").at(1).get<std::string>());
}

double since(std::chrono::steady_clock::time_point begin) {
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin)
        .count();
}

// Asks for all of them, ten at a time, over connections that are kept. Returns the time, ms; throws
// when a number is another one.
class OneByOne {
 public:
    OneByOne(std::uint16_t port, std::vector<Number> numbers) : numbers_(std::move(numbers)) {
        for (std::size_t i = 0; i < kAtOnce; ++i) {
            connections_.push_back(Connection::open(port));
        }
    }

    double run() {
        std::atomic<std::size_t> next{0};
        std::atomic<std::size_t> wrong{0};
        std::vector<std::thread> askers;
        const auto begin = std::chrono::steady_clock::now();
        for (Connection& connection : connections_) {
            askers.emplace_back([this, &connection, &next, &wrong] {
                for (std::size_t i = next++; i < numbers_.size(); i = next++) {
                    try {
                        const double theirs =
                            number_of(connection.get(numbers_[i].path, "", true).body);
                        const double most = kSame * std::abs(theirs);
                        wrong += std::abs(theirs - numbers_[i].ours) <= most ? 0 : 1;
                    } catch (const std::exception&) {
                        ++wrong;
                    }
                }
            });
        }
        for (std::thread& asker : askers) {
            asker.join();
        }
        const double took = since(begin);
        if (wrong > 0) {
            throw std::runtime_error(fmt::format("{} numbers differ", wrong.load()));
        }
        return took;
    }

 private:
    std::vector<Number> numbers_;
    std::vector<Connection> connections_;
};

}  // namespace

void bench_heatmap(const Options& options, Report& report) {
    Prometheus prometheus(trace_metrics(false), kFirstStartMicros / 1'000'000 + 120, kSeconds);
    const Replay replay(options.self, {{Wire::kHttpV1}, 1, spans_with_targets(kTargets)});
    ServerSetup setup;
    setup.jaeger = replay.url(Wire::kHttpV1);
    setup.prometheus = fmt::format("http://127.0.0.1:{}", prometheus.port());
    setup.own = "  trace_cache_mb: 0\n";
    ServerUnderTest server(options.server, setup);
    Connection client = Connection::open(server.port());
    const std::string path = trace_path() + "/heatmap";
    const Connection::Answer first = client.get(path, "", true);
    if (first.status != 200) {
        throw std::runtime_error("no heatmap: " + first.body.substr(0, 500));
    }
    const Json heatmap = Json::parse(first.body);
    OneByOne single(prometheus.port(), numbers_of(heatmap));
    single.run();
    std::vector<double> ours;
    std::vector<double> theirs;
    std::vector<double> our_cpu;  // of Prometheus
    std::vector<double> their_cpu;
    for (int i = 0; i < options.runs; ++i) {
        const double idle = prometheus.process().cpu_ms();
        const auto begin = std::chrono::steady_clock::now();
        if (client.get(path, "", false).status != 200) {
            throw std::runtime_error("no heatmap");
        }
        ours.push_back(since(begin));
        const double between = prometheus.process().cpu_ms();
        theirs.push_back(single.run());
        our_cpu.push_back(between - idle);
        their_cpu.push_back(prometheus.process().cpu_ms() - between);
    }
    Line line;
    line.name = fmt::format(
        "heatmap of a trace, against {} queries for its {} targets, {} at a time",
        kTargets * 12,
        kTargets,
        kAtOnce
    );
    line.unit = "ms";
    line.ours = median(ours);
    line.baseline = median(theirs);
    line.ratio = *line.baseline / line.ours;
    line.goal = Line::Goal::kAtLeast;
    line.target = kAtLeast;
    report.lines.push_back(std::move(line));
    Line cpu;
    cpu.name = "the same, CPU of Prometheus";
    cpu.unit = "ms";
    cpu.ours = median(our_cpu);
    cpu.baseline = median(their_cpu);
    cpu.ratio = *cpu.baseline / cpu.ours;
    report.lines.push_back(std::move(cpu));
    report.notes.push_back(fmt::format(
        "heatmap: all {} numbers are the same; {} spans in the answer",
        kTargets * 12,
        heatmap["spans"].size()
    ));
}

}  // namespace meshscope::bench
