#include "business/metric_plan.hpp"

#include "business/metric_labels.hpp"
#include "business/native_histograms.hpp"
#include "clients/promql_histograms.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace meshscope::business {

namespace {

namespace promql = clients::promql;
using promql::Expr;
using promql::Label;
using promql::Matcher;
using promql::Matchers;

Matchers matchers_of(const MetricsRequest& request, const std::string& cluster) {
    const MetricSide& side = side_of(request.direction);
    const MetricTarget& target = request.target;
    Matchers out;
    if (!request.reporters.empty()) {
        out.push_back(Matcher::one_of("reporter", request.reporters));
    }
    if (target.subject == MetricSubject::kService) {
        out.push_back(Matcher::equals("destination_service_name", target.name));
        out.push_back(Matcher::one_of("destination_service_namespace", target.namespaces));
    } else {
        out.push_back(Matcher::one_of(side.ns, target.namespaces));
    }
    if (target.subject == MetricSubject::kWorkload) {
        out.push_back(Matcher::equals(side.workload, target.name));
    } else if (target.subject == MetricSubject::kApp) {
        out.push_back(Matcher::equals(side.app, target.name));
    }
    if (!request.request_protocol.empty()) {
        out.push_back(Matcher::equals("request_protocol", request.request_protocol));
    }
    if (request.aggregate) {
        out.push_back(Matcher::equals(request.aggregate->first, request.aggregate->second));
    }
    out.push_back(Matcher::equals(side.cluster, cluster));
    return out;
}

std::vector<Label> grouping(const MetricsRequest& request) {
    std::vector<Label> by = request.by;
    const Label& ns = side_of(request.direction).ns;
    if (splits(request) && std::ranges::find(by, ns) == by.end()) {
        by.push_back(ns);
    }
    return by;
}

// Requests that failed by their HTTP code, and those that failed by gRPC's status alone: no series
// is both, so none is counted twice.
Expr errors(const MetricsRequest& request, const Matchers& base, std::chrono::seconds interval) {
    const promql::Pattern http = promql::Pattern().raw("^0$|^[4-5]\\d\\d$");
    Matchers by_code = base;
    by_code.push_back(Matcher::matches("response_code", http));
    const Expr codes = rate("istio_requests_total", by_code, interval, request.rate_func);
    if (request.request_protocol == "http") {
        return codes;
    }
    Matchers by_status = base;
    by_status.push_back(
        Matcher::matches("grpc_response_status", promql::Pattern().raw("^[1-9]$|^1[0-6]$"))
    );
    by_status.push_back(Matcher::mismatches("response_code", http));
    return either(codes, rate("istio_requests_total", by_status, interval, request.rate_func));
}

// The selectors of one request.
class Planner {
 public:
    Planner(
        const MetricsRequest& request, std::chrono::seconds interval, const std::string& cluster
    )
        : request_(request),
          interval_(interval),
          base_(matchers_of(request, cluster)),
          by_(grouping(request)) {}

    [[nodiscard]] Expr counter(const FamilySpec& spec) const {
        if (spec.kind == FamilySpec::Kind::kErrors) {
            return sum(errors(request_, base_, interval_), by_);
        }
        return sum(rate(spec.metric, base_, interval_, request_.rate_func), by_);
    }
    [[nodiscard]] Expr summed(promql::Literal metric) const {
        return sum(rate(metric, base_, interval_), by_);
    }
    [[nodiscard]] Expr buckets(const FamilySpec& spec) const {
        std::vector<Label> by{"le"};
        by.insert(by.end(), by_.begin(), by_.end());
        return sum(rate(spec.metric, base_, interval_), by);
    }

    void add_counters(std::vector<MetricQuery>& out, bool connections) const {
        std::vector<MetricFamily> wanted;
        for (const MetricFamily family : request_.families) {
            const auto kind = spec_of(family).kind;
            if (kind != FamilySpec::Kind::kHistogram &&
                (kind == FamilySpec::Kind::kConnections) == connections) {
                wanted.push_back(family);
            }
        }
        std::optional<Expr> all;
        for (const MetricFamily family : wanted) {
            const FamilySpec& spec = spec_of(family);
            const Expr both =
                spec.native.text().empty() ? counter(spec) : either(counter(spec), presence(spec));
            const Expr one = wanted.size() == 1 ? both : tagged(both, kFamilyTag, spec.name);
            all = all ? either(*all, one) : one;
        }
        if (all) {
            out.push_back({MetricQuery::Kind::kCounters, std::move(*all), std::move(wanted), ""});
        }
    }

    void add_histogram(std::vector<MetricQuery>& out, const FamilySpec& spec) const {
        const std::size_t statistics = request_.quantiles.size() + (request_.average ? 1 : 0);
        const auto add = [&](MetricQuery::Kind kind, const Expr& query, std::string stat) {
            out.push_back({kind, either(query, presence(spec)), {spec.family}, std::move(stat)});
        };
        if (statistics > 1) {
            add(MetricQuery::Kind::kBuckets, either(buckets(spec), summed(spec.sum)), "");
        } else if (request_.average) {
            add(MetricQuery::Kind::kStatistic,
                divided(summed(spec.sum), summed(spec.count)),
                std::string(kAverage));
        } else if (statistics == 1) {
            const promql::Quantile& quantile = request_.quantiles.front();
            add(MetricQuery::Kind::kStatistic,
                histogram_quantile(quantile, buckets(spec)),
                quantile.spelling());
        }
    }

    [[nodiscard]] Expr native(const FamilySpec& spec) const {
        const Expr histograms = summed(spec.native);
        const bool counter = spec.kind != FamilySpec::Kind::kHistogram;
        const Expr parts = counter ? tagged(histogram_sum(histograms), kPartLabel, "sum")
                                   : native_parts(histograms, request_.quantiles);
        return tagged(parts, kFamilyTag, spec.name);
    }

 private:
    [[nodiscard]] Expr presence(const FamilySpec& spec) const {
        return native_presence(rate(spec.native, base_, interval_), by_);
    }

    const MetricsRequest& request_;
    std::chrono::seconds interval_;
    Matchers base_;
    std::vector<Label> by_;
};

}  // namespace

std::vector<MetricQuery> plan_metrics(
    const MetricsRequest& request, std::chrono::seconds rate_interval, const std::string& cluster
) {
    const Planner planner(request, rate_interval, cluster);
    std::vector<MetricQuery> queries;
    planner.add_counters(queries, false);
    planner.add_counters(queries, true);
    for (const MetricFamily family : request.families) {
        if (spec_of(family).kind == FamilySpec::Kind::kHistogram) {
            planner.add_histogram(queries, spec_of(family));
        }
    }
    return queries;
}

MetricQuery plan_native_metrics(
    const MetricsRequest& request,
    std::chrono::seconds rate_interval,
    const std::string& cluster,
    const std::vector<MetricFamily>& families
) {
    const Planner planner(request, rate_interval, cluster);
    Expr all = planner.native(spec_of(families.front()));
    for (std::size_t i = 1; i < families.size(); ++i) {
        all = either(all, planner.native(spec_of(families[i])));
    }
    return {MetricQuery::Kind::kNative, std::move(all), families, ""};
}

}  // namespace meshscope::business
