#include "handlers/log_json.hpp"

#include "business/log_lines.hpp"
#include "business/trace_columns.hpp"
#include "handlers/safe_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

namespace meshscope::handlers {

namespace {

using models::AccessLine;
using models::LogLine;

void text_unless_empty(JsonWriter& json, std::string_view name, std::string_view value) {
    if (!value.empty()) {
        json.field(name, value);
    }
}

void text_unless_dash(JsonWriter& json, std::string_view name, std::string_view value) {
    if (value != "-") {
        text_unless_empty(json, name, value);
    }
}

std::optional<std::int64_t> number_of(std::string_view text) {
    std::int64_t value = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
    if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

void number_if_any(JsonWriter& json, std::string_view name, std::string_view text) {
    if (const auto value = number_of(text)) {
        json.key(name).safe_integer(*value);
    }
}

void write_path(JsonWriter& json, std::string_view path) {
    if (!path.starts_with('/')) {
        return;
    }
    const std::size_t mark = std::min(path.find('?'), path.size());
    text_unless_empty(json, "uri_path", path.substr(0, mark));
    text_unless_empty(json, "uri_param", path.substr(mark));
}

// All values are texts, as clients of old expect.
void write_access_log(JsonWriter& json, const AccessLine& line) {
    json.begin_object();
    text_unless_empty(json, "timestamp", line.start_time);
    text_unless_empty(json, "method", line.method);
    write_path(json, line.path);
    const bool timed = number_of(line.upstream_service_time).has_value();
    const std::array<std::pair<const char*, std::string_view>, 20> fields{{
        {"protocol", line.protocol},
        {"status_code", line.status_code},
        {"response_flags", line.response_flags},
        {"response_code_details", line.response_code_details},
        {"connection_termination_details", line.connection_termination_details},
        {"upstream_failure_reason", line.upstream_failure_reason},
        {"bytes_received", line.bytes_received},
        {"bytes_sent", line.bytes_sent},
        {"duration", line.duration},
        {timed ? "upstream_service_time" : "tcp_service_time", line.upstream_service_time},
        {"forwarded_for", line.forwarded_for},
        {"user_agent", line.user_agent},
        {"request_id", line.request_id},
        {"authority", line.authority},
        {"upstream_service", line.upstream_service},
        {"upstream_cluster", line.upstream_cluster},
        {"upstream_local", line.upstream_local},
        {"downstream_local", line.downstream_local},
        {"downstream_remote", line.downstream_remote},
        {"requested_server", line.requested_server},
    }};
    for (const auto& [name, value] : fields) {
        text_unless_empty(json, name, value);
    }
    text_unless_empty(json, "route_name", line.route_name);
    text_unless_empty(json, "parse_error", line.error);
    json.end_object();
}

void write_flags(JsonWriter& json, std::string_view flags) {
    json.begin_array();
    while (!flags.empty() && flags != "-") {
        const std::size_t end = std::min(flags.find(','), flags.size());
        if (end > 0) {
            json.string(flags.substr(0, end));
        }
        flags.remove_prefix(std::min(end + 1, flags.size()));
    }
    json.end_array();
}

void write_access(JsonWriter& json, const LogLine& line) {
    const AccessLine& access = *line.access;
    json.begin_object();
    text_unless_dash(json, "method", access.method);
    text_unless_dash(json, "path", access.path);
    text_unless_dash(json, "protocol", access.protocol);
    number_if_any(json, "status", access.status_code);
    write_flags(json.key("flags"), access.response_flags);
    number_if_any(json, "durationMs", access.duration);
    number_if_any(json, "upstreamMs", access.upstream_service_time);
    number_if_any(json, "bytesReceived", access.bytes_received);
    number_if_any(json, "bytesSent", access.bytes_sent);
    text_unless_empty(json, "requestId", line.request_id);
    text_unless_empty(json, "traceId", line.trace_id);
    text_unless_dash(json, "authority", access.authority);
    text_unless_dash(json, "userAgent", access.user_agent);
    text_unless_dash(json, "details", access.response_code_details);
    text_unless_dash(json, "termination", access.connection_termination_details);
    text_unless_dash(json, "failure", access.upstream_failure_reason);
    text_unless_dash(json, "upstream", access.upstream_service);
    text_unless_dash(json, "upstreamCluster", access.upstream_cluster);
    text_unless_dash(json, "downstream", access.downstream_remote);
    text_unless_dash(json, "route", access.route_name);
    json.end_object();
}

std::string_view word_of(models::LogSource kind) {
    switch (kind) {
        case models::LogSource::kApp:
            return "app";
        case models::LogSource::kProxy:
            return "proxy";
        case models::LogSource::kWaypoint:
            return "waypoint";
        case models::LogSource::kZtunnel:
            return "ztunnel";
    }
    return "app";
}

std::string_view word_of(business::SourceState::State state) {
    using State = business::SourceState::State;
    switch (state) {
        case State::kOk:
            return "ok";
        case State::kEmpty:
            return "empty";
        case State::kWaiting:
            return "waiting";
        case State::kFailed:
            return "failed";
        case State::kForbidden:
            return "forbidden";
        case State::kCut:
            return "cut";
        case State::kEnded:
            return "ended";
    }
    return "failed";
}

void write_span(
    JsonWriter& json,
    const business::LogTimeline& timeline,
    const business::SpanEntry& entry,
    const business::Masker& masker
) {
    const models::Trace& trace = *timeline.traces[entry.trace].trace;
    const models::Span& span = trace.spans[entry.span];
    json.begin_object().key("kind").plain_string("span");
    json.field("time", span.start_ns / 1'000);
    json.key("traceID").plain_string(trace.id.to_hex());
    json.key("spanID").plain_string(span.id.to_hex());
    json.field("service", trace.processes[span.process].service);
    json.field("operation", masker.masked_text(span.operation));
    json.field("duration", span.duration_ns / 1'000);
    json.field("error", business::columns_of(trace)->error[entry.span] ? true : false).end_object();
}

}  // namespace

void write_pod_line(JsonWriter& json, const LogLine& line) {
    json.begin_object().field("message", line.message).field("severity", line.severity);
    std::string time;
    business::append_log_time(time, line.time_ns);
    json.key("timestamp").plain_string(time);
    json.field("timestampUnix", line.time_ns / 1'000'000);
    if (line.access) {
        write_access_log(json.key("accessLog"), *line.access);
    }
    json.end_object();
}

void write_log_line(
    JsonWriter& json,
    const business::LogEntry& entry,
    const LogLine& line,
    const business::LogPlace& place
) {
    json.begin_object().key("kind").plain_string(word_of(place.kind));
    json.field("time", entry.time_ns / 1'000);
    json.field("pod", place.pod).field("container", place.container);
    json.key("severity").plain_string(line.severity);
    json.field("message", line.message);
    if (line.cut) {
        json.field("cut", true);
    }
    if (line.access) {
        write_access(json.key("access"), line);
    }
    if (entry.link) {
        json.key("span").begin_object();
        json.key("traceID").plain_string(entry.link->trace.to_hex());
        json.key("spanID").plain_string(entry.link->span.to_hex());
        const bool by_trace = entry.link->by == business::SpanLink::By::kTraceId;
        json.key("by").plain_string(by_trace ? "trace_id" : "request_id").end_object();
    }
    json.end_object();
}

void write_timeline_entry(
    JsonWriter& json,
    const business::LogTimeline& timeline,
    const business::LogEntry& entry,
    const business::Masker& masker
) {
    if (const auto* line = std::get_if<LogLine>(&entry.what)) {
        write_log_line(json, entry, *line, timeline.sources[line->source].place);
    } else {
        write_span(json, timeline, std::get<business::SpanEntry>(entry.what), masker);
    }
}

void write_source(JsonWriter& json, const business::SourceState& source) {
    json.begin_object().field("pod", source.place.pod).field("container", source.place.container);
    json.key("kind").plain_string(word_of(source.place.kind));
    json.key("state").plain_string(word_of(source.state));
    if (!source.reason.empty()) {
        json.field("reason", safe_text(source.reason));
    }
    json.key("lines").unsigned_integer(source.lines);
    json.field("more", source.more).end_object();
}

}  // namespace meshscope::handlers
