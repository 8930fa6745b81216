#pragma once

#include "business/trace_view.hpp"
#include "core/ids.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace meshscope::business {

struct ServiceSummary {
    std::string name;
    std::uint32_t spans = 0;
    std::uint32_t errors = 0;
};

// A trace in a line of a list. Hidden spans are counted, but name nothing.
struct TraceSummary {
    TraceId id;
    std::string root_service;    // of the root that starts first; "" when it is hidden
    std::string root_operation;  // not masked yet
    std::int64_t start_us = 0;
    std::int64_t duration_us = 0;  // earliest start to latest end of all spans
    std::uint32_t spans = 0;
    std::uint32_t errors = 0;   // among visible spans
    std::uint32_t orphans = 0;  // spans whose parent is not in the trace
    std::uint32_t hidden = 0;
    std::vector<ServiceSummary> services;  // of visible spans; ascending by name
};

TraceSummary summarize(const TraceView& view);

}  // namespace meshscope::business
