#include "async/fan_out.hpp"
#include "async/with_deadline.hpp"
#include "business/cluster_known.hpp"
#include "business/log_lines.hpp"
#include "business/log_parse.hpp"
#include "business/logs.hpp"
#include "business/traces.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace meshscope::business {
namespace {

// A line may tell of a span of a trace that began a little before it.
constexpr std::chrono::seconds kBeforeFirst{10};
// The spans of an earlier run end with its last line, give or take a call that was under way.
constexpr std::chrono::seconds kBehindLast{10};
constexpr std::size_t kBytesOfEntry = 32;  // that take as long to read as an entry to be joined
constexpr std::size_t kLeastBytes = 256UL << 10U;  // of one container, however many there are

// The error that every source has, when all have one of the same kind. Pods that have been replaced
// since the snapshot are no error of the workload.
std::optional<Error> error_of_all(const std::vector<RawLog>& logs) {
    if (logs.empty()) {
        return std::nullopt;
    }
    for (const RawLog& log : logs) {
        const bool fatal = log.error && log.pieces.empty() &&
                           log.error->kind() != ErrorKind::kConflict &&
                           log.error->kind() != ErrorKind::kNotFound &&
                           log.error->kind() == logs.front().error.value_or(Error()).kind();
        if (!fatal) {
            return std::nullopt;
        }
    }
    return logs.front().error;
}

struct Assembled {
    std::vector<models::LogLine> lines;
    LogTexts::Blocks texts;
    std::vector<LineCount> counted;  // by source
};

std::size_t count_of(const std::vector<SelectedSpans>& spans) {
    std::size_t count = 0;
    for (const SelectedSpans& selected : spans) {
        count += selected.spans.size();
    }
    return count;
}

Assembled assemble(LogParse& parse, const LogFilter& filter, std::size_t tail) {
    Assembled out;
    std::vector<std::vector<models::LogLine>> sources;
    for (ParsedLog& log : parse.run()) {
        LineCount counted;
        counted.read = log.lines.size();
        for (const models::LogLine& line : log.lines) {
            counted.position.add(line.stamped_ns);
        }
        if (!filter.passes_all()) {
            std::erase_if(log.lines, [&](const models::LogLine& line) {
                return !filter.passes(line);
            });
        }
        counted.passed = log.lines.size();
        out.counted.push_back(counted);
        sources.push_back(std::move(log.lines));
        for (auto& block : log.texts.take()) {
            out.texts.push_back(std::move(block));
        }
    }
    out.lines = merge_newest(std::move(sources), tail);
    return out;
}

}  // namespace

// Where spans are looked for: since `from_ns`, unless that is 0, until `to_ns` or now.
struct Logs::SpanTimes {
    std::int64_t from_ns = 0;
    std::optional<std::int64_t> to_ns;
};

struct Logs::Reading {
    std::string ns;
    std::optional<SystemTime> since;
    std::uint32_t tail = kDefaultTail;
    bool previous = false;
    LogFilter filter;
    models::ClusterSnapshotPtr snapshot;  // keeps the workload
    LogPlaces found;
    std::vector<RawLog> logs;  // parallel to found.places

    // Of one container. A filter looks at more lines than it lets through.
    [[nodiscard]] std::uint32_t most_lines() const { return filter.passes_all() ? tail : kMaxTail; }
};

Result<Logs::Reading> Logs::prepare(const TimelineQuery& query) const {
    Result<LogFilter> filter = LogFilter::make(query.wanted);
    if (!filter) {
        return filter.error();
    }
    const clients::ClusterState known = parts_.cluster->state();  // first: the snapshot holds it
    models::ClusterSnapshotPtr snapshot = parts_.cluster->snapshot();
    if (auto error = unknown_namespaces(known, *snapshot)) {
        return std::move(*error);
    }
    Reading reading{
        query.ns,
        query.since,
        std::clamp<std::uint32_t>(query.tail.value_or(kDefaultTail), 1, kMaxTail),
        query.previous,
        std::move(*filter),
        std::move(snapshot),
        {},
        {}
    };
    const models::Workload* workload = reading.snapshot->find_workload(query.ns, query.workload);
    if (workload == nullptr) {
        return Error(
            ErrorKind::kNotFound,
            "there is no workload '" + query.workload + "' in namespace '" + query.ns + "'"
        );
    }
    reading.found = places_of(*workload, query.containers, parts_.bounds.sources);
    if (!query.containers.empty() && reading.found.places.empty() && !workload->pods.empty()) {
        return Error(
            ErrorKind::kInvalidArgument,
            "parameter 'containers' names no container of workload '" + query.workload + "'"
        );
    }
    reading.logs.resize(reading.found.places.size());
    return reading;
}

