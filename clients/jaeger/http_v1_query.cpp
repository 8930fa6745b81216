#include "clients/jaeger/http_v1_query.hpp"

#include "clients/jaeger/http_parameters.hpp"
#include "core/text.hpp"

#include <algorithm>

namespace meshscope::clients::jaeger {

namespace {

std::string micros(SystemTime time) { return std::to_string(to_micros(time)); }

void add_duration(
    Parameters& parameters, std::string_view name, std::chrono::microseconds duration
) {
    if (duration.count() > 0) {
        parameters.add(name, go_duration(duration));
    }
}

}  // namespace

std::string search_target(const TraceQuery& query) {
    std::string target = "/api/traces";
    Parameters parameters(target);
    parameters.add("end", micros(query.window.end));
    parameters.add("limit", std::to_string(std::max<std::uint32_t>(1, query.limit)));
    add_duration(parameters, "maxDuration", query.max_duration);
    add_duration(parameters, "minDuration", query.min_duration);
    parameters.add_unless_empty("operation", query.operation);
    parameters.add_unless_empty("service", query.service);
    parameters.add("start", micros(query.window.start));
    parameters.add_unless_empty("tags", tags_json(query.tags));
    return target;
}

std::string trace_target(TraceId id, const std::optional<TimeRange>& near) {
    std::string target = "/api/traces/" + id.to_hex();
    if (near) {
        Parameters parameters(target);
        parameters.add("end", micros(near->end));
        parameters.add("start", micros(near->start));
    }
    return target;
}

std::string operations_target(std::string_view service, std::string_view span_kind) {
    std::string target = "/api/operations";
    Parameters parameters(target);
    parameters.add("service", service);
    parameters.add_unless_empty("spanKind", span_kind);
    return target;
}

std::string service_operations_target(std::string_view service) {
    return "/api/services/" + percent_encode(service) + "/operations";
}

}  // namespace meshscope::clients::jaeger
