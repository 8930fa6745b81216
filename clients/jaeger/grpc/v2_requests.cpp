#include "clients/jaeger/grpc/v2_requests.hpp"

#include "core/text.hpp"
#include "jaeger/api_v2/query.pb.h"

#include <algorithm>
#include <limits>

namespace meshscope::clients::jaeger {

namespace {

namespace v2 = ::jaeger::api_v2;

template <class Message>
void set_micros(Message& out, std::int64_t micros) {
    constexpr std::int64_t kMicrosPerSecond = 1'000'000;
    std::int64_t rest = micros % kMicrosPerSecond;
    rest += rest < 0 ? kMicrosPerSecond : 0;
    out.set_seconds((micros - rest) / kMicrosPerSecond);
    out.set_nanos(static_cast<std::int32_t>(rest * 1'000));
}

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
    constexpr std::uint32_t kMostDepth = std::numeric_limits<std::int32_t>::max();
    out.set_search_depth(
        static_cast<std::int32_t>(std::clamp<std::uint32_t>(query.limit, 1, kMostDepth))
    );
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
