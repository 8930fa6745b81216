#pragma once

#include "async/awaitable.hpp"
#include "async/request_context.hpp"
#include "business/clock_offsets.hpp"
#include "business/meta.hpp"
#include "business/trace_gaps.hpp"
#include "business/traces.hpp"
#include "clients/cluster.hpp"
#include "core/clock.hpp"
#include "core/result.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <vector>

namespace meshscope {
class WorkerPool;
}

namespace meshscope::business {

inline constexpr std::uint32_t kMostTraceReads = 6;  // of one question
// Programs hand in their spans some seconds late; a trace that ended longer ago is quiet.
inline constexpr std::chrono::seconds kYoungTrace{15};
inline constexpr std::array<std::chrono::milliseconds, kMostTraceReads - 1> kReadPauses{
    std::chrono::milliseconds{250},
    std::chrono::milliseconds{500},
    std::chrono::milliseconds{1'000},
    std::chrono::milliseconds{2'000},
    std::chrono::milliseconds{4'000},
};

struct ForensicsQuery {
    TraceId id;
    std::chrono::milliseconds wait{0};  // at most so long for spans of a young trace
};

struct ForensicsAnswer {
    TraceView view;
    TraceGaps gaps;
    std::vector<ClockOffset> clocks;
    std::vector<HostSpans> hosts;  // of `clocks`
    std::uint32_t reads = 0;       // of the trace
    std::uint64_t arrived = 0;     // spans that came between the first read and the last
    bool young = false;            // it may not be whole yet
    Meta meta;
};

// What is missing in a trace and why, and how far apart the clocks of its hosts are. Reads a young
// trace again until two reads with at least a second between them gave the same, the query's wait
// is over, or kMostTraceReads. Usable from every thread; outlives its calls.
//
// Errors: those of Traces::by_id.
class Forensics {
 public:
    struct Parts {
        const Traces* traces = nullptr;
        clients::Cluster* cluster = nullptr;  // null: spans are taken at their word
        const Clock* clock = nullptr;
        WorkerPool* workers = nullptr;  // null: nothing is handed over
        std::array<std::chrono::milliseconds, kMostTraceReads - 1> pauses = kReadPauses;
        std::chrono::milliseconds quiet{1'000};  // so long without a new span
    };
    explicit Forensics(const Parts& parts) : parts_(parts) {}

    Awaitable<Result<ForensicsAnswer>> of(RequestContext context, ForensicsQuery query) const;

 private:
    struct Reading;
    Awaitable<Result<Reading>> read(RequestContext context, ForensicsQuery query) const;
    [[nodiscard]] bool is_young(const models::Trace& trace) const;

    Parts parts_;
};

}  // namespace meshscope::business
