#include "tests/bench/prometheus.hpp"

#include "tests/bench/sockets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <thread>

namespace meshscope::bench {

namespace {

constexpr std::uint64_t kStep = 15;
constexpr std::uint64_t kSliceSamples = 120;
constexpr std::size_t kBatchBytes = 1024UL * 1024;

// What the command prints, without the end of its line. Throws when it fails.
std::string output_of(const std::string& command) {
    std::FILE* const pipe = popen(command.c_str(), "r");  // NOLINT: a command of our own
    if (pipe == nullptr) {
        throw std::runtime_error("cannot run " + command);
    }
    std::string out;
    std::array<char, 4096> piece{};
    while (std::fgets(piece.data(), static_cast<int>(piece.size()), pipe) != nullptr) {
        out += piece.data();
    }
    if (pclose(pipe) != 0) {
        throw std::runtime_error("failed: " + command);
    }
    while (out.ends_with('\n')) {
        out.pop_back();
    }
    return out;
}

void wait_until_ready(std::uint16_t port) {
    wait_for_port(port);
    for (int i = 0; i < 600; ++i) {
        Connection connection = Connection::open(port);
        if (connection.get("/-/ready", "", false).status == 200) {
            return;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    throw std::runtime_error("Prometheus was not ready within a minute");
}

void put_varint(std::string& out, std::uint64_t number) {
    for (; number > 0x7F; number >>= 7U) {
        out.push_back(static_cast<char>((number & 0x7FU) | 0x80U));
    }
    out.push_back(static_cast<char>(number));
}

void put_bytes(std::string& out, std::uint64_t field, std::string_view bytes) {
    put_varint(out, field << 3U | 2U);
    put_varint(out, bytes.size());
    out += bytes;
}

// Sample `number` of a series is of `begin + number * kStep`, unix seconds.
struct Slice {
    std::uint64_t begin = 0;
    std::uint64_t first = 0;
    std::uint64_t last = 0;  // not among them
};

// A TimeSeries of Prometheus' remote write, as a field of the request.
void put_series(std::string& out, const GrowingSeries& series, const Slice& slice) {
    std::string body;
    for (const auto& [name, value] : series.labels) {
        std::string label;
        put_bytes(label, 1, name);
        put_bytes(label, 2, value);
        put_bytes(body, 1, label);
    }
    for (std::uint64_t i = slice.first; i < slice.last; ++i) {
        std::string sample;
        put_varint(sample, 1U << 3U | 1U);
        auto bits = std::bit_cast<std::uint64_t>(series.each * static_cast<double>(i));
        for (int byte = 0; byte < 8; ++byte, bits >>= 8U) {
            sample.push_back(static_cast<char>(bits & 0xFFU));
        }
        put_varint(sample, 2U << 3U);
        put_varint(sample, (slice.begin + i * kStep) * 1000);
        put_bytes(body, 2, sample);
    }
    put_bytes(out, 1, body);
}

// As snappy has it, with nothing but literals.
std::string framed(std::string_view bytes) {
    std::string out;
    put_varint(out, bytes.size());
    while (!bytes.empty()) {
        const std::string_view piece = bytes.substr(0, 65'536);
        bytes.remove_prefix(piece.size());
        out.push_back(static_cast<char>(61U << 2U));  // a length of two bytes follows
        out.push_back(static_cast<char>((piece.size() - 1) & 0xFFU));
        out.push_back(static_cast<char>((piece.size() - 1) >> 8U));
        out += piece;
    }
    return out;
}

void post(Connection& connection, std::string_view request) {
    const std::string body = framed(request);
    connection.send(fmt::format(
        "POST /api/v1/write HTTP/1.1\r\nHost: localhost\r\n"
        "Content-Type: application/x-protobuf\r\nContent-Encoding: snappy\r\n"
        "X-Prometheus-Remote-Write-Version: 0.1.0\r\nContent-Length: {}\r\n\r\n",
        body.size()
    ));
    connection.send(body);
    const std::string head = connection.read_head();
    if (head.find(" 204 ") > head.find("\r\n")) {
        throw std::runtime_error("Prometheus takes no samples: " + head.substr(0, 300));
    }
}

}  // namespace

Prometheus::Prometheus(
    const std::vector<GrowingSeries>& series, std::uint64_t end, std::uint64_t seconds
)
    : port_(free_port()) {
    const std::string program = output_of("python3 tools/dev/demo_prometheus.py");
    std::string pattern =
        (std::filesystem::temp_directory_path() / "meshscope-prometheus-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) {
        throw std::runtime_error("cannot make a folder for Prometheus");
    }
    folder_ = pattern;
    std::ofstream(folder_ + "/prometheus.yml") << "global: {scrape_interval: 15s}\n";
    child_ = std::make_unique<Child>(std::vector<std::string>{
        program,
        "--config.file=" + folder_ + "/prometheus.yml",
        "--storage.tsdb.path=" + folder_ + "/data",
        "--storage.tsdb.retention.time=100y",
        "--web.enable-remote-write-receiver",
        fmt::format("--web.listen-address=127.0.0.1:{}", port_),
        "--log.level=error",
    });
    wait_until_ready(port_);
    Connection connection = Connection::open(port_);
    // From old to new: what is an hour older than the newest sample is refused.
    const std::uint64_t samples = seconds / kStep + 1;
    for (Slice slice{end - seconds, 0, 0}; slice.last < samples; slice.first = slice.last) {
        slice.last = std::min(slice.first + kSliceSamples, samples);
        std::string request;
        for (const GrowingSeries& one : series) {
            put_series(request, one, slice);
            if (request.size() > kBatchBytes) {
                post(connection, request);
                request.clear();
            }
        }
        post(connection, request);
    }
}

Prometheus::~Prometheus() {
    child_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

}  // namespace meshscope::bench
