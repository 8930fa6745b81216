#include "business/logs.hpp"

#include "async/with_deadline.hpp"
#include "business/log_lines.hpp"
#include "business/log_parse.hpp"

#include <algorithm>
#include <utility>

namespace meshscope::business {
Logs::Logs(Parts parts) : parts_(std::move(parts)), parser_(parts_.access_log_format) {}

std::optional<Error> Logs::refuse(
    const Caller& caller, std::string_view ns, const std::string& cluster_name
) const {
    if (auto error = refuse_namespace(*parts_.access, caller, ns)) {
        return error;
    }
    if (parts_.disabled) {
        return Error(ErrorKind::kForbidden, "logs are switched off")
            .with_code("feature_disabled")
            .with_hint({"kiali_feature_flags.disabled_features", "take 'logs-tab' out of the list"}
            );
    }
    if (parts_.cluster == nullptr) {
        return parts_.unavailable;
    }
    if (!cluster_name.empty() && cluster_name != parts_.cluster->snapshot()->cluster) {
        return Error(ErrorKind::kNotFound, "there is no cluster '" + cluster_name + "'");
    }
    return parts_.discovery.refuse(*parts_.cluster->snapshot(), ns);
}

RequestContext Logs::for_reading(
    const RequestContext& context, int share, std::chrono::seconds most
) const {
    if (context.deadline.is_never()) {
        return context;
    }
    const auto left = context.deadline.remaining(parts_.clock->steady_now());
    const auto rest = std::min<std::chrono::nanoseconds>(left / share, most);
    return context.with_deadline(Deadline::after(parts_.clock->steady_now(), left - rest));
}

// Of the window, where its beginning is given.
std::optional<std::int64_t> Logs::end_of(const PodLogQuery& query) {
    if (!query.duration || !query.since) {
        return std::nullopt;
    }
    return later(
        std::chrono::nanoseconds(query.since->time_since_epoch()).count(), *query.duration
    );
}

// The newest lines of the window, and what `meta` says of the request.
void Logs::keep_window(const PodLogQuery& query, std::optional<std::int64_t> end_ns, PodLog& log) {
    if (query.duration && !end_ns && !log.lines.empty()) {
        end_ns = later(log.lines.front().stamped_ns, *query.duration);
    }
    if (end_ns) {
        std::erase_if(log.lines, [&](const models::LogLine& line) {
            return line.stamped_ns > *end_ns;
        });
    }
    if (query.max_lines > 0 && log.lines.size() > query.max_lines) {
        const auto left_out = static_cast<std::ptrdiff_t>(log.lines.size() - query.max_lines);
        log.lines.erase(log.lines.begin(), log.lines.begin() + left_out);
        log.truncated = true;
        log.meta.stopped_by = clients::StoppedBy::kLimit;
    }
    log.meta.asked = {};
    log.meta.used = {};
    if (query.max_lines > 0) {
        log.meta.asked.limit = log.meta.used.limit = query.max_lines;
    }
    log.meta.asked.start = log.meta.used.start = query.since;
    log.meta.returned = log.lines.size();
}

Awaitable<Result<PodLog>> Logs::of_pod(RequestContext context, PodLogQuery query) const {
    if (auto error = refuse(context.caller, query.ns, query.cluster_name)) {
        co_return *error;
    }
    if (query.kind == models::LogSource::kWaypoint) {
        co_return co_await of_waypoint(std::move(context), std::move(query));
    }
    if (query.kind == models::LogSource::kZtunnel) {
        co_return co_await of_ztunnel(std::move(context), std::move(query));
    }
    clients::LogQuery wanted;
    wanted.ns = query.ns;
    wanted.pod = query.pod;
    wanted.container = query.container;
    wanted.since = query.since;
    wanted.previous = query.previous;
    wanted.limit_bytes = parts_.bounds.source_bytes;
    LogWindow window;
    if (query.duration) {
        window.duration = query.duration;
        window.end_ns = end_of(query);
    } else if (query.max_lines > 0) {
        wanted.tail_lines = query.max_lines + 1;  // one more tells whether there are more
    }
    RequestContext reading = for_reading(context, 8, std::chrono::seconds(2));
    RawLog raw = co_await read_raw(*parts_.cluster, std::move(reading), wanted, window);
    if (raw.error && raw.pieces.empty()) {
        co_return *raw.error;
    }
    PodLog log;
    const SourceState state =
        describe_source({query.ns, query.pod, query.container, query.kind}, raw);
    const std::optional<std::int64_t> raw_end = raw.end_ns;
    log.truncated = raw.cut || raw.short_of_end || raw.late;
    LogParse parse(parser_, parts_.masker, parts_.bounds.line_bytes);
    parse.add(query.kind, std::move(raw));
    auto work = [&parse] { return parse.run(); };
    std::vector<ParsedLog> parsed = co_await off_thread(parts_.workers, parse.bytes(), work);
    log.lines = std::move(parsed.front().lines);
    log.texts = parsed.front().texts.take();
    log.meta.scanned = log.lines.size();
    keep_window(query, raw_end, log);
    if (state.state == SourceState::State::kCut) {
        log.meta.stopped_by = clients::StoppedBy::kBytes;
    }
    if (!state.reason.empty()) {
        log.meta.warn(
            state.state == SourceState::State::kCut ? "log_cut" : "log_broken", state.reason
        );
    }
    log.meta.order = "log";
    log.meta.upstream = context.bill->by_name;
    co_return log;
}

}  // namespace meshscope::business
