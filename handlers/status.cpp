#include "business/status.hpp"

#include "core/json_writer.hpp"
#include "core/text.hpp"
#include "handlers/bind.hpp"
#include "handlers/envelope.hpp"
#include "handlers/public_config.hpp"
#include "handlers/routes.hpp"
#include "handlers/safe_text.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <iterator>
#include <string_view>
#include <vector>

namespace meshscope::handlers {

namespace {

using business::ComponentStatus;
using server::Request;
using server::Response;

std::string joined(const std::vector<std::string>& texts) {
    std::string out;
    for (const std::string& text : texts) {
        out.append(out.empty() ? "" : ",").append(text);
    }
    return out;
}

std::string service_name(const ComponentStatus& component, const PublicConfig& config) {
    if (component.name == "tracing") {
        return config.tracing.provider;
    }
    if (component.name == "grafana") {
        return "Grafana";
    }
    return component.name == "prometheus" ? "Prometheus" : "Kubernetes-" + config.cluster_name;
}

// As clients of old list them: the cluster, metrics, dashboards, traces.
int rank_of(const ComponentStatus& component) {
    constexpr std::array<std::string_view, 4> kOrder{
        "kubernetes", "prometheus", "grafana", "tracing"
    };
    return static_cast<int>(std::ranges::find(kOrder, component.name) - kOrder.begin());
}

void write_service(JsonWriter& json, const ComponentStatus& component, const PublicConfig& config) {
    const bool tracing = component.name == "tracing";
    json.begin_object();
    json.field("name", service_name(component, config));
    if (!component.version.empty()) {
        json.field("version", component.version);
    }
    if (!component.protocol.empty()) {
        json.field("protocol", component.protocol);
    }
    if (!component.product.empty()) {
        json.field("product", component.product);
    }
    if (tracing && !config.tracing.external_url.empty()) {
        json.field("url", config.tracing.external_url);
    }
    json.key("tempoConfig").raw(tracing ? tempo_json(config.tracing.tempo) : "{}");
    json.end_object();
}

// Whoever is not known learns the name and the state and nothing else.
bool may_see_all(const Caller& caller) { return !caller.name.empty(); }

std::string status_json(const PublicConfig& config, const business::Status& status, bool all) {
    std::string body;
    JsonWriter json(body);
    json.begin_object().key("status").begin_object();
    if (all) {
        json.field("Disabled features", joined(config.disabled_features));
        json.field("Kiali commit hash", config.commit);
        json.field("Kiali container version", config.version);
    }
    json.field("Kiali state", "running");
    if (all) {
        json.field("Kiali version", config.version);
    }
    json.field("name", "Meshscope").end_object();
    json.key("externalServices").begin_array();
    if (all) {
        std::vector<ComponentStatus> listed = status.components();
        std::ranges::sort(listed, {}, rank_of);
        for (const ComponentStatus& component : listed) {
            write_service(json, component, config);
        }
    }
    json.end_array().key("warningMessages").begin_array();
    if (all && !config.tracing.reason.empty()) {
        json.string("tracing: " + config.tracing.reason);
    }
    if (all && !config.tracing.external_problem.empty()) {
        json.string(config.tracing.external_problem);
    }
    json.end_array().key("istioEnvironment").begin_object();
    json.field("istioAPIEnabled", config.istio_api).end_object().end_object();
    return body;
}

Awaitable<Response> status(const Parts& parts, RequestContext context, const Request& /*request*/) {
    const bool all = may_see_all(context.caller);
    co_return Response::json(status_json(*parts.config, *parts.status, all));
}

// In the words that clients of old know: what was not looked at yet is not ready.
std::string_view status_word(business::Health health) {
    return business::to_string(
        health == business::Health::kUnknown ? business::Health::kNotReady : health
    );
}

void write_component(
    JsonWriter& json, const ComponentStatus& component, const std::string& cluster
) {
    json.begin_object().field("cluster", cluster).field("name", component.name);
    json.field("status", status_word(component.health)).field("isCore", component.core);
    if (!component.version.empty()) {
        json.field("version", component.version);
    }
    if (!component.protocol.empty()) {
        json.field("protocol", component.protocol);
    }
    if (!component.product.empty()) {
        json.field("product", component.product);
    }
    if (component.reason) {
        json.key("reason").begin_object().field("code", component.reason->code());
        json.field("error", safe_text(component.reason->message()));
        const Hint& hint = component.reason->hint();
        if (!hint.advice.empty()) {
            json.key("hint").begin_object();
            if (!hint.setting.empty()) {
                json.field("setting", hint.setting);
            }
            json.field("advice", safe_text(hint.advice)).end_object();
        }
        json.end_object();
    }
    if (component.latency) {
        json.field("latencyMs", static_cast<double>(component.latency->count()) / 1000.0);
    }
    if (component.last_success) {
        json.field("lastSuccess", to_micros(*component.last_success));
    }
    if (component.last_probe) {
        json.field("lastProbe", to_micros(*component.last_probe));
    }
    if (component.age) {
        json.field("ageMs", component.age->count());
    }
    json.end_object();
}

Awaitable<Response> components(
    const Parts& parts, RequestContext context, const Request& /*request*/
) {
    std::string body;
    JsonWriter json(body);
    json.begin_array();
    std::vector<ComponentStatus> listed;
    if (parts.config->component_status) {
        listed = parts.status->mesh_components(context.caller);
        std::ranges::move(parts.status->components(), std::back_inserter(listed));
    }
    for (const ComponentStatus& component : listed) {
        write_component(json, component, parts.config->cluster_name);
    }
    json.end_array();
    business::Meta meta;
    meta.returned = listed.size();
    meta.scanned = listed.size();
    meta.order = "mesh first; name:asc";
    co_return with_meta(Response::json(std::move(body)), meta);
}

}  // namespace

void add_status_routes(server::Router& router, const Parts& parts) {
    router.add(server::Method::kGet, "/api", bind(parts, Entry::kOptional, status));
    router.add(server::Method::kGet, "/api/status", bind(parts, Entry::kSignedIn, status));
    router.add(
        server::Method::kGet, "/api/istio/status", bind(parts, Entry::kSignedIn, components)
    );
}

}  // namespace meshscope::handlers
