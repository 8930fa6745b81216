#pragma once

#include "clients/trace_store.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace meshscope::clients::jaeger {

// Targets of Jaeger's HTTP v1 API, below the base path. Times in µs, parameters in the order of
// their names, everything percent-encoded.
[[nodiscard]] std::string search_target(const TraceQuery& query);
[[nodiscard]] std::string trace_target(TraceId id, const std::optional<TimeRange>& near);
[[nodiscard]] std::string operations_target(std::string_view service, std::string_view span_kind);
// The older route: names without kinds.
[[nodiscard]] std::string service_operations_target(std::string_view service);

}  // namespace meshscope::clients::jaeger
