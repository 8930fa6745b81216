#include "tests/bench/entries.hpp"
#include "tests/bench/replay.hpp"
#include "tests/bench/requests.hpp"
#include "tests/bench/server_under_test.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <thread>
#include <vector>

namespace meshscope::bench {

namespace {

constexpr std::size_t kBigSpans = 250'000;
constexpr int kNextViewers = 10;
// Jaeger's answer is longer than the default limit; the limits are what the second part is about.
constexpr const char* kReceiveAll = "  receive_limit_mb: 1024\n";

void settle() { std::this_thread::sleep_for(std::chrono::milliseconds(300)); }

void expect(bool holds, const std::string& what, const Connection::Answer& answer) {
    if (!holds) {
        throw std::runtime_error(
            fmt::format("{}: {} {}", what, answer.status, answer.body.substr(0, 300))
        );
    }
}

Line at_most(std::string name, std::string unit, double ours, double target) {
    Line line;
    line.name = std::move(name);
    line.unit = std::move(unit);
    line.ours = ours;
    line.goal = Line::Goal::kAtMost;
    line.target = target;
    return line;
}

// The first page of the waterfall, then pages of others somewhere in it.
void viewers(const Options& options, const Replay& replay, Wire wire, Report& report) {
    ServerUnderTest server(options.server, {replay.url(wire), is_grpc(wire), kReceiveAll});
    Connection connection = Connection::open(server.port());
    connection.get("/healthz", "", false);
    settle();
    server.process().forget_peak();
    const std::string rows = trace_path() + "/spans";
    double before = server.process().cpu_ms();
    const Connection::Answer first = connection.get(rows, "", true);
    const std::string total = fmt::format("\"total\":{}", kBigSpans);
    expect(first.body.find(total) != std::string::npos, "the first page", first);
    const double first_peak = server.process().peak_mb();
    const double first_cpu = server.process().cpu_ms() - before;

    int cached = 0;
    std::vector<double> growths;
    before = server.process().cpu_ms();
    for (int i = 0; i < kNextViewers; ++i) {
        settle();
        const double resident = server.process().resident_mb();
        server.process().forget_peak();
        const Connection::Answer next =
            Connection::open(server.port())
                .get(fmt::format("{}?from={}&count=1000", rows, i * 24'000), "", true);
        expect(next.status == 200, "a page of the next viewer", next);
        cached += next.body.find("\"cached\":1") != std::string::npos ? 1 : 0;
        growths.push_back(server.process().peak_mb() - resident);
    }
    const double next_cpu = (server.process().cpu_ms() - before) / kNextViewers;
    const std::string name = fmt::format("250 000 spans, {}", name_of(wire));
    report.lines.push_back(at_most(name + ": peak of the first viewer", "MB", first_peak, 400));
    report.lines.push_back(at_most(
        name + ": each further viewer adds",
        "MB",
        *std::max_element(growths.begin(), growths.end()),
        5
    ));
    report.notes.push_back(fmt::format(
        "{}: {:.0f} ms CPU for the first page, {:.1f} ms for each further one; {} of {} from the "
        "cache",
        name,
        first_cpu,
        next_cpu,
        cached,
        kNextViewers
    ));
}

// With the default limits: what Jaeger sends or the server would answer is more than is allowed.
void beyond(const Options& options, const Replay& replay, Wire wire, Report& report) {
    const char* const limits[] = {"", "  receive_limit_mb: 1024\n"};
    double peak = 0;
    for (const char* const own : limits) {
        ServerUnderTest server(options.server, {replay.url(wire), is_grpc(wire), own});
        Connection connection = Connection::open(server.port());
        Connection::Answer answer = connection.get(trace_path(), "", true);
        const std::string tail = answer.body.substr(answer.body.rfind("\"errors\""));
        answer.body = tail;
        expect(
            tail.find("\"stoppedBy\":\"bytes\"") != std::string::npos,
            "an answer beyond the limit",
            answer
        );
        const Connection::Answer alive = connection.get("/healthz", "", true);
        expect(alive.status == 200, "the server after it", alive);
        peak = std::max(peak, server.process().peak_mb());
    }
    Line line;
    line.name =
        fmt::format("250 000 spans, {}: beyond the limits: marked, alive; peak", name_of(wire));
    line.unit = "MB";
    line.ours = peak;
    report.lines.push_back(std::move(line));
}

}  // namespace

void bench_big(const Options& options, Report& report) {
    for (const Wire wire : options.wires) {
        const Replay replay(options.self, {{wire}, 1, kBigSpans});
        viewers(options, replay, wire, report);
        beyond(options, replay, wire, report);
    }
}

}  // namespace meshscope::bench