Result<std::vector<SourceState>> Logs::states_of(const TimelineQuery& query) const {
    Result<Reading> reading = prepare(query);
    if (!reading) {
        return reading.error();
    }
    std::vector<SourceState> states;
    for (LogPlace& place : reading->found.places) {
        states.emplace_back().place = std::move(place);
    }
    return states;
}

Awaitable<bool> Logs::read_all(RequestContext context, Reading& reading) const {
    const std::size_t count = reading.found.places.size();
    const LogBounds& bounds = parts_.bounds;
    const std::size_t share = bounds.total_bytes / std::max<std::size_t>(count, 1);
    std::function<Awaitable<bool>(std::size_t)> task = [&,
                                                        share](std::size_t i) -> Awaitable<bool> {
        const LogPlace& place = reading.found.places[i];
        clients::LogQuery query;
        query.ns = place.ns;
        query.pod = place.pod;
        query.container = place.container;
        query.since = reading.since;
        query.previous = reading.previous;
        query.tail_lines = reading.most_lines() + 1UL;  // one more tells whether there are more
        query.limit_bytes =
            std::clamp(share, std::min(kLeastBytes, bounds.source_bytes), bounds.source_bytes);
        const LogWindow window;
        RawLog raw = co_await read_raw(*parts_.cluster, context, query, window);
        reading.logs[i] = std::move(raw);
        co_return true;
    };
    co_return co_await fan_out(count, bounds.parallel, std::move(task));
}

void Logs::count(
    const std::vector<LineCount>& counted, const Reading& reading, LogTimeline& timeline
) {
    for (const LogEntry& entry : timeline.entries) {
        if (const auto* line = std::get_if<models::LogLine>(&entry.what)) {
            ++timeline.sources[line->source].lines;
        } else {
            ++timeline.meta.scanned;
        }
    }
    for (std::size_t i = 0; i < timeline.sources.size(); ++i) {
        SourceState& source = timeline.sources[i];
        source.more = source.more || counted[i].read > reading.most_lines() ||
                      counted[i].passed > source.lines;
        timeline.meta.scanned += counted[i].read;
        const LogPlace& place = source.place;
        timeline.read.set(place.pod, place.container, counted[i].position);
    }
}

void Logs::describe(const TimelineQuery& query, const Reading& reading, LogTimeline& timeline) {
    Meta& meta = timeline.meta;
    for (const SourceState& source : timeline.sources) {
        if (source.state == SourceState::State::kCut) {
            meta.stopped_by = clients::StoppedBy::kBytes;
        } else if (source.more && meta.stopped_by == clients::StoppedBy::kComplete) {
            meta.stopped_by = clients::StoppedBy::kLimit;
        }
    }
    if (reading.found.left_out > 0) {
        meta.warn(
            "sources_limit",
            std::to_string(reading.found.left_out) + " containers of older pods were left out"
        );
    }
    if (query.tail) {
        meta.asked.limit = *query.tail;
    }
    meta.used.limit = reading.tail;
    meta.asked.start = meta.used.start = query.since;
    meta.order = "time:asc";
    meta.returned = timeline.entries.size();
}

