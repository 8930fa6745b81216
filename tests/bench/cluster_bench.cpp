#include "tests/bench/api_objects.hpp"
#include "tests/bench/cluster_api.hpp"
#include "tests/bench/entries.hpp"
#include "tests/bench/kubeconfig.hpp"
#include "tests/bench/server_under_test.hpp"
#include "tests/bench/sockets.hpp"

#include <fmt/format.h>

#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace meshscope::bench {

namespace {

using Clock = std::chrono::steady_clock;

constexpr double kAtMostTimes = 1.5;
constexpr double kAtMostMb = 4;  // resident, for 1 000 pods

double ms_since(Clock::time_point begun) {
    return std::chrono::duration<double, std::milli>(Clock::now() - begun).count();
}

void demand_everything(std::uint16_t port) {
    constexpr std::size_t kSpaceOf = 7;
    const std::string target =
        fmt::format("/api/clusters/workloads?namespaces=team-{:03}", kSpaceOf);
    const Connection::Answer answer = Connection::open(port).get(target, "", true);
    std::size_t found = 0;
    for (std::size_t i = kSpaceOf; i < kClusterWorkloads; i += kClusterSpaces) {
        const std::string name = fmt::format("\"service-{:04}-v1\"", i);
        found += answer.body.find(name) == std::string::npos ? 0 : 1;
    }
    if (found != kClusterWorkloads / kClusterSpaces) {
        throw std::runtime_error(
            "cluster: the workloads are not all there: " + answer.body.substr(0, 300)
        );
    }
}

struct Start {
    double ms = 0;
    double cpu_ms = 0;
    double resident_mb = 0;  // some time later
};

Start start_to_synced(
    const Options& options, const ClusterApi& api, const ServerSetup& setup, std::uint64_t bytes
) {
    const std::uint64_t before = api.bytes();
    Start start;
    const auto begun = Clock::now();
    ServerUnderTest server(options.server, setup);
    wait_until_synced(server.port());
    start.ms = ms_since(begun);
    start.cpu_ms = server.process().cpu_ms();
    demand_everything(server.port());
    std::this_thread::sleep_for(std::chrono::seconds(2));
    start.resident_mb = server.process().resident_mb();
    if (api.bytes() - before != bytes) {
        throw std::runtime_error("cluster: the server read other lists than the baseline");
    }
    return start;
}

double idle_mb(const Options& options) {
    ServerUnderTest server(options.server, {});
    wait_until_synced(server.port());
    std::this_thread::sleep_for(std::chrono::seconds(1));
    return server.process().resident_mb();
}

struct Sync {
    std::vector<double> starts;
    std::vector<double> downloads;
    std::vector<double> cpu;
    std::vector<double> resident;
};

Sync measure(const Options& options, Pages pages, Report& report) {
    const ClusterApi api(options.self, pages);
    const Kubeconfig kubeconfig(api.port());
    ServerSetup setup;
    setup.own = kubeconfig.setting();
    const std::uint64_t bytes = api.download();
    Sync sync;
    for (int i = 0; i < options.runs; ++i) {
        const Start start = start_to_synced(options, api, setup, bytes);
        sync.starts.push_back(start.ms);
        sync.cpu.push_back(start.cpu_ms);
        sync.resident.push_back(start.resident_mb);
        const auto begun = Clock::now();
        static_cast<void>(api.download());
        sync.downloads.push_back(ms_since(begun));
    }
    Line line;
    line.name = fmt::format(
        "start to synced, 10 000 pods, 2 000 workloads ({} MB), over a plain paged download; "
        "pages {}",
        bytes / 1'000'000,
        pages == Pages::kReady ? "ready in memory" : "written when asked for"
    );
    line.unit = "ms";
    line.ours = median(sync.starts);
    line.baseline = median(sync.downloads);
    line.ratio = line.ours / *line.baseline;
    if (pages == Pages::kWritten) {
        line.goal = Line::Goal::kAtMost;
        line.target = kAtMostTimes;
    }
    report.lines.push_back(std::move(line));
    return sync;
}

}  // namespace

void bench_cluster(const Options& options, Report& report) {
    static_cast<void>(measure(options, Pages::kWritten, report));
    Sync sync = measure(options, Pages::kReady, report);
    Line work;
    work.name = "the same, CPU of the server";
    work.unit = "ms CPU";
    work.ours = median(std::move(sync.cpu));
    report.lines.push_back(std::move(work));
    Line memory;
    memory.name = "resident memory of 1 000 pods, above idle without a cluster";
    memory.unit = "MB";
    memory.ours = (median(std::move(sync.resident)) - idle_mb(options)) * 1'000 / kClusterPods;
    memory.goal = Line::Goal::kAtMost;
    memory.target = kAtMostMb;
    report.lines.push_back(std::move(memory));
}

}  // namespace meshscope::bench
