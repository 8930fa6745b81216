#include "tests/bench/counting_relay.hpp"
#include "tests/bench/entries.hpp"
#include "tests/bench/mesh_metrics.hpp"
#include "tests/bench/prometheus.hpp"
#include "tests/bench/replay.hpp"
#include "tests/bench/requests.hpp"
#include "tests/bench/server_under_test.hpp"
#include "tests/bench/traces.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace meshscope::bench {

namespace {

constexpr std::size_t kViewers = 20;
constexpr std::size_t kRefreshes = 15;  // of each
constexpr std::size_t kCap = 8;         // of the governor, as configured when nobody says otherwise
constexpr double kAtMostOfDashboard = 8;
constexpr double kAtMostOfHeatmap = 6;
constexpr std::size_t kSpansOfTrace = 60;
constexpr std::chrono::milliseconds kAway{5};
constexpr std::uint64_t kEnd = kFirstStartMicros / 1'000'000 + 120;

constexpr std::string_view kBookinfo = "/api/namespaces/bookinfo";
constexpr std::string_view kQuantiles =
    "direction=inbound&reporter=destination&quantiles[]=0.5&quantiles[]=0.9&quantiles[]=0.99";

// A page and what it asks for, of that moment.
std::string tab(std::size_t number, std::uint64_t at) {
    const auto of = [at](std::string_view path, std::string_view parameters) {
        return fmt::format("{}{}?queryTime={}&{}", kBookinfo, path, at, parameters);
    };
    switch (number % 10) {
        case 0:
            return trace_path() + "/heatmap";
        case 1:
            return of("/workloads/details-v1/dashboard", kQuantiles);
        case 2:
            return of("/workloads/productpage-v1/dashboard", "direction=outbound");
        case 3:
            return of("/apps/reviews/dashboard", kQuantiles);
        case 4:
            return of("/services/ratings/dashboard", kQuantiles);
        case 5:
            return of("/metrics", "direction=inbound&filters[]=request_count");
        case 6:
            return of("/workloads/reviews-v2/metrics", kQuantiles);
        case 7:
            return fmt::format(
                "/api/namespaces/graph?namespaces=bookinfo&duration=600s&queryTime={}"
                "&appenders=responseTime,throughput",
                at
            );
        case 8:
            return of("/apps/details/metrics", "byLabels[]=response_code&direction=inbound");
        default:
            return fmt::format(
                "{}/services/reviews/graph?duration=600s&queryTime={}", kBookinfo, at
            );
    }
}

void demand(Connection& connection, const std::string& path) {
    const Connection::Answer answer = connection.get(path, "", true);
    if (answer.status != 200 || answer.body.find("\"missing\":\"upstream\"") != std::string::npos) {
        throw std::runtime_error(
            fmt::format("{} answered {}: {}", path, answer.status, answer.body.substr(0, 500))
        );
    }
}

// Two viewers to a tab, each with the time of its refresh: sometimes they ask the same at once.
void look(std::uint16_t port) {
    std::vector<std::thread> viewers;
    std::array<std::exception_ptr, kViewers> failures;
    for (std::size_t viewer = 0; viewer < kViewers; ++viewer) {
        viewers.emplace_back([port, viewer, &failure = failures[viewer]] {
            try {
                Connection connection = Connection::open(port);
                for (std::size_t i = 0; i < kRefreshes; ++i) {
                    demand(connection, tab(viewer, kEnd - 15 * i));
                }
            } catch (...) {
                failure = std::current_exception();
            }
        });
    }
    for (std::thread& viewer : viewers) {
        viewer.join();
    }
    for (const std::exception_ptr& failure : failures) {
        if (failure) {
            std::rethrow_exception(failure);
        }
    }
}

Line queries(std::string name, std::size_t count, double most) {
    Line line;
    line.name = std::move(name);
    line.unit = "queries";
    line.ours = static_cast<double>(count);
    line.goal = Line::Goal::kAtMost;
    line.target = most;
    return line;
}

std::size_t queries_of(CountingRelay& relay, std::uint16_t port, std::size_t number) {
    Connection connection = Connection::open(port);
    demand(connection, tab(number, kEnd));  // behind what a server asks when it starts
    relay.reset();
    demand(connection, tab(number, kEnd));
    return relay.queries();
}

}  // namespace

void bench_viewers(const Options& options, Report& report) {
    const Prometheus prometheus(trace_metrics(true), kEnd, 3'600);
    CountingRelay relay(prometheus.port(), kAway);
    const Replay replay(options.self, {{Wire::kHttpV1}, 1, kSpansOfTrace});
    ServerSetup setup;
    setup.jaeger = replay.url(Wire::kHttpV1);
    setup.prometheus = fmt::format("http://127.0.0.1:{}", relay.port());
    const ServerUnderTest server(options.server, setup);
    const std::size_t heatmap = queries_of(relay, server.port(), 0);
    const std::size_t dashboard = queries_of(relay, server.port(), 1);
    std::size_t most = 0;
    std::size_t asked = 0;
    for (int i = 0; i < options.runs; ++i) {
        relay.reset();
        look(server.port());
        most = std::max(most, relay.most_at_once());
        asked += relay.queries();
    }
    if (most < kCap) {
        throw std::runtime_error(fmt::format("viewers: only {} queries at once show nothing", most)
        );
    }
    report.lines.push_back(queries(
        fmt::format(
            "{} viewers on 10 tabs: the most queries at once that reach Prometheus", kViewers
        ),
        most,
        kCap
    ));
    report.lines.push_back(
        queries("dashboard of a workload, all statistics", dashboard, kAtMostOfDashboard)
    );
    report.lines.push_back(queries("heatmap of a trace", heatmap, kAtMostOfHeatmap));
    report.notes.push_back(fmt::format(
        "viewers: {} requests in a run asked {} queries; each answer of Prometheus took {} ms "
        "longer",
        kViewers * kRefreshes,
        asked / static_cast<std::size_t>(options.runs),
        kAway.count()
    ));
}

}  // namespace meshscope::bench
