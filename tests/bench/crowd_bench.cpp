#include "tests/bench/entries.hpp"
#include "tests/bench/replay.hpp"
#include "tests/bench/requests.hpp"
#include "tests/bench/server_under_test.hpp"
#include "tests/bench/traces.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <latch>
#include <thread>
#include <vector>

namespace meshscope::bench {

namespace {

constexpr std::size_t kClients = 50;

struct Crowd {
    std::vector<double> ms;  // of each answer
    std::size_t body_bytes = 0;
    std::size_t failures = 0;
    double peak_mb = 0;  // above idle
    double cpu_ms = 0;   // of one answer
};

// All at once, each with a search of its own, so that none can share another's.
Crowd crowd(ServerUnderTest& server) {
    Crowd out;
    out.ms.resize(kClients);
    std::atomic<std::size_t> failures{0};
    std::atomic<std::size_t> bytes{0};
    std::latch ready(kClients);
    const double idle = server.process().resident_mb();
    const double before = server.process().cpu_ms();
    std::vector<std::thread> clients;
    for (std::size_t i = 0; i < kClients; ++i) {
        clients.emplace_back([&, i] {
            Connection connection = Connection::open(server.port());
            const std::string path = app_traces_path(i + 1);
            ready.arrive_and_wait();
            const auto begin = std::chrono::steady_clock::now();
            try {
                const Connection::Answer answer = connection.get(path, "", false);
                failures += answer.status == 200 ? 0 : 1;
                bytes = answer.body_bytes;
            } catch (const std::exception&) {
                ++failures;
            }
            const std::chrono::duration<double, std::milli> took =
                std::chrono::steady_clock::now() - begin;
            out.ms[i] = took.count();
        });
    }
    for (std::thread& client : clients) {
        client.join();
    }
    out.failures = failures;
    out.body_bytes = bytes;
    out.peak_mb = server.process().peak_mb() - idle;
    out.cpu_ms = (server.process().cpu_ms() - before) / kClients;
    return out;
}

Line line_of(std::string name, std::string unit, double ours) {
    Line line;
    line.name = std::move(name);
    line.unit = std::move(unit);
    line.ours = ours;
    return line;
}

}  // namespace

void bench_crowd(const Options& options, Report& report) {
    for (const Wire wire : options.wires) {
        const Replay replay(options.self, {{wire}, kTraces, kSpans});
        ServerUnderTest server(options.server, {replay.url(wire), is_grpc(wire)});
        const Contest warm(
            server.process(), {server.port(), app_traces_path(), "", kTraces * kSpans}, 1
        );
        server.process().forget_peak();
        const Crowd seen = crowd(server);
        const std::string what = fmt::format("50 at once, {}", name_of(wire));
        Line fair = line_of(
            what + ": slowest against median",
            "ms",
            *std::max_element(seen.ms.begin(), seen.ms.end())
        );
        fair.baseline = median(seen.ms);
        fair.ratio = fair.ours / *fair.baseline;
        fair.goal = Line::Goal::kAtMost;
        fair.target = 3;
        report.lines.push_back(std::move(fair));
        Line failed = line_of(what + ": failures", "", static_cast<double>(seen.failures));
        failed.goal = Line::Goal::kAtMost;
        report.lines.push_back(std::move(failed));
        report.lines.push_back(line_of(what + ": peak memory above idle", "MB", seen.peak_mb));
        report.lines.push_back(line_of(what + ": one answer", "ms CPU", seen.cpu_ms));
        report.notes.push_back(
            fmt::format("{}: bodies of {:.2f} MB", what, static_cast<double>(seen.body_bytes) / 1e6)
        );
    }
}

}  // namespace meshscope::bench
