#include "business/metric_columns.hpp"

#include <iterator>
#include <limits>
#include <map>
#include <tuple>

namespace meshscope::business {

namespace {

using models::MetricPoint;
using Points = std::span<const MetricPoint>;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// The rows of one histogram.
struct Parts {
    MetricSeries head;
    Points sum;
    Points count;
    std::map<std::size_t, Points> quantiles;

    void add(std::string_view part, Points points) {
        if (part == kNativeSumPart) {
            sum = points;
        } else if (part == kNativeCountPart) {
            count = points;
        } else if (const auto index = native_quantile(part)) {
            quantiles[*index] = points;
        }
    }
    [[nodiscard]] MetricSeries series(std::string stat, Points points) const {
        MetricSeries one = head;
        one.stat = std::move(stat);
        one.points.assign(points.begin(), points.end());
        return one;
    }
    [[nodiscard]] MetricSeries average() const {
        MetricSeries one = series(std::string(kAverage), sum);
        PointWalk counts(count);
        for (MetricPoint& point : one.points) {
            point.value /= counts.value(point.time_ms).value_or(kNaN);
        }
        return one;
    }
};

// What is told in both forms is told by the first.
void merge(MetricSeries& into, const MetricSeries& more) {
    std::vector<MetricPoint> all;
    all.reserve(into.points.size() + more.points.size());
    std::ranges::set_union(
        into.points,
        more.points,
        std::back_inserter(all),
        {},
        &MetricPoint::time_ms,
        &MetricPoint::time_ms
    );
    into.points = std::move(all);
}

void add(MetricSeries one, std::vector<MetricSeries>& series, SeriesRoom& room) {
    if (one.points.empty()) {
        return;
    }
    const auto known = std::ranges::find_if(series, [&](const MetricSeries& other) {
        return std::tie(other.stat, other.ns, other.labels) ==
               std::tie(one.stat, one.ns, one.labels);
    });
    if (known != series.end()) {
        merge(*known, one);
    } else {
        room.take(std::move(one));
    }
}

}  // namespace

void read_native_metrics(
    const MetricsRequest& request,
    const MetricQuery& query,
    const MetricColumns& columns,
    const models::MetricMatrix& answer,
    FamilySeries& series,
    SeriesRooms& rooms
) {
    using Group = std::tuple<MetricFamily, std::string, decltype(MetricSeries::labels)>;
    std::map<Group, Parts> groups;
    for (std::size_t row = 0; row < answer.labels.rows(); ++row) {
        if (const auto family = columns.family(query, row)) {
            MetricSeries head = columns.head(row);
            Group group(*family, head.ns, head.labels);
            Parts& parts = groups.try_emplace(
                                     std::move(group), Parts{std::move(head), {}, {}, {}}
            ).first->second;
            parts.add(columns.part(row), answer.of(row));
        }
    }
    for (const auto& [group, parts] : groups) {
        const MetricFamily family = std::get<0>(group);
        const auto room = rooms.find(family);
        if (room == rooms.end()) {
            continue;
        }
        std::vector<MetricSeries>& all = series[static_cast<std::size_t>(family)];
        if (spec_of(family).kind != FamilySpec::Kind::kHistogram) {
            add(parts.series("", parts.sum), all, room->second);
            continue;
        }
        for (const auto& [index, points] : parts.quantiles) {
            if (index < request.quantiles.size()) {
                add(parts.series(request.quantiles[index].spelling(), points), all, room->second);
            }
        }
        if (request.average) {
            add(parts.average(), all, room->second);
        }
    }
}

}  // namespace meshscope::business
