#include "demo/jaeger/grpc_messages.hpp"

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/timestamp.pb.h>

#include <limits>

namespace meshscope::demo {
namespace v2 = jaeger::api_v2;
namespace {

constexpr std::int64_t kMicrosInSecond = 1'000'000;

std::string bytes_of(std::uint64_t value) {
    std::string out(8, '\0');
    for (std::size_t i = 8; i-- > 0; value >>= 8U) {
        out[i] = static_cast<char>(value & 0xFFU);
    }
    return out;
}

void set_time(google::protobuf::Timestamp& out, std::int64_t micros) {
    out.set_seconds(micros / kMicrosInSecond);
    out.set_nanos(static_cast<std::int32_t>(micros % kMicrosInSecond * 1000));
}

template <class Message>
std::int64_t micros_of(const Message& message) {
    constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max() / kMicrosInSecond - 1;
    if (message.seconds() > kMost) {
        return std::numeric_limits<std::int64_t>::max();
    }
    if (message.seconds() < -kMost) {
        return std::numeric_limits<std::int64_t>::min();
    }
    return message.seconds() * kMicrosInSecond + message.nanos() / 1000;
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
};

void fill(const Attributes& attributes, google::protobuf::RepeatedPtrField<v2::KeyValue>& out) {
    out.Reserve(static_cast<int>(attributes.size()));
    for (const Attribute& attribute : attributes) {
        v2::KeyValue& pair = *out.Add();
        pair.set_key(attribute.key);
        std::visit(ValueSetter{pair}, attribute.value);
    }
}

}  // namespace

void fill_span(const TraceRecord& trace, const SpanRecord& span, v2::Span& out) {
    const std::string trace_id = bytes_of(trace.id.high) + bytes_of(trace.id.low);
    out.set_trace_id(trace_id);
    out.set_span_id(bytes_of(span.id.value));
    out.set_operation_name(span.operation);
    if (!span.parent.is_zero()) {
        v2::SpanRef& reference = *out.add_references();
        reference.set_trace_id(trace_id);
        reference.set_span_id(bytes_of(span.parent.value));
        reference.set_ref_type(v2::CHILD_OF);
    }
    set_time(*out.mutable_start_time(), span.start_us);
    out.mutable_duration()->set_seconds(span.duration_us / kMicrosInSecond);
    out.mutable_duration()->set_nanos(
        static_cast<std::int32_t>(span.duration_us % kMicrosInSecond * 1000)
    );
    fill(span.tags, *out.mutable_tags());
    for (const LogRecord& log : span.logs) {
        v2::Log& entry = *out.add_logs();
        set_time(*entry.mutable_timestamp(), log.time_us);
        fill(log.fields, *entry.mutable_fields());
    }
    const ProcessRecord& process = trace.processes[span.process];
    out.mutable_process()->set_service_name(process.service);
    fill(process.tags, *out.mutable_process()->mutable_tags());
    for (const std::string& warning : span.warnings) {
        out.add_warnings(warning);
    }
}

SpanQuery to_query(const v2::TraceQueryParameters& parameters) {
    SpanQuery query;
    query.service = parameters.service_name();
    query.operation = parameters.operation_name();
    for (const auto& [key, value] : parameters.tags()) {
        query.tags.emplace_back(key, value);
    }
    query.start_us = parameters.has_start_time_min() ? micros_of(parameters.start_time_min())
                                                     : std::numeric_limits<std::int64_t>::min();
    query.end_us = parameters.has_start_time_max() ? micros_of(parameters.start_time_max())
                                                   : std::numeric_limits<std::int64_t>::max();
    if (parameters.has_duration_min()) {
        if (const std::int64_t shortest = micros_of(parameters.duration_min()); shortest != 0) {
            query.min_duration_us = shortest;
        }
    }
    if (parameters.has_duration_max()) {
        if (const std::int64_t longest = micros_of(parameters.duration_max()); longest != 0) {
            query.max_duration_us = longest;
        }
    }
    return query;
}

}  // namespace meshscope::demo
