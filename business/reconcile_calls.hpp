#pragma once

#include "business/reconcile_edges.hpp"
#include "business/reconcile_rules.hpp"
#include "business/trace_view.hpp"
#include "core/clock.hpp"
#include "core/ids.hpp"

#include <cstdint>
#include <unordered_set>
#include <vector>

namespace meshscope::business {

// The calls of one workload in the traces that were found, each once, on their edges. Only visible
// spans are read; of a hidden one at the other end of a visible one counts that it is there. Not
// thread-safe; the book must outlive it.
class FoundCalls {
 public:
    explicit FoundCalls(EdgeBook& book) : book_(book) {}

    // O(spans). A trace that was added before adds nothing.
    void add(const TraceView& view);

    // By edge of the book; calls that ended after the window's start and not after its end, as the
    // workload's span says, else as the peer's.
    [[nodiscard]] std::vector<EdgeCalls> within(TimeRange window) const;

 private:
    struct Call {
        std::int64_t end_ns = 0;
        std::uint32_t edge = 0;
        std::uint32_t trace = 0;
        bool own = false;
        bool peer = false;
        bool hidden = false;
        bool peer_lost = false;
        bool error = false;
        bool silent = false;
        bool begun = false;
    };
    class Reader;

    EdgeBook& book_;
    std::unordered_set<TraceId> seen_;
    std::vector<Call> calls_;  // those of a trace together
};

}  // namespace meshscope::business
