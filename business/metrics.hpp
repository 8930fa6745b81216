#pragma once

#include "async/awaitable.hpp"
#include "async/request_context.hpp"
#include "business/access.hpp"
#include "business/discovery.hpp"
#include "business/meta.hpp"
#include "business/metric_plan.hpp"
#include "business/metrics_request.hpp"
#include "business/no_metrics.hpp"
#include "clients/cluster.hpp"
#include "clients/metric_store.hpp"
#include "core/clock.hpp"
#include "core/result.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace meshscope::business {

// What came of one family.
struct FamilyAnswer {
    MetricFamily family;
    std::vector<MetricSeries> series;  // ascending by stat, then by labels
    std::optional<Error> error;  // then nothing is known of it; only where parts may be missing
};
struct MetricsAnswer {
    std::vector<FamilyAnswer> families;  // those that were asked for
    Meta meta;                           // returned: series
};
struct NamespaceMetrics {
    std::map<std::string, std::vector<FamilyAnswer>> namespaces;
    Meta meta;
};

// Series of the traffic of objects, out of Istio's metrics. Usable from every thread.
//
// Errors of every call: `unavailable` without a store; kForbidden for a namespace that the caller
// may not see or this server does not show; kNotFound for one that is not there, and for another
// cluster than the home one; kInvalidArgument for outbound series of a service and for too many
// points; the store's own, with the family's name before its words.
class Metrics {
 public:
    struct Parts {
        clients::MetricStore* store = nullptr;
        Error unavailable = no_metrics();
        clients::Cluster* cluster = nullptr;  // null: nothing is known of namespaces
        const Access* access = nullptr;
        const Clock* clock = nullptr;
        Discovery discovery{{}};
        std::string home_cluster = "Kubernetes";  // where no cluster tells its name
    };
    explicit Metrics(Parts parts);

    // Of an object, or of one namespace. `parts_may_miss`: a failed query is told in its families,
    // an error is returned only when all failed.
    Awaitable<Result<MetricsAnswer>> of(
        RequestContext context, MetricsRequest request, bool parts_may_miss
    ) const;

    // Of several namespaces, which the caller was found to see; each is in the answer.
    Awaitable<Result<NamespaceMetrics>> of_namespaces(
        RequestContext context, MetricsRequest request
    ) const;

    // Any query, of that moment (nullopt: now). Whom its answer may be shown to is the caller's
    // matter.
    Awaitable<Result<clients::VectorAnswerPtr>> instant(
        RequestContext context, clients::promql::Expr query, std::optional<SystemTime> at
    ) const;

    // Whether the caller may ask for metrics of that namespace; also whether there are metrics.
    [[nodiscard]] std::optional<Error> refuse(
        const RequestContext& context, const std::string& ns, const std::string& cluster
    ) const;

 private:
    struct Run;
    [[nodiscard]] models::ClusterSnapshotPtr snapshot() const;  // null: none was read yet
    [[nodiscard]] std::optional<SystemTime> created(const std::string& ns) const;
    // A host of a ServiceEntry: the proxies do not know its namespace.
    [[nodiscard]] bool is_external(const std::string& ns, const std::string& host) const;
    Awaitable<> ask(RequestContext context, std::shared_ptr<Run> run) const;
    Awaitable<bool> ask_one(RequestContext context, std::shared_ptr<Run> run, std::size_t index)
        const;

    Parts parts_;
};

}  // namespace meshscope::business
