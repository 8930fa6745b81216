#include "business/heatmap_cells.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace meshscope::business {

namespace {

constexpr std::size_t kMaxMoments = 16;
constexpr std::array<std::chrono::seconds, 9> kSteps{
    std::chrono::seconds(15),
    std::chrono::minutes(1),
    std::chrono::minutes(5),
    std::chrono::minutes(15),
    std::chrono::hours(1),
    std::chrono::hours(4),
    std::chrono::hours(24),
    std::chrono::hours(24 * 7),
    std::chrono::hours(24 * 30),
};

HeatCell cell_of(
    const MeasuredTimes& times,
    double duration_ms,
    const HeatStat& stat,
    std::size_t quantile,
    std::chrono::seconds interval
) {
    HeatCell cell;
    cell.missing = MissingCell::kNoSamples;
    const double count = times.count() * static_cast<double>(interval.count());
    const double value =
        stat.quantile ? times.quantile(quantile, stat.quantile->value()) : times.average();
    if (!(count > 0) || !std::isfinite(count) || !std::isfinite(value)) {
        return cell;
    }
    cell.missing = MissingCell::kNone;
    cell.stat = value;
    cell.value = duration_ms - value;
    cell.samples = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::llround(count)));
    return cell;
}

MissingCell reason_of(const Error& error) {
    return error.code() == kTooManyQueries ? MissingCell::kLimit : MissingCell::kUpstream;
}

// Whether the store has series of the target: that nothing was counted is told from that nobody
// counts. True where it is not known.
bool is_measured(const HeatFindings& findings, std::size_t target) {
    const HistogramsFound& found = findings.found;
    for (std::size_t i = 0; i < findings.intervals; ++i) {
        const std::size_t asked = target * findings.intervals + i;
        if (found.errors[asked] ||
            std::ranges::any_of(found.times[asked], &MeasuredTimes::is_there)) {
            return true;
        }
    }
    return false;
}

bool is_proxy(const SpanFacts& facts) { return facts.source == SpanSource::kEnvoy; }

}  // namespace

std::string_view to_string(MissingCell missing) {
    switch (missing) {
        case MissingCell::kNone:
            return "";
        case MissingCell::kNotAProxySpan:
            return "not_a_proxy_span";
        case MissingCell::kNoSamples:
            return "no_samples";
        case MissingCell::kNoMetrics:
            return "no_metrics";
        case MissingCell::kLimit:
            return "limit";
        case MissingCell::kRights:
            return "rights";
        case MissingCell::kUpstream:
            return "upstream";
    }
    return "";
}

std::vector<HeatStat> HeatmapSettings::default_stats() {
    std::vector<HeatStat> stats{{"avg", std::nullopt}};
    for (const char* name : {"0.5", "0.9", "0.99"}) {
        stats.push_back({name, *clients::promql::Quantile::parse(name)});
    }
    return stats;
}

std::vector<clients::promql::Quantile> quantiles_of(const std::vector<HeatStat>& stats) {
    std::vector<clients::promql::Quantile> quantiles;
    for (const HeatStat& stat : stats) {
        if (stat.quantile) {
            quantiles.push_back(*stat.quantile);
        }
    }
    return quantiles;
}

std::vector<MeasuredSpan> measured_spans(const TraceRows& rows, const HeatmapSettings& settings) {
    std::vector<MeasuredSpan> spans(rows.page.rows.size());
    for (std::size_t i = 0; i < spans.size(); ++i) {
        MeasuredSpan& span = spans[i];
        const std::uint32_t index = rows.page.rows[i].span;
        span.duration_ns = rows.view.trace->spans[index].duration_ns;
        if (rows.view.hides(index)) {
            span.missing = MissingCell::kRights;
            continue;
        }
        const SpanFacts& facts = rows.page.facts.spans[i];
        span.direction = facts.direction;
        const SpanIdentity* identity = rows.identity_of(index);
        if (identity != nullptr && !identity->workload.empty()) {
            MeasuredTarget& target = span.target.emplace();
            target.ns = identity->ns;
            target.name = identity->workload;
            const bool abroad =
                !settings.home_cluster.empty() && identity->cluster != settings.home_cluster;
            if (settings.several_clusters || abroad) {
                target.cluster = identity->cluster;
            }
            span.reported_by_waypoint = !identity->reporter.empty();
        }
        if (!is_proxy(facts)) {
            span.missing = MissingCell::kNotAProxySpan;
        } else if (!span.target || facts.direction == Direction::kInternal) {
            span.missing = MissingCell::kNoMetrics;
        }
    }
    return spans;
}

bool counts_for_trace(const MeasuredSpan& span, const HeatOptions& options) {
    if (span.missing != MissingCell::kNone) {
        return false;
    }
    if (options.every_span) {
        return true;
    }
    return span.direction == Direction::kInbound &&
           (options.workload.empty() || options.workload == span.target->name) &&
           (options.name_space.empty() || options.name_space == span.target->ns);
}

