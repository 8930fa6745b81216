#include "business/metric_labels.hpp"
#include "business/metric_plan.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string_view>
#include <tuple>
#include <utility>

namespace meshscope::business {

namespace {

using clients::promql::Label;
using models::MetricMatrix;
using models::MetricPoint;

// Reads the labels of one answer.
class Columns {
 public:
    Columns(const MetricsRequest& request, const models::LabelTable& table) : table_(table) {
        const std::string_view ns = side_of(request.direction).ns.name();
        const bool asked =
            std::ranges::any_of(request.by, [&](const Label& label) { return label.name() == ns; });
        if (splits(request)) {
            namespace_ = table.column(ns);
        } else {
            only_ = request.target.namespaces.front();
        }
        tag_ = table.column(kFamilyTag.name());
        le_ = table.column("le");
        for (std::size_t i = 0; i < table.columns().size(); ++i) {
            const std::string& name = table.columns()[i];
            if (i != tag_ && i != le_ && (asked || name != ns)) {
                shown_.emplace_back(name, i);
            }
        }
        std::ranges::sort(shown_);
    }

    [[nodiscard]] MetricSeries head(std::size_t row) const {
        MetricSeries series;
        series.ns = only_.empty() ? table_.cell(row, namespace_) : std::string_view(only_);
        for (const auto& [name, column] : shown_) {
            const std::string_view value = table_.cell(row, column);
            if (!value.empty()) {
                series.labels.emplace_back(name, value);
            }
        }
        return series;
    }
    [[nodiscard]] std::string_view tag(std::size_t row) const { return table_.cell(row, tag_); }
    [[nodiscard]] std::string_view le(std::size_t row) const { return table_.cell(row, le_); }

 private:
    const models::LabelTable& table_;
    std::string only_;
    std::size_t namespace_ = models::LabelTable::kNone;
    std::size_t tag_ = models::LabelTable::kNone;
    std::size_t le_ = models::LabelTable::kNone;
    std::vector<std::pair<std::string, std::size_t>> shown_;
};

// Takes series as long as there is room.
class Room {
 public:
    explicit Room(std::vector<MetricSeries>& series) : series_(series) {
        for (const MetricSeries& one : series) {
            points_ += one.points.size();
        }
    }
    void take(MetricSeries one) {
        if (series_.size() >= kMostSeries || points_ + one.points.size() > kMostAnswerPoints) {
            ++left_out_;
            return;
        }
        points_ += one.points.size();
        series_.push_back(std::move(one));
    }
    [[nodiscard]] std::size_t left_out() const { return left_out_; }

 private:
    std::vector<MetricSeries>& series_;
    std::size_t points_ = 0;
    std::size_t left_out_ = 0;
};

// The rows of one histogram.
struct Histogram {
    MetricSeries head;
    std::vector<std::pair<double, std::size_t>> buckets;  // bound, row
    std::optional<std::size_t> sum;                       // row
};

std::vector<Histogram> histograms(const Columns& columns, const MetricMatrix& answer) {
    std::map<std::vector<std::pair<std::string, std::string>>, std::size_t> places;
    std::vector<Histogram> out;
    for (std::size_t row = 0; row < answer.labels.rows(); ++row) {
        MetricSeries head = columns.head(row);
        auto key = head.labels;
        key.emplace_back("", head.ns);
        const auto [place, added] = places.try_emplace(std::move(key), out.size());
        if (added) {
            out.push_back({std::move(head), {}, std::nullopt});
        }
        Histogram& histogram = out[place->second];
        if (columns.le(row).empty()) {
            histogram.sum = row;
        } else if (const auto bound = parse_bound(columns.le(row))) {
            histogram.buckets.emplace_back(*bound, row);
        }
    }
    return out;
}

// Walks over the points of one row, ascending.
class Walk {
 public:
    explicit Walk(std::span<const MetricPoint> points) : points_(points) {}
    [[nodiscard]] std::optional<std::int64_t> time() const {
        return at_ < points_.size() ? std::optional(points_[at_].time_ms) : std::nullopt;
    }
    // The value at that time, which is not before those that were asked for.
    std::optional<double> value(std::int64_t time_ms) {
        while (at_ < points_.size() && points_[at_].time_ms < time_ms) {
            ++at_;
        }
        const bool here = at_ < points_.size() && points_[at_].time_ms == time_ms;
        return here ? std::optional(points_[at_++].value) : std::nullopt;
    }

