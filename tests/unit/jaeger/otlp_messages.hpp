#pragma once

#include "opentelemetry/proto/trace/v1/trace.pb.h"
#include "tests/unit/jaeger/pieces.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

namespace meshscope::test {

namespace otlp = opentelemetry::proto::trace::v1;

inline std::string be64(std::uint64_t value) {
    std::string out(8, '\0');
    for (std::size_t i = 0; i < 8; ++i) {
        out[i] = static_cast<char>(value >> (56 - 8 * i));
    }
    return out;
}

inline std::string id16(std::uint64_t high, std::uint64_t low) { return be64(high) + be64(low); }

template <class Owner>
otlp::AnyValue& add_attribute(Owner& owner, const std::string& key) {
    otlp::KeyValue& attribute = *owner.add_attributes();
    attribute.set_key(key);
    return *attribute.mutable_value();
}

inline otlp::ScopeSpans& add_service(otlp::TracesData& data, const std::string& service) {
    otlp::ResourceSpans& resource = *data.add_resource_spans();
    add_attribute(*resource.mutable_resource(), "service.name").set_string_value(service);
    return *resource.add_scope_spans();
}

inline otlp::Span& add_span(
    otlp::ScopeSpans& scope,
    const std::string& trace_id,
    std::uint64_t span_id,
    const std::string& name = "op"
) {
    otlp::Span& span = *scope.add_spans();
    span.set_trace_id(trace_id);
    span.set_span_id(be64(span_id));
    span.set_name(name);
    span.set_start_time_unix_nano(1'787'220'000'000'000'000 + span_id % 1000);
    span.set_end_time_unix_nano(span.start_time_unix_nano() + 1'999);
    return span;
}

// One complete span of everything.
inline otlp::TracesData full_traces() {
    otlp::TracesData data;
    otlp::ScopeSpans& scope = add_service(data, "reviews.bookinfo");
    otlp::Resource& resource = *data.mutable_resource_spans(0)->mutable_resource();
    add_attribute(resource, "k8s.pod.name").set_string_value("reviews-v2-x");
    add_attribute(resource, "process.pid").set_int_value(7);
    scope.mutable_scope()->set_name("io.opentelemetry.http");
    scope.mutable_scope()->set_version("1.2");
    otlp::Span& span = add_span(
        scope, id16(0x0af7651916cd43dd, 0x8448eb211c80319c), 0xb7ad6b7169203331, "GET /reviews"
    );
    span.set_start_time_unix_nano(1'787'220'000'123'456'789);
    span.set_end_time_unix_nano(1'787'220'000'123'458'788);
    span.set_parent_span_id(be64(7));
    span.set_trace_state("vendor=1");
    span.set_kind(otlp::Span::SPAN_KIND_SERVER);
    span.set_flags(0x301);
    span.mutable_status()->set_code(otlp::Status::STATUS_CODE_ERROR);
    span.mutable_status()->set_message("broken");
    add_attribute(span, "s").set_string_value("text");
    add_attribute(span, "b").set_bool_value(true);
    add_attribute(span, "i").set_int_value(9'007'199'254'740'993);
    add_attribute(span, "d").set_double_value(-0.5);
    add_attribute(span, "y").set_bytes_value(std::string("\0\xff", 2));
    otlp::ArrayValue& array = *add_attribute(span, "a").mutable_array_value();
    array.add_values()->set_string_value("x");
    array.add_values()->set_int_value(2);
    otlp::KeyValue& nested = *add_attribute(span, "m").mutable_kvlist_value()->add_values();
    nested.set_key("k");
    nested.mutable_value()->set_bool_value(false);
    add_attribute(span, "none");
    add_attribute(span, "@jaeger@warnings")
        .mutable_array_value()
        ->add_values()
        ->set_string_value("clock skew");
    otlp::Span::Event& event = *span.add_events();
    event.set_time_unix_nano(1'787'220'001'000'000'000);
    event.set_name("retry");
    add_attribute(event, "attempt").set_int_value(2);
    otlp::Span::Link& link = *span.add_links();
    link.set_trace_id(id16(1, 2));
    link.set_span_id(be64(8));
    otlp::Span::Link& parent = *span.add_links();
    parent.set_trace_id(id16(3, 4));
    parent.set_span_id(be64(9));
    add_attribute(parent, "opentracing.ref_type").set_string_value("child_of");
    return data;
}

}  // namespace meshscope::test
