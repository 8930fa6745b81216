#include "async/fan_out.hpp"
#include "business/heatmap.hpp"
#include "business/traces.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace meshscope::business {

namespace {

constexpr std::size_t kParallel = 8;
constexpr std::size_t kMaxQueries = 12;
constexpr std::size_t kIntervals = 2;
constexpr std::size_t kStats = 3;

// What the page needs of one trace; the trace itself is let go.
struct ListedTrace {
    std::optional<Error> error;
    SystemTime end;
    std::vector<MeasuredSpan> spans;  // that count, and one that says why others do not
    std::vector<std::optional<std::size_t>> places;  // among the targets
    bool waypoints = false;
};

ListedTrace listed(
    const TraceRows& rows, const HeatOptions& options, const HeatmapSettings& settings
) {
    ListedTrace trace;
    trace.end = from_micros(rows.view.trace->end_ns() / 1000);
    MeasuredSpan other;
    other.missing = MissingCell::kNotAProxySpan;
    for (MeasuredSpan& span : measured_spans(rows, settings)) {
        trace.waypoints = trace.waypoints || span.reported_by_waypoint;
        if (counts_for_trace(span, options)) {
            trace.spans.push_back(std::move(span));
        } else {
            other.missing = std::max(other.missing, span.missing);
        }
    }
    trace.spans.push_back(std::move(other));
    return trace;
}

// The traces of a page, and what is asked for all of them together.
struct HeatPage {
    std::vector<ListedTrace> traces;  // as asked for
    HeatTargets targets{2 * kMaxHeatmapTargets};
    std::vector<SystemTime> moments;  // of those that were found

    void add_targets(bool of_now, SystemTime now) {
        for (ListedTrace& trace : traces) {
            if (trace.error) {
                continue;
            }
            moments.push_back(moment_of(of_now ? now : trace.end, now));
            targets.waypoints = targets.waypoints || trace.waypoints;
            for (const MeasuredSpan& span : trace.spans) {
                const bool inbound = span.direction == Direction::kInbound;
                const bool measured = span.missing == MissingCell::kNone;
                trace.places.push_back(
                    measured ? targets.add(*span.target, inbound) : std::nullopt
                );
            }
        }
    }
};

Awaitable<bool> fetch(
    const Traces& traces,
    const HeatmapSettings& settings,
    RequestContext context,
    const HeatmapListQuery& query,
    ListedTrace& into,
    std::size_t index
) {
    PageRequest every;
    every.count = kMaxPageRows;
    auto rows = co_await traces.rows(context, query.ids[index], std::move(every));
    if (rows) {
        into = listed(*rows, query.options, settings);
    } else {
        into.error = rows.error();
    }
    co_return true;
}

HeatCells cells_of_trace(
    const ListedTrace& trace,
    std::size_t moment,
    const HeatFindings& findings,
    const std::vector<HeatStat>& stats,
    const HeatOptions& options
) {
    MeanCells mean(findings.intervals, stats.size());
    for (std::size_t i = 0; i < trace.spans.size(); ++i) {
        const MeasuredSpan& span = trace.spans[i];
        if (trace.places[i]) {
            mean.add(
                span, cells_of(findings, *trace.places[i], moment, span.duration_ns, stats), options
            );
        } else {
            mean.add(
                span, empty_cells(findings.intervals, stats.size(), MissingCell::kLimit), options
            );
        }
    }
    return mean.mean();
}

}  // namespace

Awaitable<Result<HeatmapList>> Heatmaps::of_many(RequestContext context, HeatmapListQuery query)
    const {
    const auto& rows = parts_.settings.intervals;
    HeatmapList list;
    const auto skip = static_cast<std::ptrdiff_t>(rows.size() - std::min(rows.size(), kIntervals));
    list.intervals.assign(rows.begin() + skip, rows.end());
    list.stats = parts_.settings.stats;
    list.stats.resize(std::min(list.stats.size(), kStats));
    HeatPage page;
    // Until it is fetched: a caller who leaves ends the fetching before all were.
    ListedTrace left_out;
    left_out.error = Error(ErrorKind::kCancelled, "the caller left");
    page.traces.assign(query.ids.size(), left_out);
    std::function<Awaitable<bool>(std::size_t)> task = [&](std::size_t i) {
        return fetch(*parts_.traces, parts_.settings, context, query, page.traces[i], i);
    };
    co_await fan_out(page.traces.size(), kParallel, std::move(task));

    const SystemTime now = parts_.clock->now();
    page.add_targets(query.options.now, now);
    const MomentGrid grid = grid_over(page.moments, now);
    const SystemTime last = grid.at(grid.moments - 1);
    list.grid = grid;
    list.meta.used.start = grid.start;
    list.meta.used.end = last;
    HistogramQuestion question;
    question.asked = requests_of(page.targets, list.intervals, last, list.meta);
    question.quantiles = quantiles_of(list.stats);
    question.grid = grid;
    question.max_queries = kMaxQueries;
    const bool sees_all = parts_.access->sees_all(context.caller);
    HeatFindings findings = co_await find(context, std::move(question), sees_all, list.meta);
    findings.intervals = list.intervals.size();
    std::size_t found = 0;
    for (std::size_t i = 0; i < page.traces.size(); ++i) {
        const ListedTrace& trace = page.traces[i];
        HeatmapList::Entry entry{query.ids[i], trace.error, {}, {}};
        if (!trace.error) {
            const std::size_t moment = grid.nearest(page.moments[found++]);
            entry.evaluated_at = grid.at(moment);
            entry.cells = cells_of_trace(trace, moment, findings, list.stats, query.options);
        }
        list.traces.push_back(std::move(entry));
    }
    if (sees_all) {
        list.meta.upstream = context.bill->by_name;
    }
    list.meta.returned = list.traces.size();
    list.meta.scanned = sees_all ? found : list.traces.size();
    list.meta.order = "as asked";
    co_return list;
}

}  // namespace meshscope::business
