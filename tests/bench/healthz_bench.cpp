#include "tests/bench/entries.hpp"
#include "tests/bench/server_under_test.hpp"
#include "tests/bench/sockets.hpp"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <thread>

namespace meshscope::bench {

namespace {

struct Load {
    double per_second = 0;
    double cpu_us = 0;  // of one request
};

std::string output_of(const std::string& command) {
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
    std::string out;
    std::array<char, 4096> buffer{};
    while (pipe && fgets(buffer.data(), static_cast<int>(buffer.size()), pipe.get()) != nullptr) {
        out += buffer.data();
    }
    return out;
}

// wrk's own count and rate; an answer that is no success spoils the measurement.
Load load(Child& process, std::uint16_t port) {
    const double before = process.cpu_ms();
    const std::string out =
        output_of(fmt::format("wrk -t1 -c32 -d2s http://127.0.0.1:{}/healthz 2>&1", port));
    const double cpu_ms = process.cpu_ms() - before;
    const std::size_t count = out.find(" requests in ");
    const std::size_t rate = out.find("Requests/sec:");
    if (count == std::string::npos || rate == std::string::npos ||
        out.find("Non-2xx") != std::string::npos ||
        out.find("Socket errors") != std::string::npos) {
        throw std::runtime_error("wrk could not measure (Debian package wrk): " + out);
    }
    const std::size_t begin = out.rfind('\n', count) + 1;
    return {
        std::stod(out.substr(rate + 13)),
        cpu_ms * 1000 / std::stod(out.substr(begin, count - begin))
    };
}

}  // namespace

void bench_healthz(const Options& options, Report& report) {
    ServerUnderTest server(options.server, {});
    Connection::open(server.port()).get("/healthz", "", false);
    std::this_thread::sleep_for(std::chrono::seconds(1));
    Line idle;
    idle.name = "resident memory, idle";
    idle.unit = "MB";
    idle.ours = server.process().resident_mb();
    idle.goal = Line::Goal::kAtMost;
    idle.target = 40;

    const std::uint16_t port = free_port();
    Child bare({options.self, "--bare", std::to_string(port)});
    wait_for_port(port);
    load(server.process(), server.port());
    load(bare, port);
    std::vector<double> ours;
    std::vector<double> theirs;
    std::vector<double> our_cpu;
    std::vector<double> their_cpu;
    for (int i = 0; i < options.runs; ++i) {
        const Load mine = load(server.process(), server.port());
        const Load other = load(bare, port);
        ours.push_back(mine.per_second);
        theirs.push_back(other.per_second);
        our_cpu.push_back(mine.cpu_us);
        their_cpu.push_back(other.cpu_us);
    }
    report.lines.push_back(
        {"/healthz against bare Beast",
         "req/s",
         median(ours),
         median(theirs),
         median(ours) / median(theirs),
         Line::Goal::kAtLeast,
         0.8}
    );
    report.lines.push_back(
        {"/healthz against bare Beast, CPU",
         "us CPU",
         median(our_cpu),
         median(their_cpu),
         median(their_cpu) / median(our_cpu),
         Line::Goal::kNone,
         0}
    );
    report.lines.push_back(idle);
}

}  // namespace meshscope::bench
