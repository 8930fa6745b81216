#include "business/traffic_ends.hpp"

#include <algorithm>
#include <cstddef>

namespace meshscope::business {

namespace {

using models::hash_text;
using models::kHashStart;
using models::kNoIndex;
using models::NodeIndex;

constexpr std::string_view kEgressHost = "istio-egressgateway.istio-system.svc.cluster.local";
constexpr std::string_view kPassthrough = "PassthroughCluster";

std::string_view or_unknown(std::string_view cluster) {
    return cluster.empty() ? kUnknownName : cluster;
}

// Four numbers of digits with dots between them, perhaps a port.
bool is_address(std::string_view text) {
    const std::size_t colon = text.find(':');
    const auto digits = [](std::string_view part) {
        return !part.empty() &&
               std::ranges::all_of(part, [](char c) { return c >= '0' && c <= '9'; });
    };
    if (colon != std::string_view::npos && !digits(text.substr(colon + 1))) {
        return false;
    }
    text = text.substr(0, colon);
    for (int dots = 0; dots < 3; ++dots) {
        const std::size_t dot = text.find('.');
        if (dot == std::string_view::npos || !digits(text.substr(0, dot))) {
            return false;
        }
        text.remove_prefix(dot + 1);
    }
    return digits(text);
}

}  // namespace

TrafficEnds::TrafficEnds(GraphWork& work, const TrafficTexts& texts, Missing missing)
    : work_(work), texts_(texts), missing_(missing) {}

bool TrafficEnds::is_waypoint(const EndNames& names) const {
    if (work_.request.ambient == AmbientTraffic::kNone || work_.snapshot == nullptr) {
        return false;
    }
    if (names.cluster != work_.snapshot->cluster && names.cluster != kUnknownName) {
        return false;
    }
    const models::Workload* workload =
        work_.snapshot->find_workload(names.workload_ns, names.workload);
    return workload != nullptr && workload->waypoint;
}

std::uint32_t TrafficEnds::number_of(const EndNames& names, std::string_view host) {
    const std::array<std::string_view, 8> all{
        names.cluster,
        names.service_ns,
        names.service,
        names.workload_ns,
        names.workload,
        names.app,
        names.version,
        host
    };
    std::uint64_t hash = kHashStart;
    for (const std::string_view one : all) {
        hash = hash_text(hash, one);
    }
    const std::uint32_t found = names_index_.find(hash, [&](std::uint32_t index) {
        return names_[index].first == names && names_[index].second == host;
    });
    if (found != kNoIndex) {
        return found;
    }
    const auto index = static_cast<std::uint32_t>(names_.size());
    names_.emplace_back(names, host);
    names_index_.add(hash, index);
    return index;
}

void TrafficEnds::complete(End& end, Identity& identity, std::string_view host) {
    EndNames& names = identity.names;
    end.waypoint = is_waypoint(names);
    if (end.waypoint) {
        names.app = {};  // its workload stands for it in every graph
    }
    const auto key = identify(names, work_.request.type);
    if (!key) {
        end.fault = RowFault::kNameless;
        return;
    }
    identity.key = *key;
    end.number = number_of(names, host);
}

std::uint32_t TrafficEnds::source_of(const TrafficRow& row) {
    SourceTexts texts;
    std::copy_n(row.texts.begin(), texts.size(), texts.begin());
    const std::uint32_t found = source_index_.find(row.source_hash, [&](std::uint32_t index) {
        return sources_[index].texts == texts;
    });
    if (found != kNoIndex) {
        return found;
    }
    const auto index = static_cast<std::uint32_t>(sources_.size());
    source_index_.add(row.source_hash, index);
    Source& source = sources_.emplace_back();
    source.texts = texts;
    read(source, source_identities_.emplace_back());
    return index;
}

std::uint32_t TrafficEnds::target_of(const TrafficRow& row) {
    constexpr auto kFirst = static_cast<std::ptrdiff_t>(TrafficLabel::kTargetCluster);
    TargetTexts texts;
    texts[0] = row[TrafficLabel::kSourceCluster];
    std::copy_n(row.texts.begin() + kFirst, texts.size() - 1, texts.begin() + 1);
    const std::uint32_t found = target_index_.find(row.target_hash, [&](std::uint32_t index) {
        return targets_[index].texts == texts;
    });
    if (found != kNoIndex) {
        return found;
    }
    const auto index = static_cast<std::uint32_t>(targets_.size());
    target_index_.add(row.target_hash, index);
    Target& target = targets_.emplace_back();
    target.texts = texts;
    read(target, target_identities_.emplace_back(), called_.emplace_back());
    return index;
}

void TrafficEnds::read(Source& source, Identity& identity) {
    std::array<std::string_view, 5> cells;
    std::ranges::transform(source.texts, cells.begin(), [&](std::uint32_t text) {
        return texts_.text(text);
    });
    const auto [cluster, ns, workload, app, version] = cells;
    identity.names = {or_unknown(cluster), ns, {}, ns, workload, app, version};
    if (ns.empty() || workload.empty() || app.empty() || version.empty()) {
        source.end.fault = RowFault::kMissingLabels;
    } else if (is_known(ns) &&
               ((!is_known(workload) && !is_known(app)) || cluster == kUnknownName)) {
        source.end.fault = RowFault::kBadSource;
    } else {
        complete(source.end, identity, {});
    }
}

void TrafficEnds::read(Target& target, Identity& identity, RowEnds::Called& called) {
    std::array<std::string_view, 9> cells;
    std::ranges::transform(target.texts, cells.begin(), [&](std::uint32_t text) {
        return texts_.text(text);
    });
    const auto [from, cluster, service_ns, host, service, workload_ns, workload, app, version] =
        cells;
    called.host = host;
    EndNames& names = identity.names;
    names = {or_unknown(cluster), service_ns, service, workload_ns, workload, app, version};
    if (std::any_of(cells.begin() + 2, cells.end(), [](auto cell) { return cell.empty(); })) {
        target.end.fault = RowFault::kMissingLabels;
        return;
    }
    bool nowhere = cluster == kUnknownName;
    if (host == service && host == kEgressHost) {
        constexpr std::string_view kGateway = "istio-egressgateway";
        constexpr std::string_view kIn = "istio-system";
        names = {or_unknown(from), kIn, kGateway, kIn, kGateway, kGateway, "latest"};
        nowhere = nowhere && !is_known(from);
    } else if (!is_known(cluster) && is_known(from) && is_known(service_ns)) {
        names.cluster = from;  // proxies do not know the cluster of what they did not reach
        nowhere = false;
    }
    const bool by_number = !is_known(workload) && is_known(host) && host == service;
    if ((by_number && is_address(service)) || (nowhere && is_known(names.service_ns))) {
        target.end.fault = RowFault::kBadTarget;
        return;
    }
    complete(target.end, identity, host);
    if (is_known(names.service)) {
        called.service = {names.cluster, names.service_ns, names.service};
    }
    target.between = work_.request.inject_services && is_known(names.service) &&
                     names.service != kPassthrough && !target.end.waypoint &&
                     identity.key.kind != models::NodeKey::Kind::kService;
}

NodeIndex TrafficEnds::node_of(End& end, const Identity& identity) {
    if (end.node != kNoIndex || missing_ == Missing::kLeave) {
        return end.node != kNoIndex ? end.node : end.node = work_.graph.find(identity.key);
    }
    models::Graph& graph = work_.graph;
    const std::size_t before = graph.nodes().size();
    end.node = graph.add(identity.key);
    if (graph.nodes().size() != before) {
        const EndNames& said = identity.names;
        const EndNames kept{
            {},
            {},
            {},
            {},
            graph.keep(said.workload),
            graph.keep(said.app),
            graph.keep(said.version)
        };
        show_names(graph.node(end.node), kept, work_.request.type);
        graph.node(end.node).is_waypoint = end.waypoint;
    }
    return end.node;
}

NodeIndex TrafficEnds::service_of(Target& target, const models::ServiceName& called) {
    if (target.service != kNoIndex) {
        return target.service;
    }
    const models::NodeKey key{
        models::NodeKey::Kind::kService, called.cluster, called.ns, called.name, {}, {}
    };
    if (missing_ == Missing::kLeave) {
        return target.service = work_.graph.find(key);
    }
    target.service = work_.graph.add(key);
    models::GraphNode& node = work_.graph.node(target.service);
    node.is_injected = true;
    show_names(node, {}, work_.request.type);
    return target.service;
}

RowEnds TrafficEnds::of(const TrafficRow& row) {
    const std::uint32_t from = source_of(row);
    const std::uint32_t to = target_of(row);
    Source& source = sources_[from];
    Target& target = targets_[to];
    RowEnds ends;
    ends.fault = source.end.fault != RowFault::kNone ? source.end.fault : target.end.fault;
    if (ends.fault != RowFault::kNone) {
        return ends;
    }
    ends.source = node_of(source.end, source_identities_[from]);
    ends.target = node_of(target.end, target_identities_[to]);
    ends.called = &called_[to];
    if (target.between && !source.end.waypoint) {
        ends.service = service_of(target, ends.called->service);
    }
    ends.source_names = source.end.number;
    ends.target_names = target.end.number;
    return ends;
}

}  // namespace meshscope::business
