#pragma once

#include "demo/jaeger/trace_archive.hpp"
#include "demo/mesh/event_stream.hpp"
#include "demo/net/http_message.hpp"

namespace meshscope::demo {

// POST /gaps?sampling=PERCENT&drop=WORKLOAD:PERCENT,...&no-context=APP,...: what of all requests
// does not get to Jaeger, of those that it has already, too. What is left out is as without gaps.
HttpReply set_gaps(const HttpRequest& request, const EventStream& stream, TraceArchive& archive);

}  // namespace meshscope::demo
