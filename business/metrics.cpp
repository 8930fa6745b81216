#include "business/metrics.hpp"

#include "async/fan_out.hpp"
#include "business/short_interval.hpp"

#include <algorithm>
#include <functional>
#include <set>
#include <utility>

namespace meshscope::business {

namespace {

constexpr std::size_t kParallel = 4;       // queries of one request at once
constexpr std::size_t kMostAgeGroups = 8;  // of namespaces with times of their own

// With the family before the store's words. What the store calls a bad query is none of the
// caller's doing.
Error in_family(MetricFamily family, const Error& error) {
    const ErrorKind kind =
        error.kind() == ErrorKind::kInvalidArgument ? ErrorKind::kUpstreamProtocol : error.kind();
    Error said(kind, "error in metric " + std::string(to_string(family)) + ": " + error.message());
    if (kind == error.kind()) {
        said = said.with_code(error.code());
    }
    return said.with_detail(error.detail())
        .with_upstream(error.upstream())
        .with_hint(error.hint())
        .with_log_detail(error.log_detail());
}

Meta meta_of(const MetricTimes& times) {
    Meta meta;
    meta.used.start = times.start;
    meta.used.end = times.end;
    return meta;
}

}  // namespace

// One request with its queries and what came of them.
struct Metrics::Run {
    MetricsRequest request;
    MetricTimes times;
    std::vector<MetricQuery> queries;
    std::vector<std::optional<Error>> errors;  // of each query
    bool parts_may_miss = false;
    FamilySeries series;
    std::set<MetricFamily> native;  // to be asked for once more
    std::set<std::string> warnings;
    std::size_t left_out = 0;

