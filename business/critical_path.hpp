#pragma once

#include "models/trace.hpp"

#include <cstdint>
#include <vector>

namespace meshscope::business {

// The tree of a trace, all by index into Trace::spans. Orphans and true roots are both roots here.
struct TraceShape {
    std::vector<std::uint32_t> roots;        // ascending by start
    std::vector<std::uint32_t> first_child;  // spans + 1 entries: children of i are
                                             // children[first_child[i], first_child[i+1])
    std::vector<std::uint32_t> children;     // siblings ascending by start
    std::vector<std::uint32_t>
        preorder;  // every span once, a parent before its children: rows of a waterfall
    std::vector<std::uint32_t> depth;    // 0 for a root
    std::vector<std::uint32_t> root;     // the root above each span
    std::vector<std::uint32_t> subtree;  // spans in the subtree, itself included

    [[nodiscard]] models::Slice<std::uint32_t> children_of(std::uint32_t span) const {
        return {children.data() + first_child[span], first_child[span + 1] - first_child[span]};
    }
};

// O(n), no recursion: a chain of 100 000 spans is fine.
TraceShape trace_shape(const models::Trace& trace);

// Nanoseconds of each span not covered by any child (union of the children's intervals, cut at the
// span's own). O(n).
std::vector<std::int64_t> self_times(const models::Trace& trace, const TraceShape& shape);

// Nanoseconds that each span itself is on the critical path of its root: walking back from the
// root's end, the child that ended last holds the path until its start, then the child that had
// ended before that, and so on; what no child holds is the parent's own. Children are cut at their
// parent's interval. The times of a tree add up to the duration of its root. O(n log n).
std::vector<std::int64_t> critical_times(const models::Trace& trace, const TraceShape& shape);

}  // namespace meshscope::business
