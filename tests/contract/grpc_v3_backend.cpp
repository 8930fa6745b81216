#include "clients/jaeger/grpc/grpc_v3.hpp"
#include "jaeger/api_v3/query_service.pb.h"
#include "tests/contract/grpc_backend.hpp"

#include <utility>

namespace meshscope::contract {

namespace {

namespace api = ::jaeger::api_v3;
namespace otlp = ::opentelemetry::proto::trace::v1;

void set_value(otlp::AnyValue& out, const test::TagValue& value) {
    if (const auto* text = std::get_if<std::string>(&value)) {
        out.set_string_value(*text);
    } else if (const auto* flag = std::get_if<bool>(&value)) {
        out.set_bool_value(*flag);
    } else if (const auto* integer = std::get_if<std::int64_t>(&value)) {
        out.set_int_value(*integer);
    } else if (const auto* binary = std::get_if<test::Binary>(&value)) {
        out.set_bytes_value(binary->bytes);
    } else {
        out.set_double_value(std::get<double>(value));
    }
}

void set_attribute(otlp::KeyValue& out, const std::string& key, const test::TagValue& value) {
    out.set_key(key);
    set_value(*out.mutable_value(), value);
}

// The field "event" is the name of the event.
void set_event(otlp::Span::Event& out, const test::SpanRow& row, const test::Tags& fields) {
    out.set_time_unix_nano(static_cast<std::uint64_t>(row.start_ns()));
    for (const auto& [key, value] : fields) {
        if (key == "event") {
            out.set_name(std::get<std::string>(value));
        } else {
            set_attribute(*out.add_attributes(), key, value);
        }
    }
}

void set_native(otlp::Span& span, const test::NativeRow& native) {
    span.set_kind(static_cast<otlp::Span::SpanKind>(kind_number(native.kind)));
    span.set_trace_state(native.trace_state);
    if (!native.status.empty()) {
        auto& status = *span.mutable_status();
        status.set_message(native.status_message);
        status.set_code(
            native.status == "ERROR" ? otlp::Status::STATUS_CODE_ERROR
                                     : otlp::Status::STATUS_CODE_OK
        );
    }
}

void set_span(otlp::Span& span, const HeldTrace& trace, const test::SpanRow& row) {
    span.set_trace_id(trace_id_bytes(trace));
    span.set_span_id(big_endian(row.id));
    if (row.parent != 0) {
        span.set_parent_span_id(big_endian(row.parent));
    }
    span.set_name(row.operation);
    span.set_start_time_unix_nano(static_cast<std::uint64_t>(row.start_ns()));
    span.set_end_time_unix_nano(static_cast<std::uint64_t>(row.start_ns() + row.duration_ns()));
    for (const auto& [key, value] : row.tags) {
        set_attribute(*span.add_attributes(), key, value);
    }
    if (!row.warnings.empty()) {
        auto& warnings = *span.add_attributes();
        warnings.set_key("@jaeger@warnings");
        for (const std::string& text : row.warnings) {
            warnings.mutable_value()->mutable_array_value()->add_values()->set_string_value(text);
        }
    }
    for (const test::Tags& fields : row.logs) {
        set_event(*span.add_events(), row, fields);
    }
    for (const test::LinkRow& link : row.links) {
        auto& item = *span.add_links();
        item.set_trace_id(trace_id_bytes(link.trace));
        item.set_span_id(big_endian(link.span));
        if (link.child_of) {
            set_attribute(*item.add_attributes(), "opentracing.ref_type", std::string("child_of"));
        }
    }
    set_native(span, row.native);
}

// A whole trace is one message.
std::vector<std::string> messages(const std::vector<HeldTrace>& traces) {
    std::vector<std::string> out;
    for (const HeldTrace& trace : traces) {
        out.push_back(otlp_request(trace));
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
    return clients::jaeger::make_grpc_v3(std::move(channel));
}

}  // namespace

// A resource for each span. What is sent and what is read are one message.
std::string otlp_request(const HeldTrace& trace) {
    otlp::TracesData data;
    for (const test::SpanRow& row : trace.spans) {
        auto& group = *data.add_resource_spans();
        auto& resource = *group.mutable_resource();
        set_attribute(*resource.add_attributes(), "service.name", row.service);
        for (const auto& [key, value] : row.process_tags) {
            set_attribute(*resource.add_attributes(), key, value);
        }
        auto& scope = *group.add_scope_spans();
        scope.mutable_scope()->set_name(row.native.scope);
        scope.mutable_scope()->set_version(row.native.scope_version);
        set_span(*scope.add_spans(), trace, row);
    }
    return data.SerializeAsString();
}

std::unique_ptr<Backend> make_grpc_v3_backend(std::chrono::milliseconds query_timeout) {
    GrpcDialect dialect{
        .service = "jaeger.api_v3.QueryService",
        .messages = messages,
        .services = services,
        .operations = operations,
        .protocol = protocol,
    };
    return make_grpc_backend(std::move(dialect), query_timeout);
}

}  // namespace meshscope::contract
