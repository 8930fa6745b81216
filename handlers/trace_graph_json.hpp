#pragma once

#include "business/trace_graphs.hpp"
#include "core/json_writer.hpp"

namespace meshscope::handlers {

// {"traceID","graphType","namespaces","hops","unplaced","placed","total","meta"}
void write_laid_trace(JsonWriter& json, const business::LaidTrace& laid);
// {"graphType","namespaces","traces","missing","failed","nodes","edges","unplaced","placed",
// "total","meta"}
void write_laid_traces(JsonWriter& json, const business::LaidTraces& laid);

}  // namespace meshscope::handlers
