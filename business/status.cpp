#include "business/status.hpp"

#include <utility>

namespace meshscope::business {

namespace {

Health health_of(clients::StoreState::Reachability reachability) {
    switch (reachability) {
        case clients::StoreState::Reachability::kReachable:
            return Health::kHealthy;
        case clients::StoreState::Reachability::kUnreachable:
            return Health::kUnreachable;
        case clients::StoreState::Reachability::kUnknown:
            break;
    }
    return Health::kUnknown;
}

}  // namespace

std::string_view to_string(Health health) {
    switch (health) {
        case Health::kHealthy:
            return "Healthy";
        case Health::kUnreachable:
            return "Unreachable";
        case Health::kUnknown:
            break;
    }
    return "Unknown";
}

std::vector<ComponentStatus> Status::components() const {
    std::vector<ComponentStatus> components;
    if (store_ == nullptr) {
        return components;
    }
    clients::StoreState state = store_->state();
    ComponentStatus tracing;
    tracing.name = "tracing";
    tracing.health = health_of(state.reachability);
    tracing.core = tracing_is_core_;
    tracing.version = std::move(state.version);
    tracing.protocol = std::move(state.protocol);
    tracing.reason = std::move(state.reason);
    if (state.last_probe) {
        tracing.latency = state.latency;
    }
    tracing.last_success = state.last_success;
    tracing.last_probe = state.last_probe;
    components.push_back(std::move(tracing));
    return components;
}

}  // namespace meshscope::business
