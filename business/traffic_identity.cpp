#include "business/traffic_identity.hpp"

namespace meshscope::business {

namespace {

using models::NodeKey;
using Kind = NodeKey::Kind;

constexpr std::string_view kNoRevision = "latest";

bool by_app(GraphType type) { return type == GraphType::kApp || type == GraphType::kVersionedApp; }

std::string_view shown(std::string_view name) { return is_known(name) ? name : std::string_view(); }

}  // namespace

std::optional<NodeKey> identify(const EndNames& names, GraphType type) {
    const std::string_view ns = is_known(names.workload_ns) ? names.workload_ns : names.service_ns;
    const auto key = [&](Kind kind, std::string_view name, std::string_view more = {}) {
        return NodeKey{kind, names.cluster, ns, name, more, {}};
    };
    const bool nobody = names.workload == kUnknownName && names.app == kUnknownName;
    if (nobody && ns == kUnknownName && names.service.empty()) {
        return key(Kind::kUnknownSource, {});
    }
    if (nobody && names.service == kUnknownName) {
        return key(Kind::kService, kUnknownName);
    }
    const bool workload = is_known(names.workload);
    const bool app = is_known(names.app);
    const bool service = is_known(names.service);
    if (!workload && !app && !service) {
        return std::nullopt;
    }
    if (by_app(type) && app) {
        const bool versioned = type == GraphType::kVersionedApp;
        if (versioned && workload) {
            return key(Kind::kAppWorkload, names.workload);
        }
        if (versioned && is_known(names.version) && names.version != kNoRevision) {
            return key(Kind::kAppVersion, names.app, names.version);
        }
        return key(Kind::kApp, names.app);
    }
    if (workload) {
        return key(Kind::kWorkload, names.workload);
    }
    return key(Kind::kService, service ? names.service : kUnknownName);
}

void show_names(models::GraphNode& node, const EndNames& names, GraphType type) {
    switch (node.type) {
        case models::NodeType::kWorkload:
            node.app = shown(names.app);
            node.version = shown(names.version);
            break;
        case models::NodeType::kApp:
            node.app = names.app;
            if (type == GraphType::kVersionedApp) {
                node.workload = shown(names.workload);
                node.version = shown(names.version);
            }
            break;
        case models::NodeType::kService:
            node.is_egress_cluster =
                node.service == "PassthroughCluster" || node.service == "BlackHoleCluster";
            break;
        case models::NodeType::kUnknown:
            node.workload = node.app = node.version = kUnknownName;
            break;
        case models::NodeType::kAggregate:
        case models::NodeType::kBox:
            break;
    }
}

}  // namespace meshscope::business
