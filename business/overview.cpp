#include "business/overview.hpp"

#include "business/tcp_bytes.hpp"
#include "clients/promql_histograms.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <tuple>
#include <utility>

namespace meshscope::business {

namespace {

namespace promql = clients::promql;
using promql::Expr;
using promql::Label;
using promql::Matcher;
using promql::Matchers;
using std::chrono::seconds;

constexpr Label kNamespace = "destination_service_namespace";
constexpr Label kService = "destination_service_name";
constexpr seconds kLongest = std::chrono::hours(24);  // interval

// Of all proxies together: what only one side of a call tells of is there, too.
Expr latency_query(const Matchers& matchers, seconds interval) {
    const std::vector<Label> by{kNamespace, kService};
    const auto quantile = promql::Quantile::parse("0.95");
    const Expr buckets =
        sum(rate("istio_request_duration_milliseconds_bucket", matchers, interval),
            {"le", kNamespace, kService});
    const Expr native = sum(rate("istio_request_duration_milliseconds", matchers, interval), by);
    return either(
        histogram_quantile(quantile.value(), buckets), histogram_quantile(quantile.value(), native)
    );
}

Expr tcp_query(Matchers matchers, seconds interval) {
    matchers.push_back(Matcher::equals("reporter", "destination"));
    return sum(rate(kBytesSentToClients, matchers, interval), {kNamespace, kService});
}

double thousandths(double value) { return std::floor(value * 1000 + 0.5) / 1000; }

double total(const models::RatesByCode& rates) {
    double sum = 0;
    for (const auto& [protocol, codes] : rates) {
        for (const auto& [code, rate] : codes) {
            sum += rate;
        }
    }
    return sum;
}

template <class Rows, class Key>
void keep_most(Rows& rows, Key key) {
    std::ranges::sort(rows, [&](const OverviewRow& a, const OverviewRow& b) {
        const auto first = key(a);
        const auto second = key(b);
        return first != second ? first > second : std::tie(a.ns, a.name) < std::tie(b.ns, b.name);
    });
    rows.resize(std::min(rows.size(), kOverviewServices));
}

// Of those namespaces (ascending) only.
std::vector<OverviewRow> rows_of(
    const models::MetricVector& answer,
    Overview::Measure measure,
    const std::vector<std::string>& namespaces
) {
    const std::size_t ns = answer.labels.column(kNamespace.name());
    const std::size_t name = answer.labels.column(kService.name());
    std::vector<OverviewRow> rows;
    for (std::size_t i = 0; i < answer.labels.rows(); ++i) {
        const double value = thousandths(answer.values[i]);
        const bool is_known = !answer.labels.cell(i, name).empty() &&
                              std::ranges::binary_search(namespaces, answer.labels.cell(i, ns));
        if (!is_known || !std::isfinite(value)) {
            continue;
        }
        OverviewRow row;
        row.ns = answer.labels.cell(i, ns);
        row.name = answer.labels.cell(i, name);
        (measure == Overview::Measure::kTcp ? row.tcp_bytes : row.latency_ms) = value;
        rows.push_back(std::move(row));
    }
    keep_most(rows, [](const OverviewRow& row) { return row.latency_ms + row.tcp_bytes; });
    return rows;
}

}  // namespace

struct Overview::Scope {
    std::vector<std::string> namespaces;  // ascending
    MeshServiceList services;
    AppList apps;
    OverviewList list;  // without rows
};

Result<Overview::Scope> Overview::scope(
    const RequestContext& context, const std::string& cluster, const HealthQuery& query
) const {
    Scope out;
    const auto all = mesh_.namespaces(context);
    if (!all) {
        return all.error();
    }
    std::vector<std::string> names = query.namespaces;
    if (names.empty()) {
        for (const NamespaceItem& item : all->items) {
            names.push_back(item.view->object.meta.name);
        }
    }
    auto visible = mesh_.visible_among(context, std::move(names), cluster);
    if (!visible) {
        return visible.error();
    }
    out.namespaces = std::move(visible->names);
    out.list.meta = std::move(visible->meta);
    out.list.cluster = all->snapshot->cluster;
    for (const std::string& ns : out.namespaces) {
        const models::NamespaceView* view = all->snapshot->find(ns);
        out.list.waypoints =
            out.list.waypoints ||
            (view != nullptr && std::ranges::any_of(view->workloads, [](const auto& workload) {
                 return workload->waypoint;
             }));
    }
    if (out.namespaces.empty()) {
        return out;  // a list of none would be one of all
    }
    ListQuery objects;
    objects.namespaces = out.namespaces;
    objects.references = false;
    auto services = mesh_.services(context, objects);
    auto apps = mesh_.apps(context, objects);
    if (!services || !apps) {
        return services ? apps.error() : services.error();
    }
    out.services = std::move(*services);
    out.apps = std::move(*apps);
    return out;
}

Awaitable<Result<HealthView>> Overview::judged(
    RequestContext context, HealthQuery query, Scope& scope
) const {
    query.namespaces = scope.namespaces;
    HealthView view = co_await health_.look(context, std::move(query));
    view.describe(scope.list.meta);
    // The store was asked about the whole mesh: to who sees a part of it the bill would tell more.
    if (scope.list.meta.stopped_by != clients::StoppedBy::kRights) {
        scope.list.meta.upstream = context.bill->by_name;
    }
    if (auto failure = view.failure()) {
        co_return std::move(*failure);
    }
    co_return view;
}

Awaitable<Result<OverviewList>> Overview::services(
    RequestContext context, Measure measure, std::string cluster, HealthQuery query
) const {
    auto found = scope(context, cluster, query);
    if (!found) {
        co_return found.error();
    }
    const seconds interval = std::min(query.interval.value_or(health_.interval()), kLongest);
    const Matchers matchers{
        Matcher::differs("destination_workload", "unknown"),
        Matcher::equals("destination_cluster", found->list.cluster),
        Matcher::one_of(kNamespace, found->namespaces)
    };
    const Expr all = measure == Measure::kTcp ? tcp_query(matchers, interval)
                                              : latency_query(matchers, interval);
    Expr most = top(kOverviewServices, above_zero(all));
    const auto answer = co_await metrics_.instant(context, std::move(most), query.at);
    if (!answer) {
        co_return answer.error();
    }
    found->list.rows = rows_of((*answer)->data, measure, found->namespaces);
    // Their health is worth having and not worth failing for.
    auto view = co_await judged(context, std::move(query), *found);
    for (OverviewRow& row : found->list.rows) {
        const auto item = std::ranges::find_if(found->services.items, [&](const ServiceItem& one) {
            return one.name == row.name && one.ns == row.ns;
        });
        if (view && item != found->services.items.end()) {
            row.status = view->of(*item).health.status;
        }
    }
    for (const std::string& warning : (*answer)->warnings) {
        found->list.meta.warn("metric_store", warning);
    }
    found->list.meta.returned = found->list.rows.size();
    co_return std::move(found->list);
}

Awaitable<Result<OverviewList>> Overview::rates(
    RequestContext context, std::string cluster, HealthQuery query
) const {
    auto found = scope(context, cluster, query);
    if (!found) {
        co_return found.error();
    }
    const auto view = co_await judged(std::move(context), std::move(query), *found);
    if (!view) {
        co_return view.error();
    }
    auto& rows = found->list.rows;
    for (const ServiceItem& item : found->services.items) {
        const ObjectHealth health = view->of(item);
        OverviewRow row;
        row.inbound = total(health.requests->inbound);
        if (row.inbound > 0) {
            row.ns = item.ns;
            row.name = item.name;
            row.status = health.health.status;
            row.error_ratio = std::max(health.health.error_ratio, 0.0) / 100;
            rows.push_back(std::move(row));
        }
    }
    found->list.meta.scanned = found->services.items.size();
    keep_most(rows, [](const OverviewRow& row) { return std::pair(row.error_ratio, row.inbound); });
    found->list.meta.returned = rows.size();
    co_return std::move(found->list);
}

Awaitable<Result<OverviewList>> Overview::apps(
    RequestContext context, std::string cluster, HealthQuery query
) const {
    auto found = scope(context, cluster, query);
    if (!found) {
        co_return found.error();
    }
    const auto view = co_await judged(std::move(context), std::move(query), *found);
    if (!view) {
        co_return view.error();
    }
    for (const AppItem& item : found->apps.items) {
        const ObjectHealth health = view->of(item);
        OverviewRow row;
        row.ns = item.ns;
        row.name = item.name;
        row.status = health.health.status;
        row.inbound = total(health.requests->inbound);
        row.outbound = total(health.requests->outbound);
        found->list.rows.push_back(std::move(row));
    }
    found->list.meta.returned = found->list.meta.scanned = found->list.rows.size();
    co_return std::move(found->list);
}

}  // namespace meshscope::business
