#pragma once

#include "business/trace_graph.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

namespace meshscope::business {

// Of calls, in nanoseconds. A percentile is the smallest value that as many percent do not exceed.
struct FlowDurations {
    std::int64_t min = 0;
    std::int64_t median = 0;
    std::int64_t p95 = 0;
    std::int64_t max = 0;
    double average = 0;
};

// What of many traces lies on one node or edge.
struct FlowPart {
    std::uint32_t index = 0;   // of the node or edge
    std::uint32_t traces = 0;  // with a span there
    std::uint64_t spans = 0;
    std::uint64_t calls = 0;   // of edges: what several spans tell of one call counts once
    std::uint64_t errors = 0;  // of edges: calls with an error on any side; of nodes: spans
    FlowDurations durations;   // of the calls, as the caller saw them where it tells
};

// Spans of one workload that have no place, for one reason.
struct FlowLeftOut {
    Unplaced reason = Unplaced::kHidden;
    std::string ns;
    std::string workload;
    std::uint64_t spans = 0;
};

// Many traces on one graph. Traces are added one after the other and need not be kept.
class TraceFlow {
 public:
    static constexpr std::size_t kMostLeftOut = 1000;  // kinds told apart; others count in `more`

    TraceFlow() = default;  // of no graph
    explicit TraceFlow(const models::Graph& graph);

    void add(const models::Trace& trace, const TraceOnGraph& laid);

    [[nodiscard]] std::vector<FlowPart> nodes() const;  // those with spans, ascending by index
    [[nodiscard]] std::vector<FlowPart> edges() const;  // likewise
    [[nodiscard]] std::vector<FlowLeftOut> left_out() const;  // by reason, namespace, workload
    [[nodiscard]] std::uint64_t left_out_more() const { return more_; }
    [[nodiscard]] std::uint64_t placed() const { return placed_; }
    [[nodiscard]] std::uint64_t total() const { return total_; }

 private:
    struct Part {
        std::uint32_t traces = 0;
        std::uint32_t last_trace = 0;  // the number of the one counted last; they begin at 1
        std::uint64_t spans = 0;
        std::uint64_t errors = 0;
        std::vector<std::int64_t> durations;  // of each call
    };
    void count(Part& part, bool error) const;

    std::vector<Part> nodes_;
    std::vector<Part> edges_;
    std::map<std::tuple<Unplaced, std::string, std::string>, std::uint64_t> left_out_;
    std::uint64_t more_ = 0;
    std::uint64_t placed_ = 0;
    std::uint64_t total_ = 0;
    std::uint32_t trace_ = 0;
};

}  // namespace meshscope::business