    [[nodiscard]] std::optional<Error> error_of(MetricFamily family) const {
        for (std::size_t i = 0; i < queries.size(); ++i) {
            if (errors[i] &&
                std::ranges::find(queries[i].families, family) != queries[i].families.end()) {
                return in_family(family, *errors[i]);
            }
        }
        return std::nullopt;
    }
    // The first error, if nothing or not enough came.
    [[nodiscard]] std::optional<Error> failed() const {
        const auto is_error = [](const std::optional<Error>& error) { return error.has_value(); };
        const bool too_many = parts_may_miss ? std::ranges::all_of(errors, is_error)
                                             : std::ranges::any_of(errors, is_error);
        if (queries.empty() || !too_many) {
            return std::nullopt;
        }
        // What was cancelled because another one failed is not why.
        auto why = std::ranges::find_if(errors, [](const std::optional<Error>& error) {
            return error && error->kind() != ErrorKind::kCancelled;
        });
        why = why == errors.end() ? std::ranges::find_if(errors, is_error) : why;
        const auto index = static_cast<std::size_t>(why - errors.begin());
        return in_family(queries[index].families.front(), **why);
    }
    void describe(Meta& meta) const {
        for (const std::string& warning : warnings) {
            meta.warn("metric_store", warning);
        }
        if (left_out > 0) {
            meta.drop("series", left_out);
            meta.stopped_by = clients::StoppedBy::kLimit;
        }
    }
};

Metrics::Metrics(Parts parts) : parts_(std::move(parts)) {}

models::ClusterSnapshotPtr Metrics::snapshot() const {
    const bool read = parts_.cluster != nullptr && parts_.cluster->state().synced;
    return read ? parts_.cluster->snapshot() : nullptr;
}

std::optional<SystemTime> Metrics::created(const std::string& ns) const {
    const models::ClusterSnapshotPtr known = snapshot();
    const models::NamespaceView* view = known ? known->find(ns) : nullptr;
    return view == nullptr ? std::nullopt : std::optional(view->object.meta.created);
}

std::optional<Error> Metrics::refuse(
    const RequestContext& context, const std::string& ns, const std::string& cluster
) const {
    if (auto refused = refuse_namespace(*parts_.access, context.caller, ns)) {
        return refused;
    }
    const models::ClusterSnapshotPtr known = snapshot();
    if (!cluster.empty() && cluster != (known ? known->cluster : parts_.home_cluster)) {
        return Error(ErrorKind::kNotFound, "the cluster '" + cluster + "' is not known here");
    }
    if (known != nullptr) {
        if (auto refused = parts_.discovery.refuse(*known, ns)) {
            return refused;
        }
        if (known->find(ns) == nullptr) {
            return Error(ErrorKind::kNotFound, "there is no namespace '" + ns + "' in the cluster");
        }
    }
    return parts_.store == nullptr ? std::optional(parts_.unavailable) : std::nullopt;
}

Awaitable<Result<clients::VectorAnswerPtr>> Metrics::instant(
    RequestContext context, clients::promql::Expr query, std::optional<SystemTime> at
) const {
    if (parts_.store == nullptr) {
        co_return parts_.unavailable;
    }
    const SystemTime now = std::chrono::floor<std::chrono::seconds>(parts_.clock->now());
    co_return co_await parts_.store->instant(
        std::move(context), std::move(query), at.value_or(now)
    );
}

bool Metrics::is_external(const std::string& ns, const std::string& host) const {
    const models::ClusterSnapshotPtr known = snapshot();
    const models::NamespaceView* view = known ? known->find(ns) : nullptr;
    return view != nullptr && view->find_service(host) == nullptr &&
           std::ranges::any_of(view->mesh_objects, [&](const models::MeshObjectPtr& object) {
               return object->kind.kind == "ServiceEntry" &&
                      std::ranges::find(object->hosts, host) != object->hosts.end();
           });
}

Awaitable<bool> Metrics::ask_one(
    RequestContext context, std::shared_ptr<Run> run, std::size_t index
) const {
    const MetricQuery& query = run->queries[index];
    clients::MetricRange range;
    range.start = run->times.start;
    range.end = run->times.end;
    range.step = run->times.step;
    const auto answer = co_await parts_.store->range(std::move(context), query.expression, range);
    if (!answer) {
        run->errors[index] = answer.error();
        co_return run->parts_may_miss;
    }
    run->warnings.insert((*answer)->warnings.begin(), (*answer)->warnings.end());
    const BucketRepair repair = parts_.store->state().flattens_small_deltas
                                    ? BucketRepair::kFlatten
                                    : BucketRepair::kEnvelope;
    const MetricsRead read =
        read_metrics(run->request, query, (*answer)->data, repair, run->series);
    run->left_out += read.left_out;
    run->native.insert(read.native.begin(), read.native.end());
    co_return true;
}

Awaitable<> Metrics::ask(RequestContext context, std::shared_ptr<Run> run) const {
    const models::ClusterSnapshotPtr known = snapshot();
    const std::string cluster = known ? known->cluster : parts_.home_cluster;
    const auto interval = run->times.rate_interval;
    if (!run->times.nothing) {
        run->queries = plan_metrics(run->request, interval, cluster);
        const auto scrapes = parts_.store->state().scrape_interval;
        if (auto hint = too_short_for_rates(interval, scrapes)) {
            run->warnings.insert(std::move(*hint));
        }
    }
    run->errors.assign(run->queries.size(), Error(ErrorKind::kCancelled, "another query failed"));
    std::vector<std::optional<Error>>& errors = run->errors;
    std::function<Awaitable<bool>(std::size_t)> task =
        [this, &context, &run, &errors](std::size_t index) {
            errors[index].reset();
            return ask_one(context, run, index);
        };
    const bool all = co_await fan_out(run->queries.size(), kParallel, std::move(task));
    if (all && !run->native.empty()) {
        const std::vector<MetricFamily> families(run->native.begin(), run->native.end());
        run->queries.push_back(plan_native_metrics(run->request, interval, cluster, families));
        run->errors.emplace_back();
        co_await ask_one(context, run, run->queries.size() - 1);
    }
}

Awaitable<Result<MetricsAnswer>> Metrics::of(
    RequestContext context, MetricsRequest request, bool parts_may_miss
) const {
    const std::string ns = request.target.namespaces.front();
    if (auto refused = refuse(context, ns, request.cluster)) {
        co_return std::move(*refused);
    }
    if (request.target.subject == MetricSubject::kService &&
        request.direction == TrafficDirection::kOutbound) {
        co_return Error(
            ErrorKind::kInvalidArgument,
            "parameter 'direction' must be inbound: services send no requests"
        );
    }
    const auto times = metric_times(request, parts_.clock->now(), created(ns));
    if (!times) {
        co_return times.error();
    }
    if (request.target.subject == MetricSubject::kService && is_external(ns, request.target.name)) {
        request.target.namespaces = {"unknown"};
    }
    auto run = std::make_shared<Run>();
    run->request = std::move(request);
    run->times = *times;
    run->parts_may_miss = parts_may_miss;
    co_await ask(context, run);
    if (auto failed = run->failed()) {
        co_return std::move(*failed);
    }
    MetricsAnswer answer;
    answer.meta = meta_of(*times);
    for (const MetricFamily family : run->request.families) {
        FamilyAnswer one{family, std::move(run->series[static_cast<std::size_t>(family)]), {}};
        one.error = run->error_of(family);
        answer.meta.returned += one.series.size();
        answer.families.push_back(std::move(one));
    }
    answer.meta.scanned = answer.meta.returned;
    run->describe(answer.meta);
    answer.meta.upstream = context.bill->by_name;
    co_return answer;
}

Awaitable<Result<NamespaceMetrics>> Metrics::of_namespaces(
    RequestContext context, MetricsRequest request
) const {
    if (parts_.store == nullptr) {
        co_return parts_.unavailable;
    }
    // Namespaces of one age are asked together; where there are too many ages the youngest count as
    // older than they are.
    std::vector<std::pair<MetricTimes, std::vector<std::string>>> groups;
    NamespaceMetrics all;
    for (const std::string& ns : request.target.namespaces) {
        const bool full = groups.size() >= kMostAgeGroups;
        const auto times =
            metric_times(request, parts_.clock->now(), full ? std::nullopt : created(ns));
        if (!times) {
            co_return times.error();
        }
        auto group = std::ranges::find(groups, *times, &decltype(groups)::value_type::first);
        if (group == groups.end()) {
            group = groups.insert(groups.end(), {*times, {}});
        }
        group->second.push_back(ns);
        all.namespaces[ns];
    }
    if (!groups.empty()) {
        all.meta = meta_of(groups.front().first);
    }
    for (auto& [times, names] : groups) {
        auto run = std::make_shared<Run>();
        run->request = request;
        run->request.target.namespaces = names;
        run->times = times;
        co_await ask(context, run);
        if (auto failed = run->failed()) {
            co_return std::move(*failed);
        }
        for (const std::string& ns : names) {
            for (const MetricFamily family : request.families) {
                all.namespaces[ns].push_back({family, {}, {}});
                auto& place = all.namespaces[ns].back().series;
                for (MetricSeries& one : run->series[static_cast<std::size_t>(family)]) {
                    if (one.ns == ns) {
                        place.push_back(std::move(one));
                    }
                }
                all.meta.returned += place.size();
            }
        }
        run->describe(all.meta);
    }
    all.meta.scanned = all.meta.returned;
    all.meta.upstream = context.bill->by_name;
    co_return all;
}

}  // namespace meshscope::business
