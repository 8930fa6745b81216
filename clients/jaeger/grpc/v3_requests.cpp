#include "clients/jaeger/grpc/v3_requests.hpp"

#include "clients/jaeger/grpc/request_parts.hpp"
#include "clients/jaeger/v3_query.hpp"
#include "core/text.hpp"
#include "jaeger/api_v3/query_service.pb.h"

namespace meshscope::clients::jaeger {

namespace v3 = ::jaeger::api_v3;

std::string encode_v3_find_traces(const TraceQuery& query) {
    v3::FindTracesRequest request;
    v3::TraceQueryParameters& out = *request.mutable_query();
    out.set_service_name(to_valid_utf8(query.service));
    out.set_operation_name(to_valid_utf8(query.operation));
    for (const auto& [key, value] : query.tags) {
        (*out.mutable_attributes())[to_valid_utf8(key)] = to_valid_utf8(value);
    }
    const TimeRange window = v3_window(query.window);
    set_micros(*out.mutable_start_time_min(), to_micros(window.start));
    set_micros(*out.mutable_start_time_max(), to_micros(window.end));
    if (query.min_duration.count() > 0) {
        set_micros(*out.mutable_duration_min(), query.min_duration.count());
    }
    if (query.max_duration.count() > 0) {
        set_micros(*out.mutable_duration_max(), query.max_duration.count());
    }
    out.set_search_depth(search_depth(query));
    return request.SerializeAsString();
}

std::string encode_v3_get_trace(TraceId id, std::optional<TimeRange> near) {
    v3::GetTraceRequest request;
    request.set_trace_id(v3_trace_id(id));
    if (near) {
        const TimeRange window = v3_window(*near);
        set_micros(*request.mutable_start_time(), to_micros(window.start));
        set_micros(*request.mutable_end_time(), to_micros(window.end));
    }
    return request.SerializeAsString();
}

std::string encode_v3_get_operations(const std::string& service, const std::string& span_kind) {
    v3::GetOperationsRequest request;
    request.set_service(to_valid_utf8(service));
    request.set_span_kind(to_valid_utf8(span_kind));
    return request.SerializeAsString();
}

std::string encode_health_check(std::string_view service) {
    std::string request{'\x0A', static_cast<char>(service.size())};  // field 1, shorter than 128
    request += service;
    return request;
}

}  // namespace meshscope::clients::jaeger
