#pragma once

#include "clients/trace_store.hpp"
#include "core/ids.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace meshscope::clients::jaeger {

// Encoded requests of jaeger.api_v3. Both time bounds, the first before the second, and a search
// depth of at least 1 are always sent: the API or some stores demand them. Ids are 32 hex digits.
// Texts are sent as valid UTF-8.
std::string encode_v3_find_traces(const TraceQuery& query);
std::string encode_v3_get_trace(TraceId id, std::optional<TimeRange> near);
std::string encode_v3_get_operations(const std::string& service, const std::string& span_kind);

// A grpc.health.v1.HealthCheckRequest for one service.
std::string encode_health_check(std::string_view service);

}  // namespace meshscope::clients::jaeger
