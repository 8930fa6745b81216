#pragma once

#include "business/logs.hpp"
#include "core/json_writer.hpp"

#include <cstdint>
#include <string>

namespace meshscope::handlers {

// A line as clients of old know it: message, severity, timestamp, timestampUnix (ms), accessLog.
void write_pod_line(JsonWriter& json, const models::LogLine& line);

// An entry of a timeline: a line with pod and container of its source, or a span.
void write_timeline_entry(
    JsonWriter& json,
    const business::LogTimeline& timeline,
    const business::LogEntry& entry,
    const business::Masker& masker
);

// A line of a timeline, from `place`.
void write_log_line(
    JsonWriter& json,
    const business::LogEntry& entry,
    const models::LogLine& line,
    const business::LogPlace& place
);

// A span of a timeline.
void write_span_entry(
    JsonWriter& json, const models::Trace& trace, std::uint32_t span, const business::Masker& masker
);

void write_source(JsonWriter& json, const business::SourceState& source);

}  // namespace meshscope::handlers
