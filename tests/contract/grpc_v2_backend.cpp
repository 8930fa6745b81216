#include "clients/jaeger/grpc/grpc_v2.hpp"
#include "jaeger/api_v2/query.pb.h"
#include "tests/contract/grpc_backend.hpp"

#include <utility>

namespace meshscope::contract {

namespace {

namespace api = ::jaeger::api_v2;

constexpr int kSpansInMessage = 10;

template <class Time>
void set_nanos(Time& time, std::int64_t nanos) {
    time.set_seconds(nanos / 1'000'000'000);
    time.set_nanos(static_cast<std::int32_t>(nanos % 1'000'000'000));
}

void set_tag(api::KeyValue& out, const std::string& key, const test::TagValue& value) {
    out.set_key(key);
    if (const auto* text = std::get_if<std::string>(&value)) {
        out.set_v_str(*text);
    } else if (const auto* flag = std::get_if<bool>(&value)) {
        out.set_v_type(api::BOOL);
        out.set_v_bool(*flag);
    } else if (const auto* integer = std::get_if<std::int64_t>(&value)) {
        out.set_v_type(api::INT64);
        out.set_v_int64(*integer);
    } else if (const auto* binary = std::get_if<test::Binary>(&value)) {
        out.set_v_type(api::BINARY);
        out.set_v_binary(binary->bytes);
    } else {
        out.set_v_type(api::FLOAT64);
        out.set_v_float64(std::get<double>(value));
    }
}

void set_span(api::Span& span, const HeldTrace& trace, const test::SpanRow& row) {
    const std::string trace_id = trace_id_bytes(trace);
    span.set_trace_id(trace_id);
    span.set_span_id(big_endian(row.id));
    span.set_operation_name(row.operation);
    if (row.parent != 0) {
        auto& reference = *span.add_references();
        reference.set_trace_id(trace_id);
        reference.set_span_id(big_endian(row.parent));
    }
    for (const test::LinkRow& link : row.links) {
        auto& reference = *span.add_references();
        reference.set_trace_id(trace_id_bytes(link.trace));
        reference.set_span_id(big_endian(link.span));
        reference.set_ref_type(link.child_of ? api::CHILD_OF : api::FOLLOWS_FROM);
    }
    set_nanos(*span.mutable_start_time(), row.start_ns());
    set_nanos(*span.mutable_duration(), row.duration_ns());
    for (const auto& [key, value] : row.all_tags()) {
        set_tag(*span.add_tags(), key, value);
    }
    for (const test::Tags& fields : row.logs) {
        auto& log = *span.add_logs();
        set_nanos(*log.mutable_timestamp(), row.start_ns());
        for (const auto& [key, value] : fields) {
            set_tag(*log.add_fields(), key, value);
        }
    }
    for (const std::string& text : row.warnings) {
        span.add_warnings(text);
    }
    span.mutable_process()->set_service_name(row.service);
    for (const auto& [key, value] : row.process_tags) {
        set_tag(*span.mutable_process()->add_tags(), key, value);
    }
}

// At most ten spans a message, traces never mixed in one, as Jaeger sends them.
std::vector<std::string> messages(const std::vector<HeldTrace>& traces) {
    std::vector<std::string> out;
    for (const HeldTrace& trace : traces) {
        api::SpansResponseChunk chunk;
        for (const test::SpanRow& row : trace.spans) {
            set_span(*chunk.add_spans(), trace, row);
            if (chunk.spans_size() == kSpansInMessage) {
                out.push_back(chunk.SerializeAsString());
                chunk.Clear();
            }
        }
        if (chunk.spans_size() > 0) {
            out.push_back(chunk.SerializeAsString());
        }
    }
    return out;
}

std::string services(const std::vector<std::string>& names) {
    api::GetServicesResponse response;
    for (const std::string& name : names) {
        response.add_services(name);
    }
    return response.SerializeAsString();
}

std::string operations(const std::vector<clients::Operation>& operations) {
    api::GetOperationsResponse response;
    for (const clients::Operation& operation : operations) {
        auto& item = *response.add_operations();
        item.set_name(operation.name);
        item.set_span_kind(operation.span_kind);
    }
    return response.SerializeAsString();
}

std::shared_ptr<clients::jaeger::Protocol> protocol(std::shared_ptr<clients::GrpcChannel> channel) {
    return clients::jaeger::make_grpc_v2(std::move(channel));
}

}  // namespace

std::unique_ptr<Backend> make_grpc_v2_backend(std::chrono::milliseconds query_timeout) {
    GrpcDialect dialect{
        .service = "jaeger.api_v2.QueryService",
        .messages = messages,
        .services = services,
        .operations = operations,
        .protocol = protocol,
    };
    return make_grpc_backend(std::move(dialect), query_timeout);
}

}  // namespace meshscope::contract