std::string basis_of(const HeatOptions& options) {
    if (options.every_span) {
        return "spans of proxies";
    }
    if (options.workload.empty()) {
        return "inbound spans of proxies";
    }
    return "inbound spans of " + options.workload;
}

std::optional<std::size_t> HeatTargets::add(const MeasuredTarget& target, bool inbound) {
    const Target key{target, inbound};
    if (const auto known = places_.find(key); known != places_.end()) {
        return known->second;
    }
    if (all_.size() >= most_) {
        return std::nullopt;
    }
    places_.emplace(key, all_.size());
    all_.push_back(key);
    return all_.size() - 1;
}

HeatCells cells_of(
    const HeatFindings& findings,
    std::size_t target,
    std::size_t moment,
    std::int64_t duration_ns,
    const std::vector<HeatStat>& stats
) {
    const double duration_ms = static_cast<double>(duration_ns) / 1e6;
    if (findings.off || !is_measured(findings, target)) {
        return empty_cells(findings.intervals, stats.size(), MissingCell::kNoMetrics);
    }
    HeatCells cells;
    for (std::size_t i = 0; i < findings.intervals; ++i) {
        const std::size_t asked = target * findings.intervals + i;
        auto& row = cells.emplace_back(stats.size());
        const auto& error = findings.found.errors[asked];
        std::size_t quantile = 0;
        for (std::size_t stat = 0; stat < stats.size(); ++stat) {
            if (error) {
                row[stat].missing = reason_of(*error);
                continue;
            }
            row[stat] = cell_of(
                findings.found.times[asked][moment],
                duration_ms,
                stats[stat],
                quantile,
                findings.asked[asked].interval
            );
            quantile += stats[stat].quantile ? 1 : 0;
        }
    }
    return cells;
}

HeatCells empty_cells(std::size_t intervals, std::size_t stats, MissingCell missing) {
    HeatCell cell;
    cell.missing = missing;
    return HeatCells(intervals, std::vector<HeatCell>(stats, cell));
}

MeanCells::MeanCells(std::size_t intervals, std::size_t stats)
    : sums_(empty_cells(intervals, stats, MissingCell::kNotAProxySpan)),
      counts_(intervals, std::vector<std::size_t>(stats)) {}

void MeanCells::add(const MeasuredSpan& span, const HeatCells& cells, const HeatOptions& options) {
    if (!counts_for_trace(span, options)) {
        others_ = std::max(others_, span.missing);
        return;
    }
    ++spans_;
    for (std::size_t i = 0; i < sums_.size(); ++i) {
        for (std::size_t j = 0; j < sums_[i].size(); ++j) {
            const HeatCell& cell = cells[i][j];
            HeatCell& sum = sums_[i][j];
            if (cell.missing != MissingCell::kNone) {
                sum.missing = std::max(sum.missing, cell.missing);
                continue;
            }
            sum.value += cell.value;
            sum.stat += cell.stat;
            sum.samples = counts_[i][j] == 0 ? cell.samples : std::min(sum.samples, cell.samples);
            ++counts_[i][j];
        }
    }
}

HeatCells MeanCells::mean() const {
    if (spans_ == 0) {
        return empty_cells(sums_.size(), sums_.empty() ? 0 : sums_[0].size(), others_);
    }
    HeatCells means = sums_;
    for (std::size_t i = 0; i < means.size(); ++i) {
        for (std::size_t j = 0; j < means[i].size(); ++j) {
            if (counts_[i][j] == 0) {
                continue;
            }
            const auto count = static_cast<double>(counts_[i][j]);
            means[i][j].missing = MissingCell::kNone;
            means[i][j].value /= count;
            means[i][j].stat /= count;
        }
    }
    return means;
}

SystemTime moment_of(SystemTime trace_end, SystemTime now) {
    return std::min(
        SystemTime(std::chrono::ceil<std::chrono::seconds>(trace_end)),
        SystemTime(std::chrono::floor<std::chrono::seconds>(now))
    );
}

MomentGrid grid_over(const std::vector<SystemTime>& moments, SystemTime now) {
    MomentGrid grid;
    if (moments.empty()) {
        grid.start = moment_of(now, now);
        return grid;
    }
    const auto [first, last] = std::ranges::minmax(moments);
    grid.start = first;
    if (first == last) {
        return grid;
    }
    const auto count = [&grid, end = last](std::chrono::seconds step) {
        const auto before = grid.start.time_since_epoch() / step;
        const auto behind = (end.time_since_epoch() + step - std::chrono::microseconds(1)) / step;
        return static_cast<std::size_t>(behind - before) + 1;
    };
    grid.step = kSteps.back();
    for (const std::chrono::seconds step : kSteps) {
        if (count(step) <= kMaxMoments) {
            grid.step = step;
            break;
        }
    }
    grid.moments = std::min(count(grid.step), kMaxMoments);
    grid.start = SystemTime(grid.step * (first.time_since_epoch() / grid.step));
    while (grid.moments > 1 && grid.at(grid.moments - 1) > now) {
        --grid.moments;
    }
    return grid;
}

}  // namespace meshscope::business
