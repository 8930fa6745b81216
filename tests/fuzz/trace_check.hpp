#pragma once

#include "models/trace.hpp"

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace meshscope::fuzz {

inline void require(bool holds) {
    if (!holds) {
        __builtin_trap();
    }
}

// The invariants of models::Trace.
inline void check_trace(const models::Trace& trace) {
    require(!trace.spans.empty());
    enum class Mark : std::uint8_t { kNew, kOpen, kDone };
    std::vector<Mark> marks(trace.spans.size(), Mark::kNew);
    std::vector<std::uint32_t> path;
    for (std::uint32_t i = 0; i < trace.spans.size(); ++i) {
        const models::Span& span = trace.spans[i];
        require(span.process < trace.processes.size());
        require(span.duration_ns >= 0);
        if (i > 0) {
            const models::Span& before = trace.spans[i - 1];
            require(std::pair(before.start_ns, before.id) <= std::pair(span.start_ns, span.id));
        }
        path.clear();
        std::uint32_t at = i;
        for (; at != models::kNoSpan && marks[at] == Mark::kNew; at = trace.spans[at].parent) {
            marks[at] = Mark::kOpen;
            path.push_back(at);
            require(
                trace.spans[at].parent == models::kNoSpan ||
                trace.spans[at].parent < trace.spans.size()
            );
        }
        require(at == models::kNoSpan || marks[at] == Mark::kDone);  // else a circle
        for (const std::uint32_t index : path) {
            marks[index] = Mark::kDone;
        }
    }
}

inline void check_traces(const std::vector<models::TracePtr>& traces) {
    for (const models::TracePtr& trace : traces) {
        check_trace(*trace);
    }
}

}  // namespace meshscope::fuzz
