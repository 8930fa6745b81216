#include "business/health.hpp"
#include "business/mesh.hpp"
#include "handlers/bind.hpp"
#include "handlers/error_response.hpp"
#include "handlers/health_json.hpp"
#include "handlers/mesh_json.hpp"
#include "handlers/mesh_parameters.hpp"
#include "handlers/meta_json.hpp"
#include "handlers/routes.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace meshscope::handlers {

namespace {

using business::HealthView;
using models::HealthStatus;
using server::Request;
using server::Response;

// The names of one kind of object in one namespace, by their status; each list ascending.
struct Names {
    std::vector<std::string> error, not_ready, success, warning, unknown;

    void add(HealthStatus status, const std::string& name) {
        switch (status) {
            case HealthStatus::kFailure:
                error.push_back(name);
                break;
            case HealthStatus::kNotReady:
                not_ready.push_back(name);
                break;
            case HealthStatus::kHealthy:
                success.push_back(name);
                break;
            case HealthStatus::kDegraded:
                warning.push_back(name);
                break;
            case HealthStatus::kUnknown:
                unknown.push_back(name);
                break;
        }
    }
    void write(JsonWriter& json) const {
        write_texts(json.begin_object().key("inError"), error);
        write_texts(json.key("inNotReady"), not_ready);
        write_texts(json.key("inSuccess"), success);
        write_texts(json.key("inWarning"), warning);
        write_texts(json.key("notAvailable"), unknown);
        json.end_object();
    }
};

// The health of one kind of object, by namespace.
template <class Item>
struct OfKind {
    std::map<std::string, std::vector<const Item*>> items;
    std::map<std::string, Names> names;
};

const std::string& name_of(const business::WorkloadItem& item) { return item.workload->name; }
const std::string& name_of(const business::AppItem& item) { return item.name; }
const std::string& name_of(const business::ServiceItem& item) { return item.name; }
const std::string& namespace_of(const business::WorkloadItem& item) { return item.workload->ns; }
const std::string& namespace_of(const business::AppItem& item) { return item.ns; }
const std::string& namespace_of(const business::ServiceItem& item) { return item.ns; }
const models::Workload& judged(const business::WorkloadItem& item) { return *item.workload; }
const business::AppItem& judged(const business::AppItem& item) { return item; }
const business::ServiceItem& judged(const business::ServiceItem& item) { return item; }

using Worst = std::map<std::string, HealthStatus>;  // by namespace

template <class Item>
OfKind<Item> sorted(
    const std::vector<Item>& items,
    const HealthView& view,
    const std::vector<std::string>& namespaces,
    Worst& worst
) {
    OfKind<Item> out;
    for (const std::string& ns : namespaces) {
        out.items[ns];
        out.names[ns];
    }
    for (const Item& item : items) {
        const HealthStatus status = view.of(judged(item)).health.status;
        const std::string& ns = namespace_of(item);
        out.items[ns].push_back(&item);
        out.names[ns].add(status, name_of(item));
        worst[ns] = std::max(worst[ns], status);
    }
    return out;
}

template <class Item>
void write_kind_health(
    JsonWriter& json, const char* key, const OfKind<Item>& kind, const HealthView& view
) {
    if (kind.items.empty()) {
        return;
    }
    json.key(key).begin_object();
    for (const auto& [ns, items] : kind.items) {
        json.key(ns).begin_object();
        for (const Item* item : items) {
            write_health(json.key(name_of(*item)), judged(*item), &view);
        }
        json.end_object();
    }
    json.end_object();
}

template <class Item>
void write_names(
    JsonWriter& json, const char* key, const OfKind<Item>& kind, const std::string& ns
) {
    const auto found = kind.names.find(ns);
    if (found != kind.names.end()) {
        found->second.write(json.key(key));
    }
}

// What was asked for; kinds that were not are empty.
struct Lists {
    std::vector<std::string> namespaces;  // ascending
    business::AppList apps;
    business::MeshServiceList services;
    business::WorkloadList workloads;
    business::Meta meta;
};

std::string body_of(const Lists& lists, HealthKinds kinds, const HealthView& view) {
    Worst worst;
    const std::vector<std::string> none;
    const auto of = [&](bool wanted) -> const std::vector<std::string>& {
        return wanted ? lists.namespaces : none;
    };
    const auto apps = sorted(lists.apps.items, view, of(kinds.apps), worst);
    const auto services = sorted(lists.services.items, view, of(kinds.services), worst);
    const auto workloads = sorted(lists.workloads.items, view, of(kinds.workloads), worst);
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    write_kind_health(json, "namespaceAppHealth", apps, view);
    write_kind_health(json, "namespaceServiceHealth", services, view);
    write_kind_health(json, "namespaceWorkloadHealth", workloads, view);
    if (!lists.namespaces.empty()) {
        json.key("namespaceHealth").begin_object();
        for (const std::string& ns : lists.namespaces) {
            json.key(ns).begin_object();
            write_names(json, "statusApp", apps, ns);
            write_names(json, "statusService", services, ns);
            write_names(json, "statusWorkload", workloads, ns);
            json.field("worstStatus", business::to_string(worst[ns])).end_object();
        }
        json.end_object();
    }
    business::Meta meta = lists.meta;
    meta.returned = meta.scanned =
        lists.apps.items.size() + lists.services.items.size() + lists.workloads.items.size();
    meta.order = "namespace:asc,name:asc";
    view.describe(meta);
    write_meta(json.key("meta"), meta);
    json.end_object();
    return body;
}

// Of the namespaces that the caller sees.
Result<Lists> find(const Parts& parts, const RequestContext& context, const HealthRequest& asked) {
    Lists lists;
    std::vector<std::string> names = asked.namespaces;
    if (names.empty()) {
        const auto all = parts.mesh->namespaces(context);
        if (!all) {
            return all.error();
        }
        for (const business::NamespaceItem& item : all->items) {
            names.push_back(item.view->object.meta.name);
        }
    }
    auto visible = parts.mesh->visible_among(context, std::move(names), asked.cluster);
    if (!visible) {
        return visible.error();
    }
    lists.namespaces = std::move(visible->names);
    lists.meta = std::move(visible->meta);
    if (lists.namespaces.empty()) {
        return lists;
    }
    business::ListQuery query;
    query.namespaces = lists.namespaces;
    query.references = false;
    query.only_definitions = true;
    const auto take = [](auto found, auto& into) -> std::optional<Error> {
        if (!found) {
            return found.error();
        }
        into = std::move(*found);
        return std::nullopt;
    };
    std::optional<Error> error;
    if (asked.kinds.apps) {
        error = take(parts.mesh->apps(context, query), lists.apps);
    }
    if (!error && asked.kinds.services) {
        error = take(parts.mesh->services(context, query), lists.services);
    }
    if (!error && asked.kinds.workloads) {
        error = take(parts.mesh->workloads(context, query), lists.workloads);
    }
    if (error) {
        return std::move(*error);
    }
    return lists;
}

Awaitable<Response> health(const Parts& parts, RequestContext context, const Request& request) {
    const auto asked = read_health_request(request.query);
    if (!asked) {
        co_return error_response(asked.error(), context.request_id);
    }
    auto lists = find(parts, context, *asked);
    if (!lists) {
        co_return error_response(lists.error(), context.request_id);
    }
    business::HealthQuery query = asked->query;
    query.namespaces = lists->namespaces;
    const HealthView view = co_await parts.health->look(context, std::move(query));
    // The store was asked about the whole mesh: to who sees a part of it the bill would tell more.
    if (lists->meta.stopped_by != clients::StoppedBy::kRights) {
        lists->meta.upstream = context.bill->by_name;
    }
    Response response = Response::json(body_of(*lists, asked->kinds, view));
    response.headers.add("X-Kiali-Health-Cached", view.cached() ? "true" : "false");
    co_return response;
}

}  // namespace

void add_cluster_health_routes(server::Router& router, const Parts& parts) {
    router.add(server::Method::kGet, "/api/clusters/health", bind(parts, Entry::kSignedIn, health));
}

}  // namespace meshscope::handlers
