#pragma once

#include "clients/trace_store.hpp"
#include "core/ids.hpp"

#include <optional>
#include <string>

namespace meshscope::clients::jaeger {

// Encoded requests of jaeger.api_v2. Both time bounds and a search depth of at least 1 are always
// sent: some stores fail without. Tags are sent as valid UTF-8.
std::string encode_v2_find_traces(const TraceQuery& query);
std::string encode_v2_get_trace(TraceId id, std::optional<TimeRange> near);
std::string encode_v2_get_operations(const std::string& service, const std::string& span_kind);

}  // namespace meshscope::clients::jaeger
