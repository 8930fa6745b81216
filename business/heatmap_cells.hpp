#pragma once

#include "business/ask_histograms.hpp"
#include "business/response_times.hpp"
#include "business/span_facts.hpp"
#include "business/traces.hpp"
#include "clients/promql.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace meshscope::business {

// The pure part of heatmaps: which spans are measured and against what, and the cells.

struct HeatInterval {
    std::string name;  // as configured: "10m"
    std::chrono::seconds length{0};
};

struct HeatStat {
    std::string name;                                   // "avg", "0.99"
    std::optional<clients::promql::Quantile> quantile;  // none: the average
};

struct HeatmapSettings {
    std::vector<HeatInterval> intervals;  // rows; at least one
    std::vector<HeatStat> stats = default_stats();
    std::string home_cluster;       // "": unknown
    bool several_clusters = false;  // then every target is named with its cluster

    static std::vector<HeatStat> default_stats();  // avg, 0.5, 0.9, 0.99
};
std::vector<clients::promql::Quantile> quantiles_of(const std::vector<HeatStat>& stats);

struct HeatOptions {
    bool now = false;         // metrics of now, not of the trace's time
    bool every_span = false;  // the trace's own cells: the mean over all spans of proxies
    std::string workload;     // else over the inbound spans of this workload; "": of all
    std::string name_space;   // of the workload; "": any
};

enum class MissingCell : std::uint8_t {
    kNone,
    kNotAProxySpan,  // metrics are of proxies; or there is no such span
    kNoSamples,      // nothing was counted in the interval
    kNoMetrics,      // metrics are off, nothing tells whose span it is, or nobody counts for it
    kLimit,          // more is asked for than one request may cost
    kRights,         // the span is hidden from the caller
    kUpstream,       // the store failed
};
// "", not_a_proxy_span, no_samples, no_metrics, limit, rights, upstream
std::string_view to_string(MissingCell missing);

// A request held against a statistic; ms. Zero is a value.
struct HeatCell {
    MissingCell missing = MissingCell::kNoMetrics;
    double value = 0;           // the request minus the statistic: positive is slower
    double stat = 0;            // of a mean: the mean of the statistics
    std::uint64_t samples = 0;  // requests in the interval, at least 1; of a mean: the fewest
};
using HeatCells = std::vector<std::vector<HeatCell>>;  // [interval][stat]

// A span as far as a heatmap is about it.
struct MeasuredSpan {
    MissingCell missing = MissingCell::kNone;  // of all its cells
    std::optional<MeasuredTarget> target;
    Direction direction = Direction::kInternal;
    std::int64_t duration_ns = 0;
    bool reported_by_waypoint = false;
};
// Parallel to rows.page.rows.
std::vector<MeasuredSpan> measured_spans(const TraceRows& rows, const HeatmapSettings& settings);

// Whether the trace's own cells are made of it.
bool counts_for_trace(const MeasuredSpan& span, const HeatOptions& options);
std::string basis_of(const HeatOptions& options);

// The different targets of many spans, each with its direction.
class HeatTargets {
 public:
    explicit HeatTargets(std::size_t most) : most_(most) {}
    using Target = std::pair<MeasuredTarget, bool>;  // inbound

    // nullopt when there are too many.
    std::optional<std::size_t> add(const MeasuredTarget& target, bool inbound);
    [[nodiscard]] const std::vector<Target>& all() const { return all_; }
    // Proxies between (waypoints) report, too.
    bool waypoints = false;

 private:
    std::size_t most_;
    std::vector<Target> all_;
    std::map<Target, std::size_t> places_;
};

// What the store said of targets: of each its intervals, of each interval its moments.
struct HeatFindings {
    std::size_t intervals = 0;
    std::vector<MeasuredRequests> asked;  // by target, then interval
    HistogramsFound found;
    bool off = false;  // nobody was asked: metrics are off
};

// The cells of one span against one target at one moment.
HeatCells cells_of(
    const HeatFindings& findings,
    std::size_t target,
    std::size_t moment,
    std::int64_t duration_ns,
    const std::vector<HeatStat>& stats
);
HeatCells empty_cells(std::size_t intervals, std::size_t stats, MissingCell missing);

// The trace's own cells: the mean over those cells of spans that count and have a value. Where none
// has, the gravest reason of those that count; where no span counts, why others do not.
class MeanCells {
 public:
    MeanCells(std::size_t intervals, std::size_t stats);
    void add(const MeasuredSpan& span, const HeatCells& cells, const HeatOptions& options);
    [[nodiscard]] HeatCells mean() const;

 private:
    HeatCells sums_;
    std::vector<std::vector<std::size_t>> counts_;
    std::size_t spans_ = 0;
    MissingCell others_ = MissingCell::kNotAProxySpan;
};

// The moment whose metrics a trace that ended so is held against: whole seconds, never later than
// now.
SystemTime moment_of(SystemTime trace_end, SystemTime now);
// At most 16 moments around all of those.
MomentGrid grid_over(const std::vector<SystemTime>& moments, SystemTime now);

}  // namespace meshscope::business
