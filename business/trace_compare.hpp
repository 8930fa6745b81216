#pragma once

#include "business/trace_summary.hpp"
#include "business/trace_view.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace meshscope::business {

inline constexpr std::size_t kMaxComparedNodes = 2000;  // of each list

// The spans of a trace that stand at the same place: the services from the root down to theirs
// (one after the other once) and the operation. Hidden spans are no nodes; on the way down they
// are "redacted".
struct ComparedNode {
    std::vector<std::string> path;
    std::string operation;  // not masked yet
    std::uint32_t in_a = 0;
    std::uint32_t in_b = 0;
    std::int64_t duration_a_ns = 0;  // of all of them together
    std::int64_t duration_b_ns = 0;
    std::uint32_t errors_a = 0;
    std::uint32_t errors_b = 0;
};

// Each list in the order of the waterfalls: a's, then what only b has.
struct TraceComparison {
    TraceSummary a;
    TraceSummary b;
    std::vector<ComparedNode> both;
    std::vector<ComparedNode> only_a;
    std::vector<ComparedNode> only_b;
    std::uint64_t cut = 0;  // nodes beyond kMaxComparedNodes
};

// Pure; O(n log n) in spans.
TraceComparison compare_traces(const TraceView& a, const TraceView& b);

}  // namespace meshscope::business
