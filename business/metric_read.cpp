#include "business/metric_columns.hpp"

#include <map>
#include <set>
#include <tuple>

namespace meshscope::business {

namespace {

using models::MetricMatrix;
using models::MetricPoint;

// The rows of one histogram.
struct Histogram {
    MetricSeries head;
    std::vector<std::pair<double, std::size_t>> buckets;  // bound, row
    std::optional<std::size_t> sum;                       // row
};

std::vector<Histogram> histograms(const MetricColumns& columns, const MetricMatrix& answer) {
    std::map<std::vector<std::pair<std::string, std::string>>, std::size_t> places;
    std::vector<Histogram> out;
    for (std::size_t row = 0; row < answer.labels.rows(); ++row) {
        if (!columns.part(row).empty()) {
            continue;
        }
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
    std::vector<std::pair<double, PointWalk>> walks;
    for (const auto& [bound, row] : histogram.buckets) {
        walks.emplace_back(bound, PointWalk(answer.of(row)));
    }
    PointWalk sums(histogram.sum ? answer.of(*histogram.sum) : std::span<const MetricPoint>());
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

void read_buckets(
    const MetricsRequest& request,
    const MetricColumns& columns,
    const MetricMatrix& answer,
    BucketRepair repair,
    SeriesRoom& room
) {
    for (const Histogram& histogram : histograms(columns, answer)) {
        for (MetricSeries& one : statistics(request, histogram, answer, repair)) {
            if (!one.points.empty()) {
                room.take(std::move(one));
            }
        }
    }
}

void read_rows(
    const MetricQuery& query,
    const MetricColumns& columns,
    const MetricMatrix& answer,
    SeriesRooms& rooms
) {
    for (std::size_t row = 0; row < answer.labels.rows(); ++row) {
        const auto family = columns.family(query, row);
        const auto room = family ? rooms.find(*family) : rooms.end();
        if (room == rooms.end() || !columns.part(row).empty()) {
            continue;
        }
        MetricSeries one = columns.head(row);
        one.stat = query.stat;
        const auto points = answer.of(row);
        one.points.assign(points.begin(), points.end());
        room->second.take(std::move(one));
    }
}

// Which families have a group with native histograms at a time at which it has nothing else.
std::vector<MetricFamily> told_by_native(
    const MetricQuery& query, const MetricColumns& columns, const MetricMatrix& answer
) {
    const auto is_native = [&](std::size_t row) { return columns.part(row) == kNativePart; };
    std::size_t native = 0;
    for (std::size_t row = 0; row < answer.labels.rows(); ++row) {
        native += is_native(row) ? 1 : 0;
    }
    if (native == 0) {
        return {};
    }
    using Group =
        std::tuple<std::optional<MetricFamily>, std::string, decltype(MetricSeries::labels)>;
    const auto group_of = [&](std::size_t row) {
        MetricSeries head = columns.head(row);
        return Group(columns.family(query, row), std::move(head.ns), std::move(head.labels));
    };
    std::map<Group, std::set<std::int64_t>> told;
    for (std::size_t row = 0; row < answer.labels.rows(); ++row) {
        if (!is_native(row)) {
            std::set<std::int64_t>& times = told[group_of(row)];
            for (const MetricPoint& point : answer.of(row)) {
                times.insert(point.time_ms);
            }
        }
    }
    std::set<MetricFamily> families;
    for (std::size_t row = 0; row < answer.labels.rows(); ++row) {
        const auto family = columns.family(query, row);
        if (!family || !is_native(row)) {
            continue;
        }
        const std::set<std::int64_t>& times = told[group_of(row)];
        if (std::ranges::any_of(answer.of(row), [&](const MetricPoint& point) {
                return !times.contains(point.time_ms);
            })) {
            families.insert(*family);
        }
    }
    return {families.begin(), families.end()};
}

}  // namespace

MetricsRead read_metrics(
    const MetricsRequest& request,
    const MetricQuery& query,
    const MetricMatrix& answer,
    BucketRepair repair,
    FamilySeries& series
) {
    const MetricColumns columns(request, answer.labels);
    const auto series_of = [&](MetricFamily family) -> std::vector<MetricSeries>& {
        return series[static_cast<std::size_t>(family)];
    };
    SeriesRooms rooms;
    for (const MetricFamily family : query.families) {
        rooms.emplace(family, SeriesRoom(series_of(family)));
    }
    MetricsRead read;
    if (query.kind == MetricQuery::Kind::kNative) {
        read_native_metrics(request, query, columns, answer, series, rooms);
    } else if (query.kind == MetricQuery::Kind::kBuckets) {
        read_buckets(request, columns, answer, repair, rooms.begin()->second);
        read.native = told_by_native(query, columns, answer);
    } else {
        read_rows(query, columns, answer, rooms);
        read.native = told_by_native(query, columns, answer);
    }
    for (const auto& [family, room] : rooms) {
        read.left_out += room.left_out();
        std::ranges::sort(series_of(family), {}, [](const MetricSeries& one) {
            return std::tie(one.stat, one.ns, one.labels);
        });
    }
    return read;
}

}  // namespace meshscope::business
