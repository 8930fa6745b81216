#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace meshscope::bench {

// What the benchmarks are fed with: traces of a mesh as Envoy's sidecars report them, the same
// bytes on every machine.
struct BenchTag {
    std::string key;
    std::string value;
    bool is_number = false;  // an int64 on the wire
};

struct BenchSpan {
    std::uint64_t id = 0;
    std::uint64_t parent = 0;  // 0: none
    std::uint64_t start_us = 0;
    std::uint64_t duration_us = 0;
    std::string operation;
    std::vector<BenchTag> tags;
    std::size_t process = 0;
};

struct BenchProcess {
    std::string service;
    std::vector<BenchTag> tags;
};

struct BenchTrace {
    std::uint64_t id_high = 0;
    std::uint64_t id_low = 0;
    std::vector<BenchProcess> processes;
    std::vector<BenchSpan> spans;
};

inline constexpr std::uint64_t kFirstStartMicros = 1'763'683'200'000'000;
inline constexpr std::size_t kTraces = 20;
inline constexpr std::size_t kSpans = 500;
inline constexpr std::string_view kService = "productpage.bookinfo";

std::vector<BenchTrace> make_traces(std::size_t traces, std::size_t spans_per_trace);

// The answer of Jaeger's /api/traces.
std::string to_jaeger_json(const std::vector<BenchTrace>& traces);

}  // namespace meshscope::bench
