#include "handlers/log_json.hpp"

#include "business/log_lines.hpp"
#include "business/trace_columns.hpp"
#include "core/flat_json.hpp"
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

std::optional<std::int64_t> number_of(std::string_view text) {
    std::int64_t value = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
    if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
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

// Members that follow others: each begins with its comma.
template <std::size_t N>
void add_text(FlatJson& json, const char (&name)[N], std::string_view value) {
    if (!value.empty() && value != "-") {
        json.literal(name);
        json.string(value);
    }
}

// Whether it may stand in JSON as it is, and is read without loss.
bool is_plain_number(std::string_view text) {
    constexpr std::size_t kMostDigits = 15;
    return !text.empty() && text.size() <= kMostDigits && (text[0] != '0' || text.size() == 1) &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

template <std::size_t N>
void add_number(FlatJson& json, const char (&name)[N], std::string_view text) {
    if (is_plain_number(text)) {
        json.literal(name);
        json.raw(text);
        return;
    }
    const auto value = number_of(text);
    if (!value) {
        return;
    }
    json.literal(name);
    if (is_safe_integer(*value)) {
        json.integer(*value);
    } else {
        json.string(text);
    }
}

void add_flags(FlatJson& json, std::string_view flags) {
    json.literal(R"("flags":[)");
    bool any = false;
    while (!flags.empty() && flags != "-") {
        const std::size_t end = std::min(flags.find(','), flags.size());
        if (end > 0) {
            json.raw(any ? "," : "");
            json.string(flags.substr(0, end));
            any = true;
        }
        flags.remove_prefix(std::min(end + 1, flags.size()));
    }
    json.literal("]");
}

void add_access(FlatJson& json, const LogLine& line) {
    const AccessLine& access = *line.access;
    json.literal(R"(,"access":{)");
    add_flags(json, access.response_flags);
    add_text(json, R"(,"method":)", access.method);
    add_text(json, R"(,"path":)", access.path);
    add_text(json, R"(,"protocol":)", access.protocol);
    add_number(json, R"(,"status":)", access.status_code);
    add_number(json, R"(,"durationMs":)", access.duration);
    add_number(json, R"(,"upstreamMs":)", access.upstream_service_time);
    add_number(json, R"(,"bytesReceived":)", access.bytes_received);
    add_number(json, R"(,"bytesSent":)", access.bytes_sent);
    add_text(json, R"(,"requestId":)", line.request_id);
    add_text(json, R"(,"traceId":)", line.trace_id);
    add_text(json, R"(,"authority":)", access.authority);
    add_text(json, R"(,"userAgent":)", access.user_agent);
    add_text(json, R"(,"details":)", access.response_code_details);
    add_text(json, R"(,"termination":)", access.connection_termination_details);
    add_text(json, R"(,"failure":)", access.upstream_failure_reason);
    add_text(json, R"(,"upstream":)", access.upstream_service);
    add_text(json, R"(,"upstreamCluster":)", access.upstream_cluster);
    add_text(json, R"(,"downstream":)", access.downstream_remote);
    add_text(json, R"(,"route":)", access.route_name);
    json.literal("}");
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

void add_link(FlatJson& json, const business::SpanLink& link) {
    json.literal(R"(,"span":{"traceID":)");
    json.string(link.trace.to_hex());
    json.literal(R"(,"spanID":)");
    json.string(link.span.to_hex());
    json.literal(R"(,"by":)");
    json.string(link.by == business::SpanLink::By::kTraceId ? "trace_id" : "request_id");
    json.literal("}");
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
    thread_local FlatJson flat;
    flat.clear();
    flat.literal(R"({"kind":")");
    flat.raw(word_of(place.kind));
    flat.literal(R"(","time":)");
    flat.integer(entry.time_ns / 1'000);
    flat.literal(R"(,"pod":)");
    flat.string(place.pod);
    flat.literal(R"(,"container":)");
    flat.string(place.container);
    flat.literal(R"(,"severity":")");
    flat.raw(line.severity);
    flat.literal(R"(","message":)");
    flat.string(line.message);
    if (line.cut) {
        flat.literal(R"(,"cut":true)");
    }
    if (line.access) {
        add_access(flat, line);
    }
    if (entry.link) {
        add_link(flat, *entry.link);
    }
    flat.literal("}");
    json.raw(flat.view());
}

void write_span_entry(
    JsonWriter& json,
    const models::Trace& trace,
    std::uint32_t span_index,
    const business::Masker& masker
) {
    const models::Span& span = trace.spans[span_index];
    json.begin_object().key("kind").plain_string("span");
    json.field("time", span.start_ns / 1'000);
    json.key("traceID").plain_string(trace.id.to_hex());
    json.key("spanID").plain_string(span.id.to_hex());
    json.field("service", trace.processes[span.process].service);
    json.field("operation", masker.masked_text(span.operation));
    json.field("duration", span.duration_ns / 1'000);
    json.field("error", business::columns_of(trace)->error[span_index] ? true : false).end_object();
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
        const auto& span = std::get<business::SpanEntry>(entry.what);
        write_span_entry(json, *timeline.traces[span.trace].trace, span.span, masker);
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
