#include "tests/bench/entries.hpp"
#include "tests/bench/replay.hpp"
#include "tests/bench/requests.hpp"
#include "tests/bench/server_under_test.hpp"

#include <fmt/format.h>

#include <memory>
#include <vector>

namespace meshscope::bench {

namespace {

struct Size {
    std::size_t spans;
    int requests;  // of a run
};
constexpr Size kSizes[] = {{1'000, 40}, {10'000, 5}, {100'000, 1}};

// Nothing is cut, and each request goes all the way to Jaeger.
constexpr const char* kUncut =
    "  receive_limit_mb: 4096\n  response_limit_mb: 4096\n  trace_cache_mb: 0\n";

// The whole way of one trace of one size.
struct Way {
    Way(const Options& options, Wire wire, Size the_size)
        : size(the_size),
          replay(options.self, {{wire}, 1, size.spans}),
          server(options.server, {replay.url(wire), is_grpc(wire), kUncut}),
          contest(server.process(), {server.port(), trace_path(), "", size.spans}, size.requests) {}

    [[nodiscard]] double us_a_span() const {
        return contest.cpu_ms() * 1000 / static_cast<double>(size.spans);
    }

    Size size;
    Replay replay;
    ServerUnderTest server;
    Contest contest;
};

Line growth(Wire wire, const Way& from, const Way& to, double target) {
    Line line;
    line.name = fmt::format(
        "a span of a trace of {} against one of {}, {}",
        to.size.spans,
        from.size.spans,
        name_of(wire)
    );
    line.unit = "us CPU";
    line.ours = to.us_a_span();
    line.baseline = from.us_a_span();
    line.ratio = line.ours / *line.baseline;
    line.goal = Line::Goal::kAtMost;
    line.target = target;
    return line;
}

}  // namespace

void bench_growth(const Options& options, Report& report) {
    for (const Wire wire : options.wires) {
        std::vector<std::unique_ptr<Way>> ways;
        for (const Size& size : kSizes) {
            ways.push_back(std::make_unique<Way>(options, wire, size));
        }
        for (int i = 0; i < options.runs; ++i) {
            for (const auto& way : ways) {
                way->contest.run();
            }
        }
        report.lines.push_back(growth(wire, *ways[0], *ways[2], 1.6));
        report.lines.push_back(growth(wire, *ways[1], *ways[2], 1.2));
    }
}

}  // namespace meshscope::bench
