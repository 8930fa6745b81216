#include "business/critical_path.hpp"

#include <algorithm>
#include <limits>

namespace meshscope::business {

namespace {

using models::kNoSpan;
using models::Span;
using models::Trace;

struct Interval {
    std::int64_t from = 0;
    std::int64_t to = 0;
};

Interval interval_of(const Span& span) {
    constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
    const bool overflow = span.start_ns > kMax - span.duration_ns;
    return {span.start_ns, overflow ? kMax : span.start_ns + span.duration_ns};
}

Interval clip(Interval inner, Interval outer) {
    return {std::max(inner.from, outer.from), std::min(inner.to, outer.to)};
}

void link_children(const Trace& trace, TraceShape& shape) {
    const std::size_t count = trace.spans.size();
    shape.first_child.assign(count + 1, 0);
    for (std::uint32_t i = 0; i < count; ++i) {
        const std::uint32_t parent = trace.spans[i].parent;
        if (parent == kNoSpan) {
            shape.roots.push_back(i);
        } else {
            ++shape.first_child[parent + 1];
        }
    }
    for (std::size_t i = 0; i < count; ++i) {
        shape.first_child[i + 1] += shape.first_child[i];
    }
    shape.children.resize(count - shape.roots.size());
    std::vector<std::uint32_t> next(shape.first_child.begin(), shape.first_child.end() - 1);
    for (std::uint32_t i = 0; i < count; ++i) {
        if (trace.spans[i].parent != kNoSpan) {
            shape.children[next[trace.spans[i].parent]++] = i;
        }
    }
}

}  // namespace

TraceShape trace_shape(const Trace& trace) {
    const std::size_t count = trace.spans.size();
    TraceShape shape;
    link_children(trace, shape);
    shape.depth.assign(count, 0);
    shape.root.assign(count, 0);
    shape.subtree.assign(count, 1);
    shape.preorder.reserve(count);
    std::vector<std::uint32_t> stack(shape.roots.rbegin(), shape.roots.rend());
    while (!stack.empty()) {
        const std::uint32_t at = stack.back();
        stack.pop_back();
        shape.preorder.push_back(at);
        const std::uint32_t parent = trace.spans[at].parent;
        shape.depth[at] = parent == kNoSpan ? 0 : shape.depth[parent] + 1;
        shape.root[at] = parent == kNoSpan ? at : shape.root[parent];
        const auto children = shape.children_of(at);
        for (std::size_t i = children.size; i > 0; --i) {
            stack.push_back(children[i - 1]);
        }
    }
    for (auto it = shape.preorder.rbegin(); it != shape.preorder.rend(); ++it) {
        if (trace.spans[*it].parent != kNoSpan) {
            shape.subtree[trace.spans[*it].parent] += shape.subtree[*it];
        }
    }
    return shape;
}

std::vector<std::int64_t> self_times(const Trace& trace, const TraceShape& shape) {
    std::vector<std::int64_t> self(trace.spans.size());
    for (std::uint32_t i = 0; i < trace.spans.size(); ++i) {
        const Interval own = interval_of(trace.spans[i]);
        std::int64_t covered = 0;
        std::int64_t reached = own.from;
        for (const std::uint32_t child : shape.children_of(i)) {
            const Interval part = clip(interval_of(trace.spans[child]), {reached, own.to});
            if (part.to > part.from) {
                covered += part.to - part.from;
                reached = part.to;
            }
        }
        self[i] = own.to - own.from - covered;
    }
    return self;
}

std::vector<std::int64_t> critical_times(const Trace& trace, const TraceShape& shape) {
    struct Visit {
        std::uint32_t span = 0;
        Interval window;  // the part of the path that this span and those below it hold
    };
    std::vector<std::int64_t> critical(trace.spans.size(), 0);
    std::vector<Visit> stack;
    std::vector<Visit> children;  // of the span at hand, latest end first
    for (const std::uint32_t root : shape.roots) {
        stack.push_back({root, interval_of(trace.spans[root])});
        while (!stack.empty()) {
            const Visit at = stack.back();
            stack.pop_back();
            children.clear();
            for (const std::uint32_t child : shape.children_of(at.span)) {
                const Interval window = clip(interval_of(trace.spans[child]), at.window);
                if (window.to > window.from) {
                    children.push_back({child, window});
                }
            }
            std::sort(children.begin(), children.end(), [](const Visit& a, const Visit& b) {
                return a.window.to != b.window.to ? a.window.to > b.window.to : a.span < b.span;
            });
            std::int64_t cursor = at.window.to;
            std::int64_t own = at.window.to - at.window.from;
            for (const Visit& child : children) {
                if (child.window.to <= cursor) {
                    own -= child.window.to - child.window.from;
                    cursor = child.window.from;
                    stack.push_back(child);
                }
            }
            critical[at.span] = own;
        }
    }
    return critical;
}

}  // namespace meshscope::business
