#include "business/mesh.hpp"
#include "handlers/bind.hpp"
#include "handlers/error_response.hpp"
#include "handlers/health_json.hpp"
#include "handlers/mesh_json.hpp"
#include "handlers/mesh_parameters.hpp"
#include "handlers/meta_json.hpp"
#include "handlers/parameters.hpp"
#include "handlers/routes.hpp"
#include "handlers/workload_json.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace meshscope::handlers {

namespace {

using business::ServiceDetail;
using business::ServiceItem;
using server::Request;
using server::Response;

void write_ports(JsonWriter& json, const std::vector<models::ServicePort>& ports) {
    json.begin_array();
    for (const models::ServicePort& port : ports) {
        json.begin_object().field("name", port.name).field("protocol", port.protocol);
        json.field("port", port.port).end_object();
    }
    json.end_array();
}

void write_service(JsonWriter& json, const ServiceItem& item, std::string_view cluster) {
    static const models::Service kNone;
    const bool external = item.service == nullptr;
    const models::Service& service = external ? kNone : *item.service;
    const models::ObjectMeta& meta = external ? item.entry->meta : service.meta;
    json.begin_object().key("additionalDetails").begin_array().end_array();
    write_labels(json.key("annotations"), *meta.annotations);
    json.field("cluster", cluster).field("createdAt", created_text(meta.created));
    json.field("externalName", service.external_name);
    write_only(json.key("healthAnnotations"), *meta.annotations, kHealthRate);
    json.field("ip", service.ips.empty() ? "" : service.ips.front());
    write_texts(json.key("ips"), service.ips);
    write_texts(json.key("ipFamilies"), service.ip_families);
    write_labels(json.key("labels"), *meta.labels);
    json.field("name", item.name).field("namespace", item.ns);
    write_ports(json.key("ports"), service.ports);
    json.field("resourceVersion", meta.resource_version);
    write_labels(json.key("selectors"), *service.selector);
    json.field("type", external ? "External" : service.type).end_object();
}

void write_endpoints(JsonWriter& json, const std::vector<models::EndpointSubset>& endpoints) {
    json.begin_array();
    for (const models::EndpointSubset& subset : endpoints) {
        json.begin_object().key("addresses").begin_array();
        for (const models::EndpointAddress& address : subset.addresses) {
            json.begin_object().field("kind", address.kind).field("name", address.name);
            json.field("ip", address.ip).end_object();
        }
        write_ports(json.end_array().key("ports"), subset.ports);
        json.end_object();
    }
    json.end_array();
}

// Whole objects, as Kubernetes has them, of one kind.
void write_raw(
    JsonWriter& json, const std::vector<models::MeshObjectPtr>& objects, std::string_view kind
) {
    json.begin_array();
    for (const models::MeshObjectPtr& object : objects) {
        if (object->kind.kind == kind && object->json != nullptr) {
            json.raw(*object->json);
        }
    }
    json.end_array();
}

void write_mesh_objects(JsonWriter& json, const ServiceItem& item) {
    write_raw(json.key("virtualServices"), item.references, "VirtualService");
    write_raw(json.key("destinationRules"), item.references, "DestinationRule");
    write_raw(json.key("k8sHTTPRoutes"), item.references, "HTTPRoute");
    write_raw(json.key("k8sGRPCRoutes"), item.references, "GRPCRoute");
    write_raw(json.key("k8sInferencePools"), item.references, "InferencePool");
    json.key("k8sReferenceGrants").null().key("serviceEntries");
    if (item.entry) {
        write_raw(json, {item.entry}, "ServiceEntry");
    } else {
        json.null();
    }
}

void write_service_detail(
    JsonWriter& json, const ServiceDetail& detail, const business::HealthView* health
) {
    const ServiceItem& item = detail.item;
    const std::string& cluster = detail.snapshot->cluster;
    const auto has = [&item](bool models::Workload::* property) {
        return std::ranges::any_of(item.workloads, [property](const auto& workload) {
            return (*workload).*property;
        });
    };
    write_service(json.begin_object().key("service"), item, cluster);
    write_endpoints(json.key("endpoints"), detail.endpoints);
    json.key("istioPermissions").begin_object().field("create", false).field("update", false);
    json.field("delete", false).end_object();
    json.field("isAmbient", has(&models::Workload::ambient));
    json.field("istioSidecar", has(&models::Workload::sidecar));
    write_mesh_objects(json, item);
    json.key("workloads").begin_array();
    for (const models::WorkloadPtr& workload : item.workloads) {
        write_workload_item(json, {workload, {}}, cluster, health);
    }
    write_health(json.end_array().key("health"), item, health);
    json.key("namespaceMTLS").begin_object().field("autoMTLSEnabled", false);
    json.field("minTLS", "").field("status", "UNSET").end_object();
    json.key("subServices").begin_array().end_array();
    json.key("validations").begin_object().end_object();
    write_waypoints(json.key("waypointWorkloads"), detail.waypoints, cluster);
    write_meta(json.key("meta"), detail.meta);
    json.end_object();
}

Awaitable<Response> services(const Parts& parts, RequestContext context, const Request& request) {
    const auto asked = read_mesh_request(request.query, MeshRoute::kServices);
    if (!asked) {
        co_return error_response(asked.error(), context.request_id);
    }
    auto found = parts.mesh->services(context, asked->list);
    if (!found) {
        co_return error_response(found.error(), context.request_id);
    }
    const auto view = co_await look_at_health(parts, context, *asked, "", found->meta);
    const auto list = std::make_shared<const business::MeshServiceList>(std::move(*found));
    std::string head = R"({"cluster":)";
    append_json_string(head, list->snapshot->cluster);
    head += R"(,"services":[)";
    std::string tail = R"(],"validations":{},"meta":)";
    JsonWriter json(tail);
    write_meta(json, list->meta);
    tail += '}';
    auto write = [list, view, only = asked->list.only_definitions](JsonWriter& out, std::size_t i) {
        write_service_item(out, list->items[i], list->snapshot->cluster, only, view.get());
    };
    co_return Response::stream(
        list_body(std::move(head), list->items.size(), std::move(write), std::move(tail))
    );
}

Awaitable<Response> service(const Parts& parts, RequestContext context, const Request& request) {
    business::ObjectQuery query;
    query.ns = request.path_parameter("namespace");
    query.name = request.path_parameter("service");
    auto error = check_name("namespace", query.ns, false);
    if (!error) {
        error = check_name("service", query.name, true);
    }
    if (error) {
        co_return error_response(*error, context.request_id);
    }
    auto asked = read_mesh_request(request.query, MeshRoute::kService);
    if (!asked) {
        co_return error_response(asked.error(), context.request_id);
    }
    query.cluster = asked->list.cluster;
    auto detail = parts.mesh->service(context, query);
    if (!detail) {
        co_return error_response(detail.error(), context.request_id);
    }
    asked->health = true;  // of one service always
    const auto view = co_await look_at_health(parts, context, *asked, query.ns, detail->meta);
    std::string body;
    JsonWriter json(body);
    write_service_detail(json, *detail, view.get());
    co_return Response::json(std::move(body));
}

}  // namespace

void add_service_routes(server::Router& router, const Parts& parts) {
    router.add(
        server::Method::kGet, "/api/clusters/services", bind(parts, Entry::kSignedIn, services)
    );
    router.add(
        server::Method::kGet,
        "/api/namespaces/{namespace}/services/{service}",
        bind(parts, Entry::kSignedIn, service)
    );
}

}  // namespace meshscope::handlers
