#include "business/response_times.hpp"

#include "business/native_histograms.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <tuple>
#include <unordered_map>
#include <utility>

namespace meshscope::business {

namespace {

namespace promql = clients::promql;
using promql::Expr;
using promql::Label;
using promql::Matcher;
using promql::Matchers;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// The labels that name one side of a request.
struct SideLabels {
    Label ns;
    Label name;
    Label cluster;
};

SideLabels side_labels(MeasuredTarget::Kind kind, bool destination) {
    using Kind = MeasuredTarget::Kind;
    if (kind == Kind::kService) {
        return {"destination_service_namespace", "destination_service_name", "destination_cluster"};
    }
    const bool workload = kind == Kind::kWorkload;
    if (destination) {
        return {
            "destination_workload_namespace",
            workload ? Label("destination_workload") : Label("destination_canonical_service"),
            "destination_cluster"
        };
    }
    return {
        "source_workload_namespace",
        workload ? Label("source_workload") : Label("source_canonical_service"),
        "source_cluster"
    };
}

// What a query has in common; the rest is names.
using Shape = std::tuple<
    SystemTime,
    std::int64_t,
    bool,
    std::vector<std::string>,
    MeasuredTarget::Kind,
    bool,
    int,
    bool>;

Shape shape_of(const MeasuredRequests& asked) {
    return {
        asked.at,
        asked.interval.count(),
        asked.inbound,
        asked.reporters,
        asked.target.kind,
        asked.target.cluster.empty(),
        asked.peer ? static_cast<int>(asked.peer->kind) : -1,
        !asked.peer || asked.peer->cluster.empty()
    };
}

using Targets = std::vector<const MeasuredTarget*>;

Matcher any_of(const Label& label, const Targets& targets, std::string MeasuredTarget::* member) {
    std::vector<std::string> values;
    values.reserve(targets.size());
    for (const MeasuredTarget* target : targets) {
        values.push_back(target->*member);
    }
    return Matcher::one_of(label, std::move(values));
}

// As clients of old order them: a service's name before its namespace, a workload's behind.
void add_side(
    const Targets& targets, bool destination, Matchers& matchers, std::vector<Label>& by
) {
    const MeasuredTarget& first = *targets.front();
    const SideLabels labels = side_labels(first.kind, destination);
    by.push_back(labels.name);
    by.push_back(labels.ns);
    matchers.push_back(any_of(labels.ns, targets, &MeasuredTarget::ns));
    matchers.push_back(any_of(labels.name, targets, &MeasuredTarget::name));
    if (first.kind == MeasuredTarget::Kind::kService) {
        std::swap(matchers[matchers.size() - 2], matchers.back());
    }
    if (!first.cluster.empty()) {
        by.push_back(labels.cluster);
        matchers.push_back(any_of(labels.cluster, targets, &MeasuredTarget::cluster));
    }
}

Matchers matchers_of(
    const std::vector<MeasuredRequests>& asked,
    const std::vector<std::size_t>& members,
    std::vector<Label>& by
) {
    const MeasuredRequests& first = asked[members.front()];
    Targets targets;
    Targets peers;
    for (const std::size_t index : members) {
        targets.push_back(&asked[index].target);
        if (asked[index].peer) {
            peers.push_back(&*asked[index].peer);
        }
    }
    Matchers matchers{Matcher::one_of("reporter", first.reporters)};
    add_side(targets, first.inbound, matchers, by);
    if (!peers.empty()) {
        add_side(peers, !first.inbound, matchers, by);
    }
    return matchers;
}

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
        : labels_(labels), le_(labels.column("le")), meaning_(labels.column(kPartLabel.name())) {
        for (const Label& label : query.by) {
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

 private:
    const models::LabelTable& labels_;
    std::size_t le_;
    std::size_t meaning_;
    std::vector<std::size_t> columns_;
    std::unordered_map<std::string, std::vector<std::size_t>> places_;
    std::string name_;
};

// What is gathered of one histogram before it is one.
struct Gathered {
    std::vector<Bucket> buckets;
    MeasuredTimes times;

    void add(std::string_view meaning, std::string_view le, double value) {
        if (meaning == kNativePart) {
            times.native = true;
        } else if (le.empty()) {
            times.sum = value;
        } else if (const auto bound = parse_bound(le)) {
            buckets.push_back({*bound, value});
        }
    }
    MeasuredTimes finish(BucketRepair repair) {
        times.buckets = BucketHistogram::of(std::move(buckets), repair);
        return std::move(times);
    }
};

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

std::vector<HistogramQuery> plan_histograms(const std::vector<MeasuredRequests>& asked) {
    std::map<Shape, std::vector<std::size_t>> shapes;
    for (std::size_t i = 0; i < asked.size(); ++i) {
        shapes[shape_of(asked[i])].push_back(i);
    }
    std::vector<HistogramQuery> queries;
    for (auto& [shape, members] : shapes) {
        HistogramQuery query;
        query.interval = asked[members.front()].interval;
        query.at = asked[members.front()].at;
        const Matchers matchers = matchers_of(asked, members, query.by);
        std::vector<Label> with_le = query.by;
        with_le.insert(with_le.begin(), "le");
        const Expr buckets =
            sum(rate("istio_request_duration_milliseconds_bucket", matchers, query.interval),
                with_le);
        const Expr sums =
            sum(rate("istio_request_duration_milliseconds_sum", matchers, query.interval),
                query.by);
        const Expr native = native_presence(
            rate("istio_request_duration_milliseconds", matchers, query.interval), query.by
        );
        query.expr = either(either(buckets, sums), native);
        query.asked = std::move(members);
        queries.push_back(std::move(query));
    }
    return queries;
}

Expr native_query(
    const std::vector<MeasuredRequests>& asked,
    const HistogramQuery& query,
    const std::vector<promql::Quantile>& quantiles
) {
    std::vector<Label> by;
    const Matchers matchers = matchers_of(asked, query.asked, by);
    const Expr histograms =
        sum(rate("istio_request_duration_milliseconds", matchers, query.interval), by);
    return native_parts(histograms, quantiles);
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

TimesAtMoments read_histograms(
    const std::vector<MeasuredRequests>& asked,
    const HistogramQuery& query,
    const HistogramAnswer& answer,
    BucketRepair repair
) {
    RowReader reader(asked, query, answer.labels());
    std::vector<std::vector<Gathered>> all(
        answer.moments(), std::vector<Gathered>(query.asked.size())
    );
    for (std::size_t row = 0; row < answer.labels().rows(); ++row) {
        const auto places = reader.places(row);
        answer.each(row, [&](std::size_t moment, double value) {
            for (const std::size_t place : places) {
                all[moment][place].add(reader.meaning(row), reader.le(row), value);
            }
        });
    }
    TimesAtMoments times(all.size());
    for (std::size_t moment = 0; moment < all.size(); ++moment) {
        for (Gathered& one : all[moment]) {
            times[moment].push_back(one.finish(repair));
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
