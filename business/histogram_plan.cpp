#include "business/left_out_buckets.hpp"
#include "business/native_histograms.hpp"
#include "business/response_times.hpp"

#include <array>
#include <map>
#include <tuple>
#include <utility>

namespace meshscope::business {

namespace {

namespace promql = clients::promql;
using promql::Expr;
using promql::Label;
using promql::Matcher;
using promql::Matchers;

constexpr std::array<promql::Literal, kMaxBranches> kBranches{
    "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11"
};

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

Expr buckets(
    const Matchers& matchers, std::chrono::seconds interval, const std::vector<Label>& by
) {
    std::vector<Label> with_le = by;
    with_le.insert(with_le.begin(), "le");
    return sum(rate("istio_request_duration_milliseconds_bucket", matchers, interval), with_le);
}

// And the sums of times, and whether there are native histograms.
Expr with_others(
    const Expr& buckets,
    const Matchers& matchers,
    std::chrono::seconds interval,
    const std::vector<Label>& by
) {
    return either(
        either(
            buckets, sum(rate("istio_request_duration_milliseconds_sum", matchers, interval), by)
        ),
        native_presence(rate("istio_request_duration_milliseconds", matchers, interval), by)
    );
}

// The buckets of one group: those that were left out, or all others.
Expr buckets_of(
    const std::vector<MeasuredRequests>& asked,
    const HistogramQuery& query,
    const LeftOutBuckets& group,
    bool left_out
) {
    std::vector<std::size_t> members;
    for (const std::size_t place : group.places) {
        members.push_back(query.asked[place]);
    }
    std::vector<Label> by;
    Matchers matchers = matchers_of(asked, members, by);
    if (left_out) {
        matchers.push_back(Matcher::one_of("le", group.bounds));
    } else if (!group.bounds.empty()) {
        matchers.push_back(Matcher::mismatches("le", promql::Pattern().any_of(group.bounds)));
    }
    return buckets(matchers, query.interval, by);
}

Expr buckets_of_groups(
    const std::vector<MeasuredRequests>& asked,
    const HistogramQuery& query,
    const std::vector<LeftOutBuckets>& groups,
    bool left_out
) {
    Expr all = buckets_of(asked, query, groups.front(), left_out);
    for (std::size_t i = 1; i < groups.size(); ++i) {
        all = either(all, buckets_of(asked, query, groups[i], left_out));
    }
    return all;
}

}  // namespace

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
        query.expr = with_others(
            buckets(matchers, query.interval, query.by), matchers, query.interval, query.by
        );
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

Expr narrowed_query(
    const std::vector<MeasuredRequests>& asked,
    const HistogramQuery& query,
    const std::vector<LeftOutBuckets>& groups
) {
    std::vector<Label> by;
    const Matchers matchers = matchers_of(asked, query.asked, by);
    return with_others(
        buckets_of_groups(asked, query, groups, false), matchers, query.interval, by
    );
}

Expr left_out_query(
    const std::vector<MeasuredRequests>& asked,
    const HistogramQuery& query,
    const std::vector<LeftOutBuckets>& groups
) {
    return buckets_of_groups(asked, query, groups, true);
}

Expr joined_queries(const std::vector<Expr>& queries) {
    Expr all = queries.front();
    if (queries.size() == 1) {
        return all;
    }
    all = tagged(all, kBranchLabel, kBranches.front());
    for (std::size_t i = 1; i < queries.size() && i < kMaxBranches; ++i) {
        all = either(all, tagged(queries[i], kBranchLabel, kBranches[i]));
    }
    return all;
}

std::string_view branch_name(std::size_t branch) { return kBranches[branch].text(); }

}  // namespace meshscope::business
