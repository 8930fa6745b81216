#include "business/response_times.hpp"

#include "business/native_histograms.hpp"

#include <algorithm>
#include <limits>
#include <unordered_map>
#include <utility>

namespace meshscope::business {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

std::string row_name(const MeasuredRequests& asked) {
    std::string name = asked.target.name + '\n' + asked.target.ns;
    if (!asked.target.cluster.empty()) {
        name += '\n' + asked.target.cluster;
    }
    if (asked.peer) {
        name += '\n' + asked.peer->name + '\n' + asked.peer->ns;
        if (!asked.peer->cluster.empty()) {
            name += '\n' + asked.peer->cluster;
        }
    }
    return name;
}

// Which of the histograms of a query each row of its answer belongs to.
class RowReader {
 public:
    RowReader(
        const std::vector<MeasuredRequests>& asked,
        const HistogramQuery& query,
        const models::LabelTable& labels
    )
        : labels_(labels),
          le_(labels.column("le")),
          meaning_(labels.column(kPartLabel.name())),
          branch_(labels.column(kBranchLabel.name())) {
        for (const clients::promql::Label& label : query.by) {
            columns_.push_back(labels.column(label.name()));
        }
        for (std::size_t i = 0; i < query.asked.size(); ++i) {
            places_[row_name(asked[query.asked[i]])].push_back(i);
        }
    }

    // Places in query.asked; none when nobody asked.
    [[nodiscard]] std::span<const std::size_t> places(std::size_t row) {
        name_.clear();
        for (const std::size_t column : columns_) {
            name_ += (name_.empty() ? "" : "\n");
            name_ += labels_.cell(row, column);
        }
        const auto found = places_.find(name_);
        return found == places_.end() ? std::span<const std::size_t>() : found->second;
    }
    [[nodiscard]] std::string_view le(std::size_t row) const { return labels_.cell(row, le_); }
    [[nodiscard]] std::string_view meaning(std::size_t row) const {
        return labels_.cell(row, meaning_);
    }
    [[nodiscard]] std::string_view branch(std::size_t row) const {
        return labels_.cell(row, branch_);
    }

 private:
    const models::LabelTable& labels_;
    std::size_t le_;
    std::size_t meaning_;
    std::size_t branch_;
    std::vector<std::size_t> columns_;
    std::unordered_map<std::string, std::vector<std::size_t>> places_;
    std::string name_;
};

void add_row(HistogramRows& rows, std::string_view meaning, std::string_view le, double value) {
    if (meaning == kNativePart) {
        rows.native = true;
    } else if (le.empty()) {
        rows.sum = value;
    } else {
        rows.buckets.push_back({std::string(le), value});
    }
}

// What is there in both forms is told by its buckets.
void take_native(std::string_view meaning, double value, std::size_t quantiles, MeasuredTimes& to) {
    if (to.buckets) {
        return;
    }
    to.native_quantiles.resize(quantiles);
    if (meaning == kNativeSumPart) {
        to.sum = value;
    } else if (meaning == kNativeCountPart) {
        to.native_count = value;
    } else if (const auto index = native_quantile(meaning); index && *index < quantiles) {
        to.native_quantiles[*index] = value;
    }
}

}  // namespace

std::chrono::seconds interval_within(
    const models::ClusterSnapshot* cluster,
    const MeasuredTarget& target,
    SystemTime at,
    std::chrono::seconds interval
) {
    const bool other =
        cluster == nullptr || (!target.cluster.empty() && target.cluster != cluster->cluster);
    const models::NamespaceView* view = other ? nullptr : cluster->find(target.ns);
    if (view == nullptr || view->object.meta.created == SystemTime()) {
        return interval;
    }
    const auto age = std::chrono::floor<std::chrono::seconds>(at - view->object.meta.created);
    // Older than its namespace: one of that name that was there before.
    return age < std::chrono::seconds(1) ? interval : std::min(interval, age);
}

double MeasuredTimes::count() const {
    return buckets ? buckets->count() : native_count.value_or(kNaN);
}

double MeasuredTimes::average() const { return sum ? *sum / count() : kNaN; }

double MeasuredTimes::quantile(std::size_t index, double q) const {
    if (buckets) {
        return buckets->quantile(q);
    }
    return index < native_quantiles.size() ? native_quantiles[index].value_or(kNaN) : kNaN;
}

HistogramAnswer::HistogramAnswer(const models::MetricVector& vector)
    : labels_(&vector.labels), values_(vector.values) {}

HistogramAnswer::HistogramAnswer(
    const models::MetricMatrix& matrix, std::span<const std::int64_t> moments
)
    : labels_(&matrix.labels), matrix_(&matrix), moments_(moments) {}

MeasuredTimes HistogramRows::times(BucketRepair repair, const std::vector<std::string>& left_out)
    const {
    MeasuredTimes times;
    times.buckets = BucketHistogram::of(buckets_without(buckets, left_out), repair);
    times.sum = sum;
    times.native = native;
    return times;
}

RowsAtMoments read_rows(
    const std::vector<MeasuredRequests>& asked,
    const HistogramQuery& query,
    const HistogramAnswer& answer,
    std::optional<std::size_t> branch
) {
    RowReader reader(asked, query, answer.labels());
    RowsAtMoments all(answer.moments(), std::vector<HistogramRows>(query.asked.size()));
    for (std::size_t row = 0; row < answer.labels().rows(); ++row) {
        if (branch && reader.branch(row) != branch_name(*branch)) {
            continue;
        }
        const auto places = reader.places(row);
        answer.each(row, [&](std::size_t moment, double value) {
            for (const std::size_t place : places) {
                add_row(all[moment][place], reader.meaning(row), reader.le(row), value);
            }
        });
    }
    return all;
}

TimesAtMoments read_histograms(
    const std::vector<MeasuredRequests>& asked,
    const HistogramQuery& query,
    const HistogramAnswer& answer,
    BucketRepair repair
) {
    TimesAtMoments times;
    for (const std::vector<HistogramRows>& then : read_rows(asked, query, answer)) {
        std::vector<MeasuredTimes>& of_then = times.emplace_back();
        for (const HistogramRows& rows : then) {
            of_then.push_back(rows.times(repair));
        }
    }
    return times;
}

void read_native(
    const std::vector<MeasuredRequests>& asked,
    const HistogramQuery& query,
    const HistogramAnswer& answer,
    std::size_t quantiles,
    TimesAtMoments& times
) {
    RowReader reader(asked, query, answer.labels());
    for (std::size_t row = 0; row < answer.labels().rows(); ++row) {
        const auto places = reader.places(row);
        const std::string_view meaning = reader.meaning(row);
        answer.each(row, [&](std::size_t moment, double value) {
            for (const std::size_t place : places) {
                take_native(meaning, value, quantiles, times[moment][place]);
            }
        });
    }
}

}  // namespace meshscope::business
