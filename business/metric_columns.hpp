#pragma once

#include "business/metric_labels.hpp"
#include "business/metric_plan.hpp"
#include "business/native_histograms.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// What readers of answers have in common.
namespace meshscope::business {

// Reads the labels of one answer.
class MetricColumns {
 public:
    MetricColumns(const MetricsRequest& request, const models::LabelTable& table) : table_(table) {
        const std::string_view ns = side_of(request.direction).ns.name();
        const bool asked = std::ranges::any_of(
            request.by, [&](const clients::promql::Label& label) { return label.name() == ns; }
        );
        if (splits(request)) {
            namespace_ = table.column(ns);
        } else {
            only_ = request.target.namespaces.front();
        }
        tag_ = table.column(kFamilyTag.name());
        le_ = table.column("le");
        part_ = table.column(kPartLabel.name());
        for (std::size_t i = 0; i < table.columns().size(); ++i) {
            const std::string& name = table.columns()[i];
            const bool ours = i == tag_ || i == le_ || i == part_;
            if (!ours && (asked || name != ns)) {
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
    // Of a query about one family or several; nullopt: none of them.
    [[nodiscard]] std::optional<MetricFamily> family(const MetricQuery& query, std::size_t row)
        const {
        return query.families.size() == 1 ? query.families.front()
                                          : family_named(table_.cell(row, tag_));
    }
    [[nodiscard]] std::string_view le(std::size_t row) const { return table_.cell(row, le_); }
    // As native_histograms.hpp has them; "": none.
    [[nodiscard]] std::string_view part(std::size_t row) const { return table_.cell(row, part_); }

 private:
    const models::LabelTable& table_;
    std::string only_;
    std::size_t namespace_ = models::LabelTable::kNone;
    std::size_t tag_ = models::LabelTable::kNone;
    std::size_t le_ = models::LabelTable::kNone;
    std::size_t part_ = models::LabelTable::kNone;
    std::vector<std::pair<std::string, std::size_t>> shown_;
};

// Takes series as long as there is room.
class SeriesRoom {
 public:
    explicit SeriesRoom(std::vector<MetricSeries>& series) : series_(series) {
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

// Walks over the points of one row, ascending.
class PointWalk {
 public:
    explicit PointWalk(std::span<const models::MetricPoint> points) : points_(points) {}
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
    std::span<const models::MetricPoint> points_;
    std::size_t at_ = 0;
};

using SeriesRooms = std::map<MetricFamily, SeriesRoom>;  // of the families of one query

// Adds what the answer to a query about native histograms says. New series go into the rooms,
// points of times that a series has nothing of into it.
void read_native_metrics(
    const MetricsRequest& request,
    const MetricQuery& query,
    const MetricColumns& columns,
    const models::MetricMatrix& answer,
    FamilySeries& series,
    SeriesRooms& rooms
);

}  // namespace meshscope::business
