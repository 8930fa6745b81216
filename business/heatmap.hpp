#pragma once

#include "async/awaitable.hpp"
#include "async/request_context.hpp"
#include "business/access.hpp"
#include "business/heatmap_cells.hpp"
#include "business/meta.hpp"
#include "business/response_times.hpp"
#include "clients/cluster.hpp"
#include "clients/metric_store.hpp"
#include "core/clock.hpp"
#include "core/ids.hpp"
#include "core/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace meshscope::business {

class Traces;

inline constexpr std::size_t kMaxHeatmapTraces = 100;  // of one page
inline constexpr std::size_t kMaxHeatmapSpans = 1000;  // of one trace that are listed
inline constexpr std::size_t kMaxHeatmapTargets = 64;  // of one trace; of a page twice as many

struct HeatmapQuery {
    TraceId id;
    HeatOptions options;
};

struct Heatmap {
    struct Span {
        SpanId id;
        std::optional<MeasuredTarget> target;  // none: hidden, or nothing tells whose it is
        Direction direction = Direction::kInternal;
        std::int64_t duration_ns = 0;
        HeatCells cells;
    };
    struct Pair {
        SpanId client;
        SpanId server;
        std::optional<std::int64_t> gap_ns;  // as PairFact
    };
    TraceId id;
    SystemTime evaluated_at;
    std::string basis;  // what the trace's own cells are made of, for people
    HeatCells trace;
    std::vector<Span> spans;  // as the rows of the waterfall
    std::vector<Pair> pairs;  // likewise
    Meta meta;
};

struct HeatmapListQuery {
    std::vector<TraceId> ids;  // at most kMaxHeatmapTraces
    HeatOptions options;
};

struct HeatmapList {
    struct Entry {
        TraceId id;
        std::optional<Error> missing;  // why there is no matrix
        SystemTime evaluated_at;
        HeatCells cells;
    };
    std::vector<Entry> traces;  // as asked for
    std::vector<HeatInterval> intervals;
    std::vector<HeatStat> stats;
    MomentGrid grid;  // of the moments that the metrics are of
    Meta meta;        // the limits used are those of the grid
};

// How slow the spans of traces are, held against what the mesh measured at that time. Usable from
// every thread; outlives its calls. Errors are those of Traces: metrics that cannot be had leave
// their cells empty, with the reason.
class Heatmaps {
 public:
    struct Parts {
        const Traces* traces = nullptr;
        const Access* access = nullptr;
        clients::MetricStore* metrics = nullptr;  // null: every cell is kNoMetrics
        Error unavailable{ErrorKind::kUnavailable, "metrics are not available"};
        clients::Cluster* cluster = nullptr;  // null: how old namespaces are is unknown
        const Clock* clock = nullptr;
        HeatmapSettings settings;
    };
    explicit Heatmaps(Parts parts) : parts_(std::move(parts)) {}

    [[nodiscard]] const HeatmapSettings& settings() const { return parts_.settings; }

    // The whole matrix. With classic histograms at most 6 queries for each set of intervals that
    // the ages of namespaces leave.
    Awaitable<Result<Heatmap>> of(RequestContext context, HeatmapQuery query) const;
    // Compact matrices: the last two intervals, the first three statistics, the trace's own cells
    // only. At most 12 queries; what does not fit into them is kLimit.
    Awaitable<Result<HeatmapList>> of_many(RequestContext context, HeatmapListQuery query) const;

 private:
    [[nodiscard]] models::ClusterSnapshotPtr snapshot() const;
    [[nodiscard]] std::vector<MeasuredRequests> requests_of(
        const HeatTargets& targets,
        const std::vector<HeatInterval>& intervals,
        SystemTime at,
        Meta& meta
    ) const;
    // `sees_all`: the caller is told what the store says besides, and what it cost.
    Awaitable<HeatFindings> find(
        RequestContext context, HistogramQuestion question, bool sees_all, Meta& meta
    ) const;

    Parts parts_;
};

}  // namespace meshscope::business
