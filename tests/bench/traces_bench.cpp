#include "tests/bench/entries.hpp"
#include "tests/bench/replay.hpp"
#include "tests/bench/requests.hpp"
#include "tests/bench/server_under_test.hpp"
#include "tests/bench/sockets.hpp"
#include "tests/bench/traces.hpp"

#include <fmt/format.h>

#include <chrono>
#include <thread>

namespace meshscope::bench {

namespace {

constexpr int kRequestsPerRun = 5;
constexpr std::size_t kAllSpans = kTraces * kSpans;

// Runs of both take turns, so that a slow minute of the machine meets both.
Line compare(const std::string& name, Contest& ours, Contest& baseline, int runs, double target) {
    for (int i = 0; i < runs; ++i) {
        ours.run();
        baseline.run();
    }
    Line line;
    line.name = name;
    line.unit = "ms CPU";
    line.ours = ours.cpu_ms();
    line.baseline = baseline.cpu_ms();
    line.ratio = baseline.cpu_ms() / ours.cpu_ms();
    line.goal = Line::Goal::kAtLeast;
    line.target = target;
    return line;
}

// A newer protocol on the same input; the table holds it against nothing but the older ones.
Line alone(const Options& options, const Replay& replay, Wire wire) {
    ServerUnderTest server(options.server, {replay.url(wire), is_grpc(wire)});
    Contest ours(
        server.process(), {server.port(), app_traces_path(), "", kAllSpans}, kRequestsPerRun
    );
    for (int i = 0; i < options.runs; ++i) {
        ours.run();
    }
    Line line;
    line.name = fmt::format("{} to JSON", name_of(wire));
    line.unit = "ms CPU";
    line.ours = ours.cpu_ms();
    return line;
}

Line peak_memory(const Options& options, const Replay& replay, Wire wire) {
    std::vector<double> ratios;
    std::vector<double> peaks;
    for (int i = 0; i < 3; ++i) {
        ServerUnderTest server(options.server, {replay.url(wire), is_grpc(wire)});
        Connection connection = Connection::open(server.port());
        connection.get("/healthz", "", false);
        std::this_thread::sleep_for(std::chrono::milliseconds(300));
        const double idle = server.process().resident_mb();
        const Connection::Answer answer = connection.get(app_traces_path(), "", false);
        peaks.push_back(server.process().peak_mb() - idle);
        ratios.push_back(peaks.back() * 1e6 / static_cast<double>(answer.body_bytes));
    }
    Line line;
    line.name = fmt::format("peak memory above idle, {}; ratio to the body", name_of(wire));
    line.unit = "MB";
    line.ours = median(peaks);
    line.ratio = median(ratios);
    line.goal = Line::Goal::kAtMost;
    line.target = 3;
    return line;
}

void compare_http(
    const Options& options,
    const Replay& replay,
    Child& baseline,
    std::uint16_t plain,
    Report& report
) {
    const std::string gzip = "Accept-Encoding: gzip\r\n";
    ServerUnderTest server(options.server, {replay.url(Wire::kHttpV1), false});
    const auto ours_with = [&](const std::string& headers) {
        const Target target{server.port(), app_traces_path(), headers, kAllSpans};
        return Contest(server.process(), target, kRequestsPerRun);
    };
    const auto theirs_with = [&](const std::string& headers) {
        return Contest(baseline, {plain, "/http", headers, kAllSpans}, kRequestsPerRun);
    };
    Contest ours = ours_with("");
    Contest theirs = theirs_with("");
    const std::uint64_t calls = replay.calls();
    report.lines.push_back(compare("HTTP JSON to JSON", ours, theirs, options.runs, 15));
    const auto made =
        static_cast<double>(replay.calls() - calls) / (2.0 * options.runs * kRequestsPerRun);
    report.notes.push_back(fmt::format(
        "body {:.2f} MB, baseline's {:.2f} MB; {:.2f} searches upstream for each request",
        static_cast<double>(ours.body_bytes()) / 1e6,
        static_cast<double>(theirs.body_bytes()) / 1e6,
        made
    ));
    Contest ours_gzip = ours_with(gzip);
    Contest theirs_gzip = theirs_with(gzip);
    report.lines.push_back(
        compare("HTTP JSON to JSON, gzip", ours_gzip, theirs_gzip, options.runs, 12)
    );
    report.notes.push_back(fmt::format(
        "gzip body {:.2f} MB, baseline's (zlib 6) {:.2f} MB",
        static_cast<double>(ours_gzip.body_bytes()) / 1e6,
        static_cast<double>(theirs_gzip.body_bytes()) / 1e6
    ));
}

}  // namespace

void bench_traces(const Options& options, Report& report) {
    const Replay replay(options.self, {{Wire::kHttpV1, Wire::kGrpcV2}, kTraces, kSpans});
    const Replay newer(options.self, {{Wire::kHttpV3, Wire::kGrpcV3}, kTraces, kSpans});
    const std::uint16_t plain = free_port();
    Child baseline(
        {options.self,
         "--baseline",
         std::to_string(plain),
         std::to_string(replay.http_port()),
         std::to_string(replay.grpc_port())}
    );
    wait_for_port(plain);
    compare_http(options, replay, baseline, plain, report);
    {
        ServerUnderTest server(options.server, {replay.url(Wire::kGrpcV2), true});
        Contest ours(
            server.process(), {server.port(), app_traces_path(), "", kAllSpans}, kRequestsPerRun
        );
        Contest theirs(baseline, {plain, "/grpc", "", kAllSpans}, kRequestsPerRun);
        report.lines.push_back(compare("gRPC api_v2 to JSON", ours, theirs, options.runs, 6));
    }
    report.lines.push_back(alone(options, newer, Wire::kHttpV3));
    report.lines.push_back(alone(options, newer, Wire::kGrpcV3));
    for (const Wire wire : kWires) {
        const bool old = wire == Wire::kHttpV1 || wire == Wire::kGrpcV2;
        report.lines.push_back(peak_memory(options, old ? replay : newer, wire));
    }
}

}  // namespace meshscope::bench
