#pragma once

#include "demo/jaeger/trace_archive.hpp"
#include "opentelemetry/proto/trace/v1/trace.pb.h"

namespace meshscope::demo {

// A whole trace: spans of one resource and scope together.
opentelemetry::proto::trace::v1::TracesData to_otlp(const TraceRecord& trace);

}  // namespace meshscope::demo
