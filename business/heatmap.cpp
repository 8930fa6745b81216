#include "business/heatmap.hpp"

#include "async/fan_out.hpp"
#include "business/traces.hpp"

#include <algorithm>
#include <functional>
#include <set>
#include <utility>

namespace meshscope::business {

namespace {

std::vector<std::string> reporters_of(bool inbound, bool waypoints) {
    std::vector<std::string> reporters{inbound ? "destination" : "source"};
    if (waypoints) {
        reporters.emplace_back("waypoint");
    }
    return reporters;
}

PageRequest all_rows() {
    PageRequest request;
    request.count = kMaxPageRows;
    return request;
}

// The store answered, and has no series of any of them.
bool nothing_is_measured(const HistogramsFound& found) {
    const auto is_there = [](const std::vector<MeasuredTimes>& times) {
        return std::ranges::any_of(times, &MeasuredTimes::is_there);
    };
    const auto failed = [](const std::optional<Error>& error) { return error.has_value(); };
    return !found.times.empty() && std::ranges::none_of(found.errors, failed) &&
           std::ranges::none_of(found.times, is_there);
}

// Which rows are listed: those of proxies come before others where there are too many.
std::vector<bool> choose(const std::vector<MeasuredSpan>& spans, Meta& meta) {
    std::vector<bool> chosen(spans.size());
    std::size_t room = kMaxHeatmapSpans;
    for (const bool proxies : {true, false}) {
        for (std::size_t i = 0; i < spans.size() && room > 0; ++i) {
            const bool measured = spans[i].missing == MissingCell::kNone;
            if (measured == proxies) {
                chosen[i] = true;
                --room;
            }
        }
    }
    if (spans.size() > kMaxHeatmapSpans) {
        meta.drop("limit", spans.size() - kMaxHeatmapSpans);
        meta.stopped_by = clients::StoppedBy::kLimit;
    }
    return chosen;
}

// Told at the server's side: a client span may have several servers.
void add_pair(const TraceRows& rows, std::size_t row, std::vector<Heatmap::Pair>& pairs) {
    const PairFact& pair = rows.page.facts.spans[row].pair;
    const auto& spans = rows.view.trace->spans;
    const models::Span& server = spans[rows.page.rows[row].span];
    if (pair.other == models::kNoSpan || server.parent != pair.other) {
        return;
    }
    pairs.push_back({spans[pair.other].id, server.id, pair.gap_ns});
}

// The matrix of one trace as it is made.
struct Draft {
    std::vector<MeasuredSpan> spans;                 // parallel to the rows
    std::vector<bool> listed;                        // likewise
    std::vector<std::optional<std::size_t>> places;  // among the targets
    HeatTargets targets{kMaxHeatmapTargets};

    Draft(const TraceRows& rows, const HeatmapSettings& settings, Meta& meta)
        : spans(measured_spans(rows, settings)), listed(choose(spans, meta)), places(spans.size()) {
        for (std::size_t i = 0; i < spans.size(); ++i) {
            targets.waypoints = targets.waypoints || spans[i].reported_by_waypoint;
            if (listed[i] && spans[i].missing == MissingCell::kNone) {
                places[i] =
                    targets.add(*spans[i].target, spans[i].direction == Direction::kInbound);
            }
        }
    }

