#pragma once

#include "clients/trace_store.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>

namespace meshscope::clients::jaeger {

// For google.protobuf.Timestamp and Duration: the fraction is never negative, as both want it for
// times before 1970; durations here are not negative.
template <class Message>
void set_micros(Message& out, std::int64_t micros) {
    constexpr std::int64_t kMicrosPerSecond = 1'000'000;
    std::int64_t rest = micros % kMicrosPerSecond;
    rest += rest < 0 ? kMicrosPerSecond : 0;
    out.set_seconds((micros - rest) / kMicrosPerSecond);
    out.set_nanos(static_cast<std::int32_t>(rest * 1'000));
}

// At least 1: some stores fail without.
inline std::int32_t search_depth(const TraceQuery& query) {
    constexpr std::uint32_t kMost = std::numeric_limits<std::int32_t>::max();
    return static_cast<std::int32_t>(std::clamp<std::uint32_t>(query.limit, 1, kMost));
}

}  // namespace meshscope::clients::jaeger
