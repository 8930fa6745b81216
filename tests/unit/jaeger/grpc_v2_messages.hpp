#pragma once

#include "jaeger/api_v2/query.pb.h"

#include <cstdint>
#include <string>

namespace meshscope::test {

namespace v2 = ::jaeger::api_v2;

inline std::string be64(std::uint64_t value) {
    std::string out(8, '\0');
    for (std::size_t i = 0; i < 8; ++i) {
        out[i] = static_cast<char>(value >> (56 - 8 * i));
    }
    return out;
}

inline std::string id16(std::uint64_t high, std::uint64_t low) { return be64(high) + be64(low); }

inline v2::Span& add_span(
    v2::SpansResponseChunk& chunk,
    const std::string& trace_id,
    std::uint64_t span_id,
    const std::string& operation = "op"
) {
    v2::Span& span = *chunk.add_spans();
    span.set_trace_id(trace_id);
    span.set_span_id(be64(span_id));
    span.set_operation_name(operation);
    span.mutable_start_time()->set_seconds(1'787'220'000);
    span.mutable_start_time()->set_nanos(static_cast<std::int32_t>(span_id % 1000));
    span.mutable_duration()->set_nanos(1'999);
    span.mutable_process()->set_service_name("reviews.bookinfo");
    return span;
}

inline v2::KeyValue& add_tag(v2::Span& span, const std::string& key, v2::ValueType type) {
    v2::KeyValue& tag = *span.add_tags();
    tag.set_key(key);
    tag.set_v_type(type);
    return tag;
}

// A message with one complete span of everything.
inline std::string full_chunk() {
    v2::SpansResponseChunk chunk;
    v2::Span& span = add_span(
        chunk, id16(0x0af7651916cd43dd, 0x8448eb211c80319c), 0xb7ad6b7169203331, "GET /reviews"
    );
    span.mutable_start_time()->set_nanos(123'456'789);
    span.set_flags(1);
    auto& child = *span.add_references();
    child.set_trace_id(span.trace_id());
    child.set_span_id(be64(7));
    auto& follows = *span.add_references();
    follows.set_trace_id(id16(1, 2));
    follows.set_span_id(be64(8));
    follows.set_ref_type(v2::FOLLOWS_FROM);
    add_tag(span, "s", v2::STRING).set_v_str("text");
    add_tag(span, "b", v2::BOOL).set_v_bool(true);
    add_tag(span, "i", v2::INT64).set_v_int64(9'007'199'254'740'993);
    add_tag(span, "d", v2::FLOAT64).set_v_float64(-0.5);
    add_tag(span, "y", v2::BINARY).set_v_binary(std::string("\0\xff", 2));
    auto& log = *span.add_logs();
    log.mutable_timestamp()->set_seconds(1'787'220'001);
    auto& field = *log.add_fields();
    field.set_key("event");
    field.set_v_str("retry");
    auto& tag = *span.mutable_process()->add_tags();
    tag.set_key("ip");
    tag.set_v_str("10.0.0.1");
    span.add_warnings("clock skew");
    return chunk.SerializeAsString();
}

}  // namespace meshscope::test
