#include "handlers/health_json.hpp"

#include "handlers/mesh_json.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace meshscope::handlers {

namespace {

using business::HealthView;
using business::ObjectHealth;

void write_rates(JsonWriter& json, const models::RatesByCode& rates) {
    json.begin_object();
    for (const auto& [protocol, codes] : rates) {
        json.key(protocol).begin_object();
        for (const auto& [code, rate] : codes) {
            json.field(code, rate);
        }
        json.end_object();
    }
    json.end_object();
}

void write_requests(
    JsonWriter& json, const models::LabelSet& annotations, const ObjectHealth& health
) {
    static const models::RequestRates kNone;
    const models::RequestRates& rates = health.requests == nullptr ? kNone : *health.requests;
    write_only(json.begin_object().key("healthAnnotations"), annotations, kHealthRate);
    write_rates(json.key("inbound"), rates.inbound);
    write_rates(json.key("outbound"), rates.outbound);
    json.end_object();
}

// Nothing when it was not asked for.
void write_status(JsonWriter& json, const ObjectHealth& object) {
    if (object.requests != nullptr) {
        write_health_status(json.key("status"), object.health);
    }
}

template <class Object>
ObjectHealth health_of(const Object& object, const HealthView* view) {
    return view == nullptr ? ObjectHealth() : view->of(object);
}

void write_replicas(JsonWriter& json, const models::Workload& workload) {
    const models::Replicas replicas = business::replicas_of(workload);
    json.begin_object().field("name", workload.name).field("desiredReplicas", replicas.desired);
    json.field("currentReplicas", replicas.current);
    json.field("availableReplicas", replicas.available);
    json.field("syncedProxies", replicas.synced_proxies).end_object();
}

}  // namespace

void write_health_status(JsonWriter& json, const models::Health& health) {
    json.begin_object();
    if (health.error_ratio != 0) {
        json.field("errorRatio", health.error_ratio);
    }
    json.key("status").plain_string(business::to_string(health.status));
    if (health.request_rate > 0) {
        json.field("totalRequestRate", health.request_rate);
    }
    json.end_object();
}

void write_health(JsonWriter& json, const models::Workload& workload, const HealthView* view) {
    const ObjectHealth health = health_of(workload, view);
    write_requests(json.begin_object().key("requests"), *workload.annotations, health);
    write_status(json, health);
    json.key("workloadStatus");
    if (view != nullptr) {
        write_replicas(json, workload);
    } else {
        json.null();
    }
    json.end_object();
}

void write_health(JsonWriter& json, const business::AppItem& app, const HealthView* view) {
    const ObjectHealth health = health_of(app, view);
    write_requests(json.begin_object().key("requests"), *models::no_labels(), health);
    write_status(json, health);
    json.key("workloadStatuses").begin_array();
    for (std::size_t i = 0; view != nullptr && i < app.workloads.size(); ++i) {
        write_replicas(json, *app.workloads[i]);
    }
    json.end_array().end_object();
}

void write_health(JsonWriter& json, const business::ServiceItem& service, const HealthView* view) {
    const bool external = service.service == nullptr;
    const ObjectHealth health = health_of(service, view);
    write_requests(
        json.begin_object().key("requests"),
        external ? *models::no_labels() : *service.service->meta.annotations,
        health
    );
    write_status(json, health);
    json.end_object();
}

Awaitable<std::shared_ptr<const HealthView>> look_at_health(
    const Parts& parts,
    RequestContext context,
    const MeshRequest& asked,
    std::string_view ns,
    business::Meta& meta
) {
    if (!asked.health) {
        co_return nullptr;
    }
    business::HealthQuery query = asked.look;
    if (!ns.empty()) {
        query.namespaces = {std::string(ns)};
    }
    const HealthView view = co_await parts.health->look(context, std::move(query));
    view.describe(meta);
    // The store was asked about the whole mesh: to who sees a part of it the bill would tell more.
    if (meta.stopped_by != clients::StoppedBy::kRights) {
        meta.upstream.insert(context.bill->by_name.begin(), context.bill->by_name.end());
    }
    co_return std::make_shared<const HealthView>(view);
}

}  // namespace meshscope::handlers
