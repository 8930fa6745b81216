#include "clients/jaeger/grpc/v2_requests.hpp"

#include "clients/jaeger/grpc/request_parts.hpp"
#include "core/text.hpp"
#include "jaeger/api_v2/query.pb.h"

namespace meshscope::clients::jaeger {

namespace {

namespace v2 = ::jaeger::api_v2;

std::string big_endian(TraceId id) {
    std::string out(16, '\0');
    for (std::size_t i = 0; i < 8; ++i) {
        out[i] = static_cast<char>(id.high >> (56 - 8 * i));
        out[8 + i] = static_cast<char>(id.low >> (56 - 8 * i));
    }
    return out;
}

}  // namespace

std::string encode_v2_find_traces(const TraceQuery& query) {
    v2::FindTracesRequest request;
    v2::TraceQueryParameters& out = *request.mutable_query();
    out.set_service_name(query.service);
    out.set_operation_name(query.operation);
    for (const auto& [key, value] : query.tags) {
        (*out.mutable_tags())[to_valid_utf8(key)] = to_valid_utf8(value);
    }
    set_micros(*out.mutable_start_time_min(), to_micros(query.window.start));
    set_micros(*out.mutable_start_time_max(), to_micros(query.window.end));
    if (query.min_duration.count() > 0) {
        set_micros(*out.mutable_duration_min(), query.min_duration.count());
    }
    if (query.max_duration.count() > 0) {
        set_micros(*out.mutable_duration_max(), query.max_duration.count());
    }
    out.set_search_depth(search_depth(query));
    return request.SerializeAsString();
}

std::string encode_v2_get_trace(TraceId id, std::optional<TimeRange> near) {
    v2::GetTraceRequest request;
    request.set_trace_id(big_endian(id));
    if (near) {
        set_micros(*request.mutable_start_time(), to_micros(near->start));
        set_micros(*request.mutable_end_time(), to_micros(near->end));
    }
    return request.SerializeAsString();
}

std::string encode_v2_get_operations(const std::string& service, const std::string& span_kind) {
    v2::GetOperationsRequest request;
    request.set_service(service);
    request.set_span_kind(span_kind);
    return request.SerializeAsString();
}

}  // namespace meshscope::clients::jaeger
