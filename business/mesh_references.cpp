#include "business/mesh_references.hpp"

#include <algorithm>
#include <tuple>

namespace meshscope::business {

namespace {

using models::MeshObject;
using models::MeshObjectPtr;

constexpr std::string_view kPattern = "*";

// Their selectors say what they are, not whom they are about.
bool is_machine(const MeshObject& object) {
    return object.kind.kind == "WorkloadEntry" || object.kind.kind == "WorkloadGroup" ||
           object.kind.kind == "ServiceEntry";
}

bool is_gateway(const MeshObject& object) {
    return object.kind.kind == "Gateway" && object.kind.group == "networking.istio.io";
}

bool routes(const MeshObject& object) {
    return object.kind.kind != "Gateway" && object.kind.kind != "Sidecar" && !is_machine(object);
}

bool names(const MeshObject& object, std::string_view ns, std::string_view service) {
    const auto is_it = [&](const std::string& host) {
        return names_service(host, object.meta.ns, ns, service);
    };
    return std::ranges::any_of(object.hosts, is_it) || std::ranges::any_of(object.backends, is_it);
}

void order(std::vector<MeshObjectPtr>& objects) {
    const auto place = [](const MeshObjectPtr& one) {
        return std::tie(one->meta.ns, one->kind.kind, one->kind.group, one->meta.name);
    };
    std::ranges::sort(objects, [&](const MeshObjectPtr& a, const MeshObjectPtr& b) {
        return place(a) < place(b);
    });
    const auto same = std::ranges::unique(objects);
    objects.erase(same.begin(), same.end());
}

}  // namespace

bool names_service(
    std::string_view host, std::string_view from, std::string_view ns, std::string_view service
) {
    if (host.ends_with('.')) {
        host.remove_suffix(1);
    }
    if (host.starts_with('*')) {
        const std::string_view rest = host.substr(1);
        const std::string suffix = "." + std::string(ns);
        return rest.empty() || rest == ".local" || rest == suffix || rest == suffix + ".svc" ||
               rest.starts_with(suffix + ".svc.");
    }
    if (host.find('.') == std::string_view::npos) {
        return host == service && from == ns;
    }
    const std::string whole = std::string(service) + "." + std::string(ns);
    if (!host.starts_with(whole)) {
        return false;
    }
    const std::string_view rest = host.substr(whole.size());
    return rest.empty() || rest == ".svc" || rest.starts_with(".svc.");
}

References::References(const Views& views) {
    for (const models::NamespaceView* view : views) {
        for (const MeshObjectPtr& object : view->mesh_objects) {
            if (!object->selector->empty() && !is_machine(*object)) {
                auto& list = is_gateway(*object) ? gateways_ : selecting_in_[object->meta.ns];
                list.push_back(selecting_.size());
                selecting_.push_back(object);
            }
            if (routes(*object)) {
                index_hosts(object);
            }
        }
    }
}

void References::index_hosts(const MeshObjectPtr& object) {
    for (const auto* hosts : {&object->hosts, &object->backends}) {
        for (const std::string& host : *hosts) {
            const std::string_view first = std::string_view(host).substr(0, host.find('.'));
            routing_[std::string(host.starts_with('*') ? kPattern : first)].push_back(object);
        }
    }
}

std::vector<MeshObjectPtr> References::of_workload(const models::Workload& workload) const {
    std::vector<MeshObjectPtr> out;
    const auto take = [&](const std::vector<std::size_t>& places) {
        for (const std::size_t place : places) {
            if (models::selects(*selecting_[place]->selector, *workload.labels)) {
                out.push_back(selecting_[place]);
            }
        }
    };
    take(gateways_);
    if (const auto own = selecting_in_.find(workload.ns); own != selecting_in_.end()) {
        take(own->second);
    }
    order(out);
    return out;
}

std::vector<MeshObjectPtr> References::of_service(std::string_view ns, std::string_view service)
    const {
    std::vector<MeshObjectPtr> out;
    for (const std::string_view key : {service, kPattern}) {
        const auto found = routing_.find(key);
        if (found == routing_.end()) {
            continue;
        }
        for (const MeshObjectPtr& object : found->second) {
            if (names(*object, ns, service)) {
                out.push_back(object);
            }
        }
    }
    order(out);
    return out;
}

}  // namespace meshscope::business
