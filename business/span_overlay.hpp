#pragma once

#include "business/meta.hpp"
#include "business/traces.hpp"
#include "core/ids.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace meshscope::business {

inline constexpr std::size_t kDefaultOverlayPoints = 1000;
inline constexpr std::size_t kMaxOverlayPoints = 10'000;
inline constexpr std::size_t kOverlayBuckets = 15;

// A span on a chart of metrics.
struct OverlayPoint {
    std::int64_t time_us = 0;
    std::int64_t duration_us = 0;
    TraceId trace;
    SpanId span;
    bool error = false;
    std::string_view operation;  // points into the list's trace; not masked yet
};

// The spans that began in [from, to): a box plot of their durations, µs. Quartiles lie between
// neighbours where they fall between them, by linear interpolation at (count - 1) times 0.25, 0.5
// and 0.75 of the sorted durations.
struct OverlayBucket {
    std::int64_t from_us = 0;
    std::int64_t to_us = 0;
    std::uint64_t count = 0;  // at least 1
    double min = 0;
    double q1 = 0;
    double median = 0;
    double q3 = 0;
    double max = 0;
    double average = 0;
};

// One of the two is empty.
struct SpanOverlay {
    std::vector<OverlayPoint> points;    // ascending by time, then trace and span
    std::vector<OverlayBucket> buckets;  // ascending; of equal length; those without spans left out
};

// Pure. Points, or kOverlayBuckets buckets over the time of all spans when there are more of them
// than `most`. Views point into `list`.
SpanOverlay make_overlay(const SpanList& list, std::size_t most);

}  // namespace meshscope::business
