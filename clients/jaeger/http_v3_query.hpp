#pragma once

#include "clients/trace_store.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace meshscope::clients::jaeger {

// Targets of Jaeger's HTTP api_v3, below the base path, everything percent-encoded. Each parameter
// is sent in both spellings: releases before 2.19 know only the older one and ignore the other.
[[nodiscard]] std::string v3_search_target(const TraceQuery& query);
[[nodiscard]] std::string v3_trace_target(TraceId id, const std::optional<TimeRange>& near);
[[nodiscard]] std::string v3_operations_target(
    std::string_view service, std::string_view span_kind
);

// RFC 3339 in UTC with nanoseconds. `time` is between the years 0 and 9999.
[[nodiscard]] std::string rfc3339(SystemTime time);

}  // namespace meshscope::clients::jaeger