    [[nodiscard]] HeatCells cells(
        const HeatFindings& findings, std::size_t i, const std::vector<HeatStat>& stats
    ) const {
        if (places[i]) {
            return cells_of(findings, *places[i], 0, spans[i].duration_ns, stats);
        }
        const bool measured = spans[i].missing == MissingCell::kNone;
        const MissingCell missing = measured ? MissingCell::kLimit : spans[i].missing;
        return empty_cells(findings.intervals, stats.size(), missing);
    }
};

}  // namespace

models::ClusterSnapshotPtr Heatmaps::snapshot() const {
    return parts_.cluster == nullptr ? nullptr : parts_.cluster->snapshot();
}

std::vector<MeasuredRequests> Heatmaps::requests_of(
    const HeatTargets& targets,
    const std::vector<HeatInterval>& intervals,
    SystemTime at,
    Meta& meta
) const {
    const models::ClusterSnapshotPtr cluster = snapshot();
    std::set<std::string> young;
    std::vector<MeasuredRequests> asked;
    for (const auto& [target, inbound] : targets.all()) {
        for (const HeatInterval& interval : intervals) {
            MeasuredRequests one;
            one.target = target;
            one.inbound = inbound;
            one.reporters = reporters_of(inbound, targets.waypoints);
            one.at = at;
            one.interval = interval_within(cluster.get(), target, at, interval.length);
            if (one.interval < interval.length && young.insert(target.ns).second) {
                meta.warn(
                    "young_namespace",
                    "namespace '" + target.ns + "' is only " +
                        std::to_string(one.interval.count()) +
                        " s old: longer intervals hold no more"
                );
            }
            asked.push_back(std::move(one));
        }
    }
    return asked;
}

Awaitable<HeatFindings> Heatmaps::find(
    RequestContext context, HistogramQuestion question, bool sees_all, Meta& meta
) const {
    HeatFindings findings;
    findings.asked = question.asked;
    if (parts_.metrics == nullptr) {
        findings.off = true;
        meta.warn(parts_.unavailable.code(), parts_.unavailable.message());
        co_return findings;
    }
    findings.found =
        co_await ask_histograms(*parts_.metrics, *parts_.clock, context, std::move(question));
    if (nothing_is_measured(findings.found)) {
        meta.warn(
            "metric_missing",
            "Prometheus has no istio_request_duration_milliseconds of these workloads: their "
            "proxies "
            "write none, or are not scraped"
        );
    }
    std::set<std::string> said;
    for (const auto& error : findings.found.errors) {
        if (error && said.insert(error->code()).second) {
            meta.warn(error->code(), error->message());
        }
    }
    if (sees_all) {
        for (const std::string& warning : findings.found.warnings) {
            meta.warn("prometheus", warning);
        }
        meta.upstream = context.bill->by_name;
    }
    co_return findings;
}

Awaitable<Result<Heatmap>> Heatmaps::of(RequestContext context, HeatmapQuery query) const {
    auto rows = co_await parts_.traces->rows(context, query.id, all_rows());
    if (!rows) {
        co_return rows.error();
    }
    Heatmap map;
    map.id = query.id;
    map.basis = basis_of(query.options);
    map.meta = std::move(rows->meta);
    const SystemTime now = parts_.clock->now();
    const SystemTime end = from_micros(rows->view.trace->end_ns() / 1000);
    map.evaluated_at = moment_of(query.options.now ? now : end, now);

    const Draft draft(*rows, parts_.settings, map.meta);
    const auto& stats = parts_.settings.stats;
    HistogramQuestion question;
    question.asked =
        requests_of(draft.targets, parts_.settings.intervals, map.evaluated_at, map.meta);
    question.quantiles = quantiles_of(stats);
    question.narrow = true;
    HeatFindings findings = co_await find(context, std::move(question), rows->sees_all, map.meta);
    findings.intervals = parts_.settings.intervals.size();

    MeanCells mean(findings.intervals, stats.size());
    for (std::size_t i = 0; i < draft.spans.size(); ++i) {
        if (!draft.listed[i]) {
            continue;
        }
        Heatmap::Span span;
        span.id = rows->view.trace->spans[rows->page.rows[i].span].id;
        span.target = draft.spans[i].target;
        span.direction = draft.spans[i].direction;
        span.duration_ns = draft.spans[i].duration_ns;
        span.cells = draft.cells(findings, i, stats);
        mean.add(draft.spans[i], span.cells, query.options);
        add_pair(*rows, i, map.pairs);
        map.spans.push_back(std::move(span));
    }
    map.trace = mean.mean();
    map.meta.returned = map.spans.size();
    co_return map;
}

}  // namespace meshscope::business
