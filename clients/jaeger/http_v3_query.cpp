#include "clients/jaeger/http_v3_query.hpp"

#include "clients/jaeger/http_parameters.hpp"
#include "clients/jaeger/v3_query.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>

namespace meshscope::clients::jaeger {

namespace {

// One parameter in the spelling of today and in the older one.
void add_both(
    Parameters& parameters, std::string_view name, std::string_view older, std::string_view value
) {
    parameters.add_unless_empty(name, value);
    parameters.add_unless_empty(older, value);
}

std::string duration_text(std::chrono::microseconds duration) {
    return duration.count() > 0 ? go_duration(duration) : std::string();
}

}  // namespace

std::string rfc3339(SystemTime time) {
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(time - day);
    std::array<char, 64> text{};
    const int size = std::snprintf(
        text.data(),
        text.size(),
        "%04d-%02u-%02uT%02d:%02d:%02d.%06d000Z",
        static_cast<int>(date.year()),
        static_cast<unsigned>(date.month()),
        static_cast<unsigned>(date.day()),
        static_cast<int>(clock.hours().count()),
        static_cast<int>(clock.minutes().count()),
        static_cast<int>(clock.seconds().count()),
        static_cast<int>(clock.subseconds().count())
    );
    return {text.data(), static_cast<std::size_t>(size)};
}

std::string v3_search_target(const TraceQuery& query) {
    std::string target = "/api/v3/traces";
    Parameters parameters(target);
    const TimeRange window = v3_window(query.window);
    const std::string depth = std::to_string(std::max<std::uint32_t>(1, query.limit));
    add_both(parameters, "query.startTimeMin", "query.start_time_min", rfc3339(window.start));
    add_both(parameters, "query.startTimeMax", "query.start_time_max", rfc3339(window.end));
    add_both(parameters, "query.serviceName", "query.service_name", query.service);
    add_both(parameters, "query.operationName", "query.operation_name", query.operation);
    parameters.add_unless_empty("query.attributes", tags_json(query.tags));
    add_both(
        parameters, "query.durationMin", "query.duration_min", duration_text(query.min_duration)
    );
    add_both(
        parameters, "query.durationMax", "query.duration_max", duration_text(query.max_duration)
    );
    add_both(parameters, "query.searchDepth", "query.search_depth", depth);
    parameters.add("query.num_traces", depth);
    return target;
}

std::string v3_trace_target(TraceId id, const std::optional<TimeRange>& near) {
    std::string target = "/api/v3/traces/" + v3_trace_id(id);
    if (near) {
        Parameters parameters(target);
        const TimeRange window = v3_window(*near);
        add_both(parameters, "startTime", "start_time", rfc3339(window.start));
        add_both(parameters, "endTime", "end_time", rfc3339(window.end));
    }
    return target;
}

std::string v3_operations_target(std::string_view service, std::string_view span_kind) {
    std::string target = "/api/v3/operations";
    Parameters parameters(target);
    parameters.add("service", service);
    add_both(parameters, "spanKind", "span_kind", span_kind);
    return target;
}

}  // namespace meshscope::clients::jaeger
