#include "business/reconcile_edges.hpp"

#include <algorithm>
#include <utility>

namespace meshscope::business {

namespace {

constexpr auto kOut = TrafficDirection::kOutbound;

}  // namespace

std::optional<std::size_t> EdgeBook::find(
    TrafficDirection direction, std::string_view ns, std::string_view workload
) const {
    const auto found = std::ranges::find_if(edges_, [&](const EdgePeer& edge) {
        return edge.direction == direction && edge.workload == workload && edge.ns == ns;
    });
    return found == edges_.end() ? std::nullopt
                                 : std::optional(static_cast<std::size_t>(found - edges_.begin()));
}

std::optional<std::size_t> EdgeBook::nobody(TrafficDirection direction, const ServicePlace& service)
    const {
    const auto found = std::ranges::find_if(edges_, [&](const EdgePeer& edge) {
        const bool same = direction != kOut ||
                          (service.name.empty()
                               ? edge.services.empty()
                               : std::ranges::find(edge.services, service) != edge.services.end());
        return edge.direction == direction && edge.workload.empty() && same;
    });
    return found == edges_.end() ? std::nullopt
                                 : std::optional(static_cast<std::size_t>(found - edges_.begin()));
}

std::optional<std::size_t> EdgeBook::only_one(const ServicePlace& service) const {
    std::optional<std::size_t> found;
    for (std::size_t i = 0; i < edges_.size(); ++i) {
        const EdgePeer& edge = edges_[i];
        const bool called = std::ranges::find(edge.services, service) != edge.services.end();
        if (edge.direction == kOut && !edge.workload.empty() && called) {
            if (found) {
                return std::nullopt;
            }
            found = i;
        }
    }
    return found;
}

std::size_t EdgeBook::counted(EdgePeer peer, ServicePlace service) {
    std::optional<std::size_t> at = peer.workload.empty()
                                        ? nobody(peer.direction, service)
                                        : find(peer.direction, peer.ns, peer.workload);
    if (!at) {
        at = edges_.size();
        edges_.push_back(std::move(peer));
    }
    auto& services = edges_[*at].services;
    if (!service.name.empty() && std::ranges::find(services, service) == services.end()) {
        services.push_back(std::move(service));
    }
    return *at;
}

std::size_t EdgeBook::of_workload(
    TrafficDirection direction, std::string_view ns, std::string_view workload
) {
    if (const auto known = find(direction, ns, workload)) {
        return *known;
    }
    if (direction != kOut) {
        if (const auto unknown = nobody(direction, {})) {
            return *unknown;
        }
    }
    return counted({direction, std::string(ns), std::string(workload), {}}, {});
}

const models::Workload* EdgeBook::at_address(const PeerClue& clue) const {
    if (parts_.snapshot == nullptr || clue.address.empty()) {
        return nullptr;
    }
    const models::Pod* pod = parts_.snapshot->pod_at(clue.address, clue.time);
    return pod == nullptr ? nullptr : parts_.snapshot->workload_of(*pod);
}

std::size_t EdgeBook::of_clue(const PeerClue& clue) {
    const ServicePlace service{std::string(clue.ns), std::string(clue.service)};
    if (clue.arrived) {
        const models::Workload* workload = at_address(clue);
        const bool own =
            workload != nullptr && workload->ns == parts_.ns && workload->name == parts_.workload;
        if (workload != nullptr && !own) {
            const auto known = find(clue.direction, workload->ns, workload->name);
            if (known || parts_.access->visible(*parts_.caller, workload->ns)) {
                return known ? *known : of_workload(clue.direction, workload->ns, workload->name);
            }
        }
    }
    if (const auto unknown = nobody(clue.direction, service)) {
        return *unknown;
    }
    if (clue.direction == kOut) {
        if (const auto only = only_one(service)) {
            return *only;
        }
    }
    return counted({clue.direction, clue.direction == kOut ? service.ns : "", "", {}}, service);
}

bool EdgeBook::leads_home(const PeerClue& clue) const {
    const auto is_home = [this](const models::Workload& workload) {
        return workload.ns == parts_.ns && workload.name == parts_.workload;
    };
    if (const models::Workload* workload = at_address(clue)) {
        return is_home(*workload);
    }
    const models::NamespaceView* view =
        parts_.snapshot == nullptr ? nullptr : parts_.snapshot->find(clue.ns);
    const models::Service* service =
        view == nullptr || clue.ns != parts_.ns ? nullptr : view->find_service(clue.service);
    if (service == nullptr) {
        return false;
    }
    // Nothing else may serve it.
    bool home = false;
    for (const models::WorkloadPtr& workload : view->workloads) {
        const auto services = view->services_of(*workload);
        const bool serves = std::ranges::any_of(services, [&](const models::ServicePtr& one) {
            return one.get() == service;
        });
        if (serves && !is_home(*workload)) {
            return false;
        }
        home = home || serves;
    }
    return home;
}

}  // namespace meshscope::business
