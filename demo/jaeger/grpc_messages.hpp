#pragma once

#include "core/result.hpp"
#include "demo/jaeger/trace_archive.hpp"
#include "jaeger/api_v2/query.pb.h"

namespace meshscope::demo {

void fill_span(const TraceRecord& trace, const SpanRecord& span, jaeger::api_v2::Span& out);

// Bounds that are not set mean none, as in the memory store.
SpanQuery to_query(const jaeger::api_v2::TraceQueryParameters& parameters);

}  // namespace meshscope::demo
