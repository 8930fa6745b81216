#include "models/graph_parts.hpp"

#include <algorithm>
#include <initializer_list>

namespace meshscope::models {

std::uint64_t NodeKey::hash() const {
    std::uint64_t hash = hash_number(kHashStart, static_cast<std::uint64_t>(kind));
    for (const std::string_view part : {cluster, ns, name, more, service}) {
        hash = hash_text(hash, part);
    }
    return hash;
}

void NodeKey::append_text(std::string& out) const {
    const auto join = [&](std::initializer_list<std::string_view> parts) {
        bool first = true;
        for (const std::string_view part : parts) {
            out.append(first ? "" : "_").append(part);
            first = false;
        }
    };
    switch (kind) {
        case Kind::kUnknownSource:
            return join({cluster, "unknown", "source"});
        case Kind::kService:
            return join({"svc", cluster, ns, name});
        case Kind::kWorkload:
            return join({"wl", cluster, ns, name});
        case Kind::kApp:
            return join({"app", cluster, ns, name});
        case Kind::kAppWorkload:
            return join({"vapp", cluster, ns, name});
        case Kind::kAppVersion:
            return join({"vapp", cluster, ns, name, more});
        case Kind::kAggregate:
            join({"agg", cluster, ns, name, more});
            if (!service.empty()) {
                out.append("_").append(service);
            }
            return;
        case Kind::kClusterBox:
            return join({"box", cluster});
        case Kind::kNamespaceBox:
            return join({"box", cluster, ns});
        case Kind::kAppBox:
            return join({"box", cluster, ns, name});
    }
}

Protocol protocol_of(std::string_view name) {
    if (name == "http") {
        return Protocol::kHttp;
    }
    if (name == "grpc") {
        return Protocol::kGrpc;
    }
    return name == "tcp" ? Protocol::kTcp : Protocol::kOther;
}

void TrafficRates::add(const TrafficRates& other) {
    total += other.total;
    no_response += other.no_response;
    status_3xx += other.status_3xx;
    status_4xx += other.status_4xx;
    status_5xx += other.status_5xx;
    errors += other.errors;
}

bool GraphNode::has_traffic() const {
    return std::ranges::any_of(in, [](const TrafficRates& rates) { return rates.total > 0; }) ||
           std::ranges::any_of(out, [](double rate) { return rate > 0; });
}

}  // namespace meshscope::models
