#include "demo/jaeger/grpc_messages.hpp"

#include "demo/jaeger/grpc_values.hpp"
#include "demo/jaeger/v1_mapping.hpp"

namespace meshscope::demo {
namespace v2 = jaeger::api_v2;
namespace {

constexpr std::int64_t kNanosInSecond = 1'000'000'000;

template <class Time>
void set_time(Time& out, std::int64_t nanos) {
    out.set_seconds(nanos / kNanosInSecond);
    out.set_nanos(static_cast<std::int32_t>(nanos % kNanosInSecond));
}

struct ValueSetter {
    v2::KeyValue& out;
    void operator()(const std::string& text) const {
        out.set_v_type(v2::STRING);
        out.set_v_str(text);
    }
    void operator()(bool flag) const {
        out.set_v_type(v2::BOOL);
        out.set_v_bool(flag);
    }
    void operator()(std::int64_t number) const {
        out.set_v_type(v2::INT64);
        out.set_v_int64(number);
    }
    void operator()(double number) const {
        out.set_v_type(v2::FLOAT64);
        out.set_v_float64(number);
    }
    void operator()(const Bytes& bytes) const {
        out.set_v_type(v2::BINARY);
        out.set_v_binary(bytes.data);
    }
    template <class Nothing>
    void operator()(const Nothing& /*mapped away*/) const {
        out.set_v_type(v2::STRING);
    }
};

TagSink into(google::protobuf::RepeatedPtrField<v2::KeyValue>& out) {
    return [&out](std::string_view key, const AttributeValue& value) {
        v2::KeyValue& pair = *out.Add();
        pair.set_key(key.data(), key.size());
        std::visit(ValueSetter{pair}, static_cast<const AnyValue&>(value));
    };
}

}  // namespace

void fill_span(const TraceRecord& trace, const SpanRecord& span, v2::Span& out) {
    out.set_trace_id(bytes_of(trace.id.high) + bytes_of(trace.id.low));
    out.set_span_id(bytes_of(span.id.value));
    out.set_operation_name(span.operation);
    for (const Reference& reference : references(trace, span)) {
        v2::SpanRef& entry = *out.add_references();
        entry.set_trace_id(bytes_of(reference.trace.high) + bytes_of(reference.trace.low));
        entry.set_span_id(bytes_of(reference.span.value));
        entry.set_ref_type(reference.child_of ? v2::CHILD_OF : v2::FOLLOWS_FROM);
    }
    set_time(*out.mutable_start_time(), span.start_ns);
    set_time(*out.mutable_duration(), span.duration_ns);
    each_tag(trace, span, into(*out.mutable_tags()));
    for (const EventRecord& event : span.events) {
        v2::Log& entry = *out.add_logs();
        set_time(*entry.mutable_timestamp(), event.time_ns);
        each_field(event, into(*entry.mutable_fields()));
    }
    const ProcessRecord& process = trace.processes[span.process];
    out.mutable_process()->set_service_name(process.service);
    each_process_tag(process, into(*out.mutable_process()->mutable_tags()));
    for (const std::string& warning : span.warnings) {
        out.add_warnings(warning);
    }
}

SpanQuery to_query(const v2::TraceQueryParameters& parameters) {
    SpanQuery query = bounds_of(parameters);
    for (const auto& [key, value] : parameters.tags()) {
        query.tags.emplace_back(key, value);
    }
    return query;
}

}  // namespace meshscope::demo
