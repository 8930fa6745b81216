#pragma once

#include "business/identity.hpp"
#include "models/trace.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

// How far apart the clocks of two hosts are, by the calls between them in one trace. Pure; nothing
// is ever moved by it.
namespace meshscope::business {

inline constexpr std::chrono::milliseconds kLeastOffset{1};  // less is not told from none
inline constexpr std::size_t kMostOffsets = 100;
inline constexpr std::size_t kMostHostSpans = 10'000;  // of all hosts together

// The clock of `to` is `offset` ahead of that of `from`.
struct ClockOffset {
    std::string from;  // node, else pod, host name or address; from < to
    std::string to;
    std::int64_t offset_ns = 0;
    // No request arrives before it was sent and no response before it was given: between these
    // bounds. low > high: no one offset explains all calls (a clock was set, or drifts); the offset
    // is then the median.
    std::int64_t low_ns = 0;
    std::int64_t high_ns = 0;
    std::int64_t spread_ns = 0;  // between the least and the largest estimate of a single call
    std::uint32_t samples = 0;   // calls
};

// Of pairs of a client and its one server span, which lasts no longer and is a CHILD_OF: spans that
// outlive their caller, and those that follow from another, say nothing. A pair of hosts is listed
// when its calls cannot be had with clocks that agree (within kLeastOffset): the estimate, half way
// between the bounds, is off by half of their distance at most. Ascending by (from, to), at most
// kMostOffsets. `hidden` as in TraceView, may be null: hidden spans are no samples. O(n log n).
std::vector<ClockOffset> clock_offsets(
    const models::Trace& trace, const TraceIdentities& identities, const std::vector<bool>* hidden
);

// The spans that were timed by the clock of one host.
struct HostSpans {
    std::string host;
    std::vector<std::size_t> spans;  // ascending
};

// Of each host that `offsets` names, ascending by host: what is to be moved where somebody wants to
// see the trace as one clock would have timed it. Hidden spans are left out; empty when there are
// more than kMostHostSpans. O(n log n).
std::vector<HostSpans> spans_of_hosts(
    const models::Trace& trace,
    const TraceIdentities& identities,
    const std::vector<bool>* hidden,
    const std::vector<ClockOffset>& offsets
);

}  // namespace meshscope::business