Awaitable<std::vector<SelectedSpans>> Logs::find_spans(
    RequestContext context, const TimelineQuery& query, const SpanTimes& times, Meta& meta
) const {
    if (parts_.traces == nullptr) {
        meta.warn("spans_unavailable", "tracing is not available");
        co_return std::vector<SelectedSpans>();
    }
    SubjectQuery wanted;
    wanted.what = Subject::What::kWorkload;
    wanted.name_space = query.ns;
    wanted.name = query.workload;
    wanted.request.limit = query.span_limit;
    if (times.from_ns > 0) {
        const auto from = std::chrono::floor<std::chrono::microseconds>(
            std::chrono::nanoseconds(times.from_ns) - kBeforeFirst
        );
        wanted.request.start = std::max(SystemTime(from), SystemTime());
        wanted.request.end = parts_.clock->now() + std::chrono::microseconds(1);
    }
    if (times.to_ns) {
        const auto to = std::chrono::ceil<std::chrono::microseconds>(
            std::chrono::nanoseconds(*times.to_ns) + kBehindLast
        );
        wanted.request.end = std::min(SystemTime(to), *wanted.request.end);
    }
    // What that costs is told as far as the search tells it to this caller.
    context.bill = std::make_shared<UpstreamBill>();
    Result<SpanList> found =
        co_await parts_.traces->spans_of(std::move(context), std::move(wanted));
    if (!found) {
        meta.warn("spans_unavailable", found.error().message());
        co_return std::vector<SelectedSpans>();
    }
    if (found->meta.stopped_by == clients::StoppedBy::kLimit) {
        meta.warn("span_limit", "older traces of the workload were left out");
    }
    meta.upstream = std::move(found->meta.upstream);
    for (clients::StoreWarning& warning : found->meta.warnings) {
        meta.warnings.push_back(std::move(warning));
    }
    co_return std::move(found->traces);
}

Awaitable<FollowedSpans::Found> Logs::find_spans_since(
    RequestContext context, std::shared_ptr<const TimelineQuery> query, std::int64_t from_ns
) const {
    SpanTimes times;
    times.from_ns = from_ns;
    FollowedSpans::Found found;
    found.spans = co_await find_spans(std::move(context), *query, times, found.meta);
    co_return found;
}

FollowedSpans::Search Logs::search_of(const TimelineQuery& query) const {
    const auto kept = std::make_shared<const TimelineQuery>(query);
    return [this, kept](RequestContext context, std::int64_t from_ns) {
        return find_spans_since(std::move(context), kept, from_ns);
    };
}

Awaitable<Result<LogTimeline>> Logs::timeline(RequestContext context, TimelineQuery query) const {
    if (auto error = refuse(context.caller, query.ns, query.cluster_name)) {
        co_return *error;
    }
    Result<Reading> prepared = prepare(query);
    if (!prepared) {
        co_return prepared.error();
    }
    Reading& reading = *prepared;
    RequestContext for_logs = query.spans ? for_reading(context, 2, std::chrono::seconds(15))
                                          : for_reading(context, 8, std::chrono::seconds(2));
    const bool complete = co_await read_all(std::move(for_logs), reading);
    if (!complete || co_await is_cancelled()) {
        co_return Error(ErrorKind::kCancelled, "the caller left");
    }
    if (auto error = error_of_all(reading.logs)) {
        co_return *error;
    }
    LogTimeline timeline;
    LogParse parse(parser_, parts_.masker, parts_.bounds.line_bytes);
    for (std::size_t i = 0; i < reading.logs.size(); ++i) {
        timeline.sources.push_back(describe_source(reading.found.places[i], reading.logs[i]));
        parse.add(reading.found.places[i].kind, std::move(reading.logs[i]));
    }
    auto work = [&] { return assemble(parse, reading.filter, reading.tail); };
    Assembled assembled = co_await off_thread(parts_.workers, parse.bytes(), work);
    timeline.texts = std::move(assembled.texts);
    const bool any = !assembled.lines.empty();
    SpanTimes times;
    times.from_ns = any ? assembled.lines.front().time_ns : 0;
    if (query.since) {
        times.from_ns = std::chrono::nanoseconds(query.since->time_since_epoch()).count();
    }
    if (query.previous && any) {
        times.to_ns = assembled.lines.back().time_ns;
    }
    std::vector<SelectedSpans> spans;
    if (query.spans && (any || !query.previous)) {
        spans = co_await find_spans(context, query, times, timeline.meta);
        if (co_await is_cancelled()) {
            co_return Error(ErrorKind::kCancelled, "the caller left");
        }
    }
    auto join = [&] {
        return weave(
            std::move(assembled.lines), spans, times.from_ns, query.wanted.request_id, reading.tail
        );
    };
    timeline.entries = co_await off_thread(
        parts_.workers, (assembled.lines.size() + count_of(spans)) * kBytesOfEntry, join
    );
    for (SelectedSpans& selected : spans) {
        timeline.traces.push_back(std::move(selected.view));
    }
    count(assembled.counted, reading, timeline);
    describe(query, reading, timeline);
    const auto& costs = context.bill->by_name;
    timeline.meta.upstream.insert(costs.begin(), costs.end());
    co_return timeline;
}

}  // namespace meshscope::business
