#include "tests/bench/entries.hpp"
#include "tests/bench/server_under_test.hpp"
#include "tests/bench/sockets.hpp"
#include "tests/bench/traces.hpp"

#include <fmt/format.h>

#include <chrono>
#include <stdexcept>
#include <thread>

namespace meshscope::bench {

namespace {

constexpr int kRequestsPerRun = 5;
constexpr int kWarmUp = 3;

struct Target {
    std::uint16_t port = 0;
    std::string path;
    std::string headers;
};

struct Measured {
    double cpu_ms = 0;  // of one request, median of the runs
    std::size_t body_bytes = 0;
    std::size_t spans = 0;
};

std::size_t count_of(std::string_view text, std::string_view word) {
    std::size_t count = 0;
    for (std::size_t at = text.find(word); at != std::string_view::npos;
         at = text.find(word, at + word.size())) {
        ++count;
    }
    return count;
}

// Whoever answers less than all the spans is not measured.
void check_answer(const Target& target) {
    Connection connection = Connection::open(target.port);
    const Connection::Answer answer = connection.get(target.path, "", true);
    const std::size_t spans = count_of(answer.body, "\"operationName\"");
    if (answer.status != 200 || spans != kTraces * kSpans) {
        throw std::runtime_error(fmt::format(
            "{} answered {} with {} spans instead of 10000: {}",
            target.path,
            answer.status,
            spans,
            answer.body.substr(0, 300)
        ));
    }
}

class Contest {
 public:
    Contest(Child& process, Target target)
        : process_(process),
          target_(std::move(target)),
          connection_(Connection::open(target_.port)) {
        check_answer(target_);
        for (int i = 0; i < kWarmUp; ++i) {
            request();
        }
    }

    void run() {
        const double before = process_.cpu_ms();
        for (int i = 0; i < kRequestsPerRun; ++i) {
            request();
        }
        times_.push_back((process_.cpu_ms() - before) / kRequestsPerRun);
    }

    [[nodiscard]] double cpu_ms() const { return median(times_); }
    [[nodiscard]] std::size_t body_bytes() const { return body_bytes_; }

 private:
    void request() {
        const Connection::Answer answer = connection_.get(target_.path, target_.headers, false);
        if (answer.status != 200) {
            throw std::runtime_error(fmt::format("{} answered {}", target_.path, answer.status));
        }
        body_bytes_ = answer.body_bytes;
    }

    Child& process_;
    Target target_;
    Connection connection_;
    std::vector<double> times_;
    std::size_t body_bytes_ = 0;
};

std::string our_path() {
    return fmt::format(
        "/api/namespaces/bookinfo/apps/productpage/traces?limit=20&startMicros={}&endMicros={}",
        kFirstStartMicros - 60'000'000,
        kFirstStartMicros + 600'000'000
    );
}

std::uint64_t calls_so_far(std::uint16_t replay_port) {
    return std::stoull(Connection::open(replay_port).get("/calls", "", true).body);
}

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

Line peak_memory(
    const Options& options, const std::string& jaeger, bool grpc, std::string_view name
) {
    std::vector<double> ratios;
    std::vector<double> peaks;
    for (int i = 0; i < 3; ++i) {
        ServerUnderTest server(options.server, jaeger, grpc);
        Connection connection = Connection::open(server.port());
        connection.get("/healthz", "", false);
        std::this_thread::sleep_for(std::chrono::milliseconds(300));
        const double idle = server.process().resident_mb();
        const Connection::Answer answer = connection.get(our_path(), "", false);
        peaks.push_back(server.process().peak_mb() - idle);
        ratios.push_back(peaks.back() * 1e6 / static_cast<double>(answer.body_bytes));
    }
    Line line;
    line.name = fmt::format("peak memory above idle, {}; ratio to the body", name);
    line.unit = "MB";
    line.ours = median(peaks);
    line.ratio = median(ratios);
    line.goal = Line::Goal::kAtMost;
    line.target = 3;
    return line;
}

}  // namespace

void bench_traces(const Options& options, Report& report) {
    const std::uint16_t http = free_port();
    const std::uint16_t grpc = free_port();
    const std::uint16_t plain = free_port();
    Child replay({options.self, "--replay", std::to_string(http), std::to_string(grpc)});
    wait_for_port(http);
    wait_for_port(grpc);
    Child baseline(
        {options.self,
         "--baseline",
         std::to_string(plain),
         std::to_string(http),
         std::to_string(grpc)}
    );
    wait_for_port(plain);
    const std::string http_url = fmt::format("http://127.0.0.1:{}/jaeger", http);
    const std::string grpc_url = fmt::format("http://127.0.0.1:{}/jaeger", grpc);
    const std::string gzip = "Accept-Encoding: gzip\r\n";
    {
        ServerUnderTest server(options.server, http_url, false);
        Contest ours(server.process(), {server.port(), our_path(), ""});
        Contest theirs(baseline, {plain, "/http", ""});
        const std::uint64_t calls = calls_so_far(http);
        report.lines.push_back(compare("HTTP JSON to JSON", ours, theirs, options.runs, 15));
        const auto made = static_cast<double>(calls_so_far(http) - calls) /
                          (2.0 * options.runs * kRequestsPerRun);
        report.notes.push_back(fmt::format(
            "body {:.2f} MB, baseline's {:.2f} MB; {:.2f} searches upstream for each request",
            static_cast<double>(ours.body_bytes()) / 1e6,
            static_cast<double>(theirs.body_bytes()) / 1e6,
            made
        ));
        Contest ours_gzip(server.process(), {server.port(), our_path(), gzip});
        Contest theirs_gzip(baseline, {plain, "/http", gzip});
        report.lines.push_back(
            compare("HTTP JSON to JSON, gzip", ours_gzip, theirs_gzip, options.runs, 12)
        );
        report.notes.push_back(fmt::format(
            "gzip body {:.2f} MB, baseline's (zlib 6) {:.2f} MB",
            static_cast<double>(ours_gzip.body_bytes()) / 1e6,
            static_cast<double>(theirs_gzip.body_bytes()) / 1e6
        ));
    }
    {
        ServerUnderTest server(options.server, grpc_url, true);
        Contest ours(server.process(), {server.port(), our_path(), ""});
        Contest theirs(baseline, {plain, "/grpc", ""});
        report.lines.push_back(compare("gRPC api_v2 to JSON", ours, theirs, options.runs, 6));
    }
    report.lines.push_back(peak_memory(options, http_url, false, "HTTP"));
    report.lines.push_back(peak_memory(options, grpc_url, true, "gRPC"));
}

}  // namespace meshscope::bench
