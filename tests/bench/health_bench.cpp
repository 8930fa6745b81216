#include "tests/bench/api_objects.hpp"
#include "tests/bench/cluster_api.hpp"
#include "tests/bench/counting_relay.hpp"
#include "tests/bench/entries.hpp"
#include "tests/bench/kubeconfig.hpp"
#include "tests/bench/mesh_metrics.hpp"
#include "tests/bench/prometheus.hpp"
#include "tests/bench/server_under_test.hpp"
#include "tests/bench/sockets.hpp"
#include "tests/bench/traces.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace meshscope::bench {

namespace {

constexpr std::size_t kWorkloads = 1'000;
constexpr std::size_t kNamespaces = kWorkloads * kClusterSpaces / kClusterWorkloads;
constexpr std::uint64_t kEnd = kFirstStartMicros / 1'000'000 + 120;
constexpr std::uint64_t kSeconds = 900;
constexpr int kRequests = 5;  // of a run
constexpr double kAtMostQueries = 6;
constexpr double kAtMost = 1.0 / 3;

// Each of a moment of its own: nothing that was found before is used.
std::string path(std::uint64_t salt) {
    std::string namespaces;
    for (std::size_t i = 0; i < kNamespaces; ++i) {
        namespaces += fmt::format("{}team-{:03}", i == 0 ? "" : ",", i);
    }
    return fmt::format(
        "/api/clusters/health?namespaces={}&queryTime={}", namespaces, kEnd - salt % 300
    );
}

void demand_everything(const Connection::Answer& answer) {
    if (answer.status != 200) {
        throw std::runtime_error("health: " + answer.body.substr(0, 500));
    }
    const auto body = nlohmann::json::parse(answer.body);
    std::size_t judged = 0;
    for (const auto& [ns, workloads] : body.at("namespaceWorkloadHealth").items()) {
        for (const auto& [name, health] : workloads.items()) {
            const bool has_requests = !health.at("requests").at("inbound").empty();
            judged += has_requests && health.at("status").at("status") != "NA" ? 1 : 0;
        }
    }
    if (judged != kWorkloads) {
        throw std::runtime_error(fmt::format("health: of {} workloads only", judged));
    }
}

// Of one request, ms.
struct Costs {
    std::vector<double> ours;    // CPU of the server
    std::vector<double> theirs;  // CPU of Prometheus
    std::vector<double> walls;
    std::vector<double> waits;  // of the wall: Prometheus had a query
};

void measure(
    ServerUnderTest& server,
    Prometheus& prometheus,
    CountingRelay& relay,
    std::uint64_t& salt,
    Costs& costs
) {
    Connection client = Connection::open(server.port());
    relay.reset();
    const double ours = server.process().cpu_ms();
    const double theirs = prometheus.process().cpu_ms();
    const auto begun = std::chrono::steady_clock::now();
    for (int i = 0; i < kRequests; ++i) {
        if (client.get(path(salt++), "", false).status != 200) {
            throw std::runtime_error("health: a request failed");
        }
    }
    const std::chrono::duration<double, std::milli> wall = std::chrono::steady_clock::now() - begun;
    costs.ours.push_back((server.process().cpu_ms() - ours) / kRequests);
    costs.theirs.push_back((prometheus.process().cpu_ms() - theirs) / kRequests);
    costs.walls.push_back(wall.count() / kRequests);
    costs.waits.push_back(relay.busy_ms() / kRequests);
}

void tell(Costs costs, Report& report) {
    Line time;
    time.name = "the same, CPU of the server over that of Prometheus";
    time.unit = "ms CPU";
    time.ours = median(std::move(costs.ours));
    time.baseline = median(std::move(costs.theirs));
    time.ratio = time.ours / *time.baseline;
    time.goal = Line::Goal::kAtMost;
    time.target = kAtMost;
    report.lines.push_back(std::move(time));
    Line wall;
    wall.name = "the same, what is left of the answer's time without Prometheus, over its time";
    wall.unit = "ms";
    wall.baseline = median(std::move(costs.waits));
    wall.ours = median(std::move(costs.walls)) - *wall.baseline;
    wall.ratio = wall.ours / *wall.baseline;
    report.lines.push_back(std::move(wall));
}

}  // namespace

void bench_health(const Options& options, Report& report) {
    Prometheus prometheus(cluster_metrics(kNamespaces), kEnd, kSeconds);
    CountingRelay relay(prometheus.port(), std::chrono::microseconds(0));
    const ClusterApi api(options.self, Pages::kReady);
    const Kubeconfig kubeconfig(api.port());
    ServerSetup setup;
    setup.own = kubeconfig.setting();
    setup.prometheus = fmt::format("http://127.0.0.1:{}", relay.port());
    ServerUnderTest server(options.server, setup);
    wait_until_synced(server.port());
    relay.reset();
    std::uint64_t salt = 0;
    demand_everything(Connection::open(server.port()).get(path(salt++), "", true));
    Line count;
    count.name = fmt::format("health of {} workloads", kWorkloads);
    count.unit = "queries";
    count.ours = static_cast<double>(relay.queries());
    count.goal = Line::Goal::kAtMost;
    count.target = kAtMostQueries;
    report.lines.push_back(std::move(count));
    Costs costs;
    for (int run = 0; run < options.runs; ++run) {
        measure(server, prometheus, relay, salt, costs);
    }
    tell(std::move(costs), report);
}

}  // namespace meshscope::bench
