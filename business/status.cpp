#include "business/status.hpp"

#include <algorithm>
#include <utility>

namespace meshscope::business {

namespace {

template <class Reachability>
Health health_of(Reachability reachability) {
    switch (reachability) {
        case Reachability::kReachable:
            return Health::kHealthy;
        case Reachability::kUnreachable:
            return Health::kUnreachable;
        case Reachability::kUnknown:
            break;
    }
    return Health::kUnknown;
}

// Shared by what stores and clusters say of themselves.
template <class State>
ComponentStatus component_of(std::string name, State& state) {
    ComponentStatus component;
    component.name = std::move(name);
    component.health = health_of(state.reachability);
    component.version = std::move(state.version);
    component.reason = std::move(state.reason);
    if (state.last_probe) {
        component.latency = state.latency;
    }
    component.last_success = state.last_success;
    component.last_probe = state.last_probe;
    return component;
}

// Why a cluster that answers is not known yet; nullopt: the first lists are under way.
std::optional<Error> why_not_synced(const clients::ClusterState& state) {
    for (const clients::KindState& kind : state.kinds) {
        if (kind.state == clients::KindState::State::kSyncing && !kind.reason.empty()) {
            return Error(ErrorKind::kUnavailable, kind.resource + " cannot be read: " + kind.reason)
                .with_code("cluster_syncing")
                .with_upstream("kubernetes")
                .with_hint(
                    {"",
                     "check the server's account in the cluster: its token or certificate, and "
                     "its role"}
                );
        }
    }
    return std::nullopt;
}

ComponentStatus cluster_component(clients::ClusterState state, SystemTime now) {
    ComponentStatus component = component_of("kubernetes", state);
    component.core = true;
    if (component.health == Health::kHealthy && !state.synced) {
        component.health = Health::kNotReady;
        component.reason = why_not_synced(state);
    }
    if (state.current_at) {
        component.age = std::chrono::duration_cast<std::chrono::milliseconds>(
            std::max(now - *state.current_at, SystemTime::duration::zero())
        );
    }
    return component;
}

}  // namespace

std::string_view to_string(Health health) {
    switch (health) {
        case Health::kHealthy:
            return "Healthy";
        case Health::kNotReady:
            return "NotReady";
        case Health::kUnreachable:
            return "Unreachable";
        case Health::kUnhealthy:
            return "Unhealthy";
        case Health::kNotFound:
            return "NotFound";
        case Health::kUnknown:
            break;
    }
    return "Unknown";
}

std::vector<ComponentStatus> Status::components() const {
    std::vector<ComponentStatus> components;
    if (parts_.dashboards != nullptr) {
        clients::DashboardsState state = parts_.dashboards->state();
        ComponentStatus grafana = component_of("grafana", state);
        grafana.core = parts_.dashboards_are_core;
        components.push_back(std::move(grafana));
    }
    if (parts_.cluster != nullptr) {
        // First the time: what is current then has no age.
        const SystemTime now = parts_.clock->now();
        components.push_back(cluster_component(parts_.cluster->state(), now));
    }
    if (parts_.metrics != nullptr) {
        clients::MetricStoreState state = parts_.metrics->state();
        ComponentStatus metrics = component_of("prometheus", state);
        metrics.core = parts_.metrics_are_core;
        metrics.product = std::move(state.product);
        components.push_back(std::move(metrics));
    }
    if (parts_.store != nullptr) {
        clients::StoreState state = parts_.store->state();
        ComponentStatus tracing = component_of("tracing", state);
        tracing.core = parts_.tracing_is_core;
        tracing.protocol = std::move(state.protocol);
        components.push_back(std::move(tracing));
    }
    return components;
}

MetricFacts Status::metric_facts() const {
    MetricFacts facts;
    if (parts_.metrics == nullptr) {
        return facts;
    }
    const clients::MetricStoreState state = parts_.metrics->state();
    facts.enabled = true;
    if (state.reachability != clients::MetricStoreState::Reachability::kReachable) {
        facts.disabled_reason =
            state.reason ? state.reason->message() : "Prometheus was not reached yet";
    }
    facts.scrape_interval = state.scrape_interval.value_or(facts.scrape_interval);
    facts.retention = state.retention.value_or(facts.retention);
    return facts;
}

}  // namespace meshscope::business
