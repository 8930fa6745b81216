#pragma once

#include "clients/trace_store.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <string>

namespace meshscope::clients::jaeger {

// What api_v3 wants over gRPC and HTTP alike.

// The same window, but never empty, since the start must lie before the end, and within what 64
// bits of nanoseconds reach, since stores count in them.
inline TimeRange v3_window(TimeRange window) {
    constexpr std::int64_t kFar = std::numeric_limits<std::int64_t>::max() / 1'000;
    const std::int64_t start = std::clamp(to_micros(window.start), -kFar, kFar - 1);
    const std::int64_t end = std::clamp(to_micros(window.end), start + 1, kFar);
    return {from_micros(start), from_micros(end)};
}

// Always 32 digits.
inline std::string v3_trace_id(TraceId id) {
    std::string out(32, '0');
    write_hex16(id.high, out.data());
    write_hex16(id.low, out.data() + 16);
    return out;
}

}  // namespace meshscope::clients::jaeger
