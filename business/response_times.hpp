#pragma once

#include "business/left_out_buckets.hpp"
#include "business/native_histograms.hpp"
#include "business/quantile.hpp"
#include "clients/promql.hpp"
#include "core/clock.hpp"
#include "models/cluster_snapshot.hpp"
#include "models/metric_table.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace meshscope::business {

// Response times as the mesh measured them (istio_request_duration_milliseconds, in ms): what to
// ask a metric store for, and what its answer says. Pure.

struct MeasuredTarget {
    enum class Kind : std::uint8_t { kWorkload, kApp, kService };
    Kind kind = Kind::kWorkload;
    std::string cluster;  // "": of any cluster
    std::string ns;
    std::string name;
    friend auto operator<=>(const MeasuredTarget&, const MeasuredTarget&) = default;
};

// One histogram: the requests that the target got, or sent.
struct MeasuredRequests {
    MeasuredTarget target;
    std::optional<MeasuredTarget> peer;  // only those of this other side
    bool inbound = true;                 // a service only gets requests
    std::vector<std::string> reporters;  // ascending: "destination", "source", "waypoint"
    std::chrono::seconds interval{600};  // before `at`; at least one
    SystemTime at;
    friend bool operator==(const MeasuredRequests&, const MeasuredRequests&) = default;
};

// The interval, or how old the target's namespace was then if that is less: before it there was
// nothing to measure. `cluster` may be null.
std::chrono::seconds interval_within(
    const models::ClusterSnapshot* cluster,
    const MeasuredTarget& target,
    SystemTime at,
    std::chrono::seconds interval
);

// One query of the store for all of `asked` that differ in their names only. Of each: its buckets,
// the sum of its times, and whether it has a native histogram.
struct HistogramQuery {
    clients::promql::Expr expr;
    std::chrono::seconds interval{};
    SystemTime at;
    std::vector<clients::promql::Label> by;  // what tells the rows of one from those of others
    std::vector<std::size_t> asked;          // indexes
};
std::vector<HistogramQuery> plan_histograms(const std::vector<MeasuredRequests>& asked);

// Buckets that some histograms of a query are not asked for.
struct LeftOutBuckets {
    std::vector<std::size_t> places;  // in query.asked
    std::vector<std::string> bounds;  // values of `le`, ascending; none: all are asked for
};
// The query without them: at least one group, every place in one of them.
clients::promql::Expr narrowed_query(
    const std::vector<MeasuredRequests>& asked,
    const HistogramQuery& query,
    const std::vector<LeftOutBuckets>& groups
);
// Just them: at least one group, each with bounds.
clients::promql::Expr left_out_query(
    const std::vector<MeasuredRequests>& asked,
    const HistogramQuery& query,
    const std::vector<LeftOutBuckets>& groups
);

// One to kMaxBranches queries in one. With several the rows of each carry its number.
inline constexpr std::size_t kMaxBranches = 12;
inline constexpr clients::promql::Label kBranchLabel = "meshscope_branch";
clients::promql::Expr joined_queries(const std::vector<clients::promql::Expr>& queries);
std::string_view branch_name(std::size_t branch);

// The quantiles, the sum and the count of native histograms, for those of one query: its rows carry
// their meaning in a label of their own.
clients::promql::Expr native_query(
    const std::vector<MeasuredRequests>& asked,
    const HistogramQuery& query,
    const std::vector<clients::promql::Quantile>& quantiles
);

// What an answer says of one of the histograms. Per second of the interval.
struct MeasuredTimes {
    std::optional<BucketHistogram> buckets;  // none: it has no such rows
    std::optional<double> sum;               // ms
    bool native = false;
    // Of a native histogram:
    std::optional<double> native_count;
    std::vector<std::optional<double>> native_quantiles;  // parallel to those asked for

    // There are such series, whether or not they counted anything.
    [[nodiscard]] bool is_there() const { return native || buckets.has_value(); }
    [[nodiscard]] double count() const;                                // NaN: unknown
    [[nodiscard]] double average() const;                              // NaN: nothing was counted
    [[nodiscard]] double quantile(std::size_t index, double q) const;  // likewise
};

// What a store answered to a query: at one moment, or at several of a range. Refers to both.
class HistogramAnswer {
 public:
    explicit HistogramAnswer(const models::MetricVector& vector);
    // `moments`: ms since the epoch, ascending.
    HistogramAnswer(const models::MetricMatrix& matrix, std::span<const std::int64_t> moments);

    [[nodiscard]] const models::LabelTable& labels() const { return *labels_; }
    [[nodiscard]] std::size_t moments() const { return matrix_ == nullptr ? 1 : moments_.size(); }
    // Calls take(moment's index, value) for each value of the row.
    template <class Take>
    void each(std::size_t row, Take take) const {
        if (matrix_ == nullptr) {
            take(std::size_t{0}, values_[row]);
            return;
        }
        for (const models::MetricPoint& point : matrix_->of(row)) {
            const auto moment = std::ranges::lower_bound(moments_, point.time_ms);
            if (moment != moments_.end() && *moment == point.time_ms) {
                take(static_cast<std::size_t>(moment - moments_.begin()), point.value);
            }
        }
    }

 private:
    const models::LabelTable* labels_;
    std::span<const double> values_;
    const models::MetricMatrix* matrix_ = nullptr;
    std::span<const std::int64_t> moments_;
};

// What an answer says of one histogram, as it stands there.
struct HistogramRows {
    std::vector<BucketRow> buckets;
    std::optional<double> sum;
    bool native = false;

    [[nodiscard]] MeasuredTimes times(
        BucketRepair repair, const std::vector<std::string>& left_out = {}
    ) const;
};
// For each moment a list parallel to query.asked. Rows of others, which a query for several names
// also finds, are left out; with `branch` those of other branches, too.
using RowsAtMoments = std::vector<std::vector<HistogramRows>>;
RowsAtMoments read_rows(
    const std::vector<MeasuredRequests>& asked,
    const HistogramQuery& query,
    const HistogramAnswer& answer,
    std::optional<std::size_t> branch = std::nullopt
);

using TimesAtMoments = std::vector<std::vector<MeasuredTimes>>;  // likewise
TimesAtMoments read_histograms(
    const std::vector<MeasuredRequests>& asked,
    const HistogramQuery& query,
    const HistogramAnswer& answer,
    BucketRepair repair
);
// Adds what the answer of native_query() says.
void read_native(
    const std::vector<MeasuredRequests>& asked,
    const HistogramQuery& query,
    const HistogramAnswer& answer,
    std::size_t quantiles,
    TimesAtMoments& times
);

}  // namespace meshscope::business
