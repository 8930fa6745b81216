#pragma once

#include "demo/spans/span_record.hpp"

#include <functional>
#include <string_view>
#include <vector>

namespace meshscope::demo {

// How Jaeger's older protocols (v1 JSON, gRPC api_v2) show a span: whatever they have no field for
// becomes a tag, lists and maps become JSON text, no value becomes empty text.
using TagSink = std::function<void(std::string_view key, const AttributeValue& value)>;

// Scope, attributes, kind, status, trace state: in this order.
void each_tag(const TraceRecord& trace, const SpanRecord& span, const TagSink& sink);
void each_process_tag(const ProcessRecord& process, const TagSink& sink);
// The event's name is its first field.
void each_field(const EventRecord& event, const TagSink& sink);

// Whether a tag is NaN or infinite.
bool has_non_finite(const TraceRecord& trace);

struct Reference {
    TraceId trace;
    SpanId span;
    bool child_of = true;  // else FOLLOWS_FROM
};

// The parent first, then the links.
std::vector<Reference> references(const TraceRecord& trace, const SpanRecord& span);

}  // namespace meshscope::demo