 private:
    std::span<const MetricPoint> points_;
    std::size_t at_ = 0;
};

// Every statistic of one histogram at every time that has buckets.
std::vector<MetricSeries> statistics(
    const MetricsRequest& request,
    const Histogram& histogram,
    const MetricMatrix& answer,
    BucketRepair repair
) {
    std::vector<MetricSeries> out(request.quantiles.size() + 1, histogram.head);
    for (std::size_t i = 0; i < request.quantiles.size(); ++i) {
        out[i].stat = request.quantiles[i].spelling();
    }
    out.back().stat = kAverage;
    std::vector<std::pair<double, Walk>> walks;
    for (const auto& [bound, row] : histogram.buckets) {
        walks.emplace_back(bound, Walk(answer.of(row)));
    }
    Walk sums(histogram.sum ? answer.of(*histogram.sum) : std::span<const MetricPoint>());
    while (true) {
        std::optional<std::int64_t> time;
        for (const auto& [bound, walk] : walks) {
            const auto next = walk.time();
            time = next && (!time || *next < *time) ? next : time;
        }
        if (!time) {
            break;
        }
        std::vector<Bucket> buckets;
        for (auto& [bound, walk] : walks) {
            if (const auto count = walk.value(*time)) {
                buckets.push_back({bound, *count});
            }
        }
        const auto made = BucketHistogram::of(std::move(buckets), repair);
        for (std::size_t i = 0; made && i < request.quantiles.size(); ++i) {
            out[i].points.push_back({*time, made->quantile(request.quantiles[i].value())});
        }
        if (const auto total = sums.value(*time); total && made) {
            out.back().points.push_back({*time, *total / made->count()});
        }
    }
    if (!request.average) {
        out.pop_back();
    }
    return out;
}

}  // namespace

std::size_t read_metrics(
    const MetricsRequest& request,
    const MetricQuery& query,
    const MetricMatrix& answer,
    BucketRepair repair,
    FamilySeries& series
) {
    const Columns columns(request, answer.labels);
    const auto series_of = [&](MetricFamily family) -> std::vector<MetricSeries>& {
        return series[static_cast<std::size_t>(family)];
    };
    std::size_t left_out = 0;
    if (query.kind == MetricQuery::Kind::kBuckets) {
        Room room(series_of(query.families.front()));
        for (const Histogram& histogram : histograms(columns, answer)) {
            for (MetricSeries& one : statistics(request, histogram, answer, repair)) {
                if (!one.points.empty()) {
                    room.take(std::move(one));
                }
            }
        }
        left_out = room.left_out();
    } else {
        std::map<MetricFamily, Room> rooms;
        for (const MetricFamily family : query.families) {
            rooms.emplace(family, Room(series_of(family)));
        }
        for (std::size_t row = 0; row < answer.labels.rows(); ++row) {
            const bool one_family = query.families.size() == 1;
            const auto family =
                one_family ? query.families.front() : family_named(columns.tag(row));
            const auto room = family ? rooms.find(*family) : rooms.end();
            if (room != rooms.end()) {
                MetricSeries one = columns.head(row);
                one.stat = query.stat;
                const auto points = answer.of(row);
                one.points.assign(points.begin(), points.end());
                room->second.take(std::move(one));
            }
        }
        for (const auto& [family, room] : rooms) {
            left_out += room.left_out();
        }
    }
    for (const MetricFamily family : query.families) {
        std::ranges::sort(series_of(family), {}, [](const MetricSeries& one) {
            return std::tie(one.stat, one.ns, one.labels);
        });
    }
    return left_out;
}

}  // namespace meshscope::business
