#pragma once

#include "demo/mesh/events.hpp"
#include "demo/mesh/topology.hpp"
#include "demo/spans/span_record.hpp"

namespace meshscope::demo {

// The spans that proxies and gateways report for a request. A request whose every report was lost
// gives a trace without spans.
TraceRecord render_spans(const Request& request, const Topology& topology);

}  // namespace meshscope::demo
