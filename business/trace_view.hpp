#pragma once

#include "async/request_context.hpp"
#include "business/access.hpp"
#include "models/trace.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace meshscope::business {

// A trace as one caller may see it. Cheap to copy; the trace itself is shared.
struct TraceView {
    models::TracePtr trace;
    std::shared_ptr<const std::vector<bool>> hidden;  // by span index; null: every span is visible

    [[nodiscard]] bool hides(std::size_t span) const { return hidden && (*hidden)[span]; }
    [[nodiscard]] std::uint64_t hidden_spans() const;
    [[nodiscard]] bool all_hidden() const;
};

struct SelectedSpans {
    TraceView view;
    std::vector<std::uint32_t> spans;  // ascending, visible, at least one
};

// A span is visible when its namespace is visible to the caller; a span of no known namespace only
// to callers that see everything.
TraceView view_for(const Access& access, const Caller& caller, models::TracePtr trace);

}  // namespace meshscope::business
