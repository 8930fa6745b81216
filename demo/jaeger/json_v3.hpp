#pragma once

#include "demo/jaeger/trace_archive.hpp"

#include <span>
#include <string>

namespace meshscope::demo {

// {"result":{"resourceSpans":[...]}}: all traces in one list. Ids in hex, enumerations as numbers,
// 64-bit numbers as text, members that are zero or empty left out.
std::string otlp_json(std::span<const TraceRecordPtr> traces);

// {"summaries":[...]}
std::string summaries_json(std::span<const TraceRecordPtr> traces);

}  // namespace meshscope::demo
