#include "business/mesh.hpp"
#include "handlers/bind.hpp"
#include "handlers/error_response.hpp"
#include "handlers/health_json.hpp"
#include "handlers/mesh_json.hpp"
#include "handlers/mesh_parameters.hpp"
#include "handlers/meta_json.hpp"
#include "handlers/parameters.hpp"
#include "handlers/routes.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <utility>

namespace meshscope::handlers {

namespace {

using business::AppItem;
using server::Request;
using server::Response;

// For each key the different values of all workloads and services, with commas between.
void write_joined_labels(JsonWriter& json, const AppItem& item) {
    std::map<std::string_view, std::set<std::string_view>> values;
    const auto add = [&values](const models::LabelSet& labels) {
        for (const auto& [key, value] : labels) {
            values[key].insert(value);
        }
    };
    for (const models::WorkloadPtr& workload : item.workloads) {
        add(*workload->labels);
    }
    for (const models::ServicePtr& service : item.services) {
        add(*service->meta.labels);
    }
    json.begin_object();
    for (const auto& [key, different] : values) {
        std::string text;
        for (const std::string_view value : different) {
            text.append(text.empty() ? "" : ",").append(value);
        }
        json.field(key, text);
    }
    json.end_object();
}

bool any(const AppItem& item, bool models::Workload::* property) {
    return std::ranges::any_of(item.workloads, [property](const models::WorkloadPtr& workload) {
        return (*workload).*property;
    });
}

void write_app_item(
    JsonWriter& json,
    const AppItem& item,
    std::string_view cluster,
    const business::HealthView* health
) {
    json.begin_object().field("name", item.name).field("namespace", item.ns);
    json.field("cluster", cluster).field("istioSidecar", any(item, &models::Workload::sidecar));
    json.field("isAmbient", any(item, &models::Workload::ambient));
    json.field("isGateway", any(item, &models::Workload::gateway));
    write_joined_labels(json.key("labels"), item);
    write_references(json.key("istioReferences"), item.references, cluster);
    write_health(json.key("health"), item, health);
    json.end_object();
}

void write_app_workload(
    JsonWriter& json,
    const models::Workload& workload,
    const std::vector<business::WaypointRef>& waypoints,
    std::string_view cluster
) {
    json.begin_object().field("workloadName", workload.name);
    write_kind(json.key("gvk"), workload.kind);
    json.field("istioSidecar", workload.sidecar).field("isAmbient", workload.ambient);
    write_labels(json.key("labels"), *workload.labels);
    json.field("namespace", workload.ns);
    write_texts(json.key("serviceAccountNames"), workload.service_accounts);
    write_waypoints(json.key("waypointWorkloads"), waypoints, cluster);
    json.end_object();
}

void write_app_detail(
    JsonWriter& json, const business::AppDetail& detail, const business::HealthView* health
) {
    const AppItem& item = detail.item;
    const std::string& cluster = detail.snapshot->cluster;
    write_namespace(json.begin_object().key("namespace"), detail.ns, cluster);
    json.field("cluster", cluster).field("name", item.name);
    json.field("isAmbient", any(item, &models::Workload::ambient)).key("workloads").begin_array();
    for (std::size_t i = 0; i < item.workloads.size(); ++i) {
        write_app_workload(json, *item.workloads[i], detail.waypoints[i], cluster);
    }
    json.end_array().key("serviceNames").begin_array();
    for (const models::ServicePtr& service : item.services) {
        json.string(service->meta.name);
    }
    json.end_array().key("runtimes").begin_array().end_array();
    write_health(json.key("health"), item, health);
    write_meta(json.key("meta"), detail.meta);
    json.end_object();
}

Awaitable<Response> apps(const Parts& parts, RequestContext context, const Request& request) {
    const auto asked = read_mesh_request(request.query, MeshRoute::kApps);
    if (!asked) {
        co_return error_response(asked.error(), context.request_id);
    }
    auto found = parts.mesh->apps(context, asked->list);
    if (!found) {
        co_return error_response(found.error(), context.request_id);
    }
    const auto view = co_await look_at_health(parts, context, *asked, "", found->meta);
    const auto list = std::make_shared<const business::AppList>(std::move(*found));
    std::string tail = R"(],"cluster":)";
    append_json_string(tail, list->snapshot->cluster);
    tail += R"(,"meta":)";
    JsonWriter json(tail);
    write_meta(json, list->meta);
    tail += '}';
    auto write = [list, view](JsonWriter& out, std::size_t i) {
        write_app_item(out, list->items[i], list->snapshot->cluster, view.get());
    };
    co_return Response::stream(
        list_body(R"({"applications":[)", list->items.size(), std::move(write), std::move(tail))
    );
}

Awaitable<Response> app(const Parts& parts, RequestContext context, const Request& request) {
    business::ObjectQuery query;
    query.ns = request.path_parameter("namespace");
    query.name = request.path_parameter("app");
    auto error = check_name("namespace", query.ns, false);
    if (!error) {
        error = check_name("app", query.name, true);
    }
    if (error) {
        co_return error_response(*error, context.request_id);
    }
    const auto asked = read_mesh_request(request.query, MeshRoute::kApps);
    if (!asked) {
        co_return error_response(asked.error(), context.request_id);
    }
    query.cluster = asked->list.cluster;
    auto detail = parts.mesh->app(context, query);
    if (!detail) {
        co_return error_response(detail.error(), context.request_id);
    }
    const auto view = co_await look_at_health(parts, context, *asked, query.ns, detail->meta);
    std::string body;
    JsonWriter json(body);
    write_app_detail(json, *detail, view.get());
    co_return Response::json(std::move(body));
}

}  // namespace

void add_mesh_app_routes(server::Router& router, const Parts& parts) {
    router.add(server::Method::kGet, "/api/clusters/apps", bind(parts, Entry::kSignedIn, apps));
    router.add(
        server::Method::kGet,
        "/api/namespaces/{namespace}/apps/{app}",
        bind(parts, Entry::kSignedIn, app)
    );
}

}  // namespace meshscope::handlers
