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

TrafficEnds::TrafficEnds(GraphWork& work, TrafficTexts& texts, Missing missing)
    : work_(work),
      texts_(texts),
      missing_(missing),
      none_(texts.number("")),
      unknown_(texts.number(kUnknownName)),
      gateway_(texts.number("istio-egressgateway")),
      gateway_ns_(texts.number("istio-system")),
      latest_(texts.number("latest")) {}

void TrafficEnds::reserve(std::size_t ends) {
    sources_.reserve(ends);
    source_index_.reserve(ends);
    targets_.reserve(ends);
    target_index_.reserve(ends);
    names_.reserve(2 * ends);
    names_index_.reserve(2 * ends);
}

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

std::uint32_t TrafficEnds::number_of(const Names& names) {
    std::uint64_t hash = kHashStart;
    for (std::size_t i = 0; i < names.size(); i += 2) {
        hash = models::hash_number(hash, std::uint64_t{names[i]} << 32U | names[i + 1]);
    }
    const std::uint32_t found =
        names_index_.find(hash, [&](std::uint32_t index) { return names_[index] == names; });
    if (found != kNoIndex) {
        return found;
    }
    const auto index = static_cast<std::uint32_t>(names_.size());
    names_.push_back(names);
    names_index_.add(hash, index);
    return index;
}

EndNames TrafficEnds::texts_of(const Names& names) const {
    const auto text = [&](std::size_t at) { return texts_.text(names[at]); };
    return {text(0), text(1), text(2), text(3), text(4), text(5), text(6)};
}

void TrafficEnds::complete(End& end, Identity& identity, const Names& names) {
    Names known = names;
    identity.names = texts_of(known);
    end.waypoint = is_waypoint(identity.names);
    if (end.waypoint) {
        constexpr std::size_t kApp = 5;
        known[kApp] = none_;  // its workload stands for it in every graph
        identity.names.app = {};
    }
    const auto key = identify(identity.names, work_.request.type);
    if (!key) {
        end.fault = RowFault::kNameless;
        return;
    }
    identity.key = *key;
    end.number = number_of(known);
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
    sources_.emplace_back().texts = texts;
    read_source(index);
    return index;
}

std::uint32_t TrafficEnds::target_of(const TrafficRow& row) {
    constexpr auto kFirst = static_cast<std::ptrdiff_t>(TrafficLabel::kTargetCluster);
    TargetTexts texts;
    texts[0] = row[TrafficLabel::kSourceCluster];
    std::copy_n(row.texts.begin() + kFirst, texts.size() - 1, texts.begin() + 1);
    const std::uint32_t workload = row[TrafficLabel::kTargetWorkload];
    if (workload >= target_of_workload_.size()) {
        target_of_workload_.resize(workload + 1);
    }
    std::uint32_t& last = target_of_workload_[workload];
    if (last < targets_.size() && targets_[last].texts == texts) {
        return last;
    }
    const std::uint32_t found = target_index_.find(row.target_hash, [&](std::uint32_t index) {
        return targets_[index].texts == texts;
    });
    if (found != kNoIndex) {
        return last = found;
    }
    const auto index = static_cast<std::uint32_t>(targets_.size());
    last = index;
    target_index_.add(row.target_hash, index);
    targets_.emplace_back().texts = texts;
    called_.emplace_back();
    read_target(index);
    return index;
}

void TrafficEnds::read_source(std::uint32_t index) {
    Source& source = sources_[index];
    source_identity_.index = index;
    const auto [cluster, ns, workload, app, version] = source.texts;
    const auto known = [&](std::uint32_t text) { return is_known(texts_.text(text)); };
    if (ns == none_ || workload == none_ || app == none_ || version == none_) {
        source.end.fault = RowFault::kMissingLabels;
    } else if (known(ns) && ((!known(workload) && !known(app)) || cluster == unknown_)) {
        source.end.fault = RowFault::kBadSource;
    } else {
        const std::uint32_t in = cluster == none_ ? unknown_ : cluster;
        complete(source.end, source_identity_, {in, ns, none_, ns, workload, app, version, none_});
    }
}

void TrafficEnds::read_target(std::uint32_t index) {
    Target& target = targets_[index];
    target_identity_.index = index;
    const auto [from, cluster, service_ns, host, service, workload_ns, workload, app, version] =
        target.texts;
    if (std::find(target.texts.begin() + 2, target.texts.end(), none_) != target.texts.end()) {
        target.end.fault = RowFault::kMissingLabels;
        return;
    }
    const auto known = [&](std::uint32_t text) { return is_known(texts_.text(text)); };
    const auto or_unknown = [&](std::uint32_t text) { return text == none_ ? unknown_ : text; };
    const std::uint32_t in = or_unknown(cluster);
    Names names{in, service_ns, service, workload_ns, workload, app, version, host};
    bool nowhere = cluster == unknown_;
    if (host == service && texts_.text(host) == kEgressHost) {
        const std::uint32_t gateway_in = or_unknown(from);
        names = {gateway_in, gateway_ns_, gateway_, gateway_ns_, gateway_, gateway_, latest_, host};
        nowhere = nowhere && !known(from);
    } else if (!known(cluster) && known(from) && known(service_ns)) {
        names[0] = from;  // proxies do not know the cluster of what they did not reach
        nowhere = false;
    }
    const bool by_number = !known(workload) && known(host) && host == service;
    if ((by_number && is_address(texts_.text(service))) || (nowhere && known(names[1]))) {
        target.end.fault = RowFault::kBadTarget;
        return;
    }
    complete(target.end, target_identity_, names);
    const std::string_view asked = texts_.text(host);
    RowEnds::Called& called = called_[index];
    called.host = missing_ == Missing::kAdd ? work_.graph.keep(asked) : asked;
    const EndNames& said = target_identity_.names;
    if (is_known(said.service)) {
        called.service = {said.cluster, said.service_ns, said.service};
    }
    target.between = work_.request.inject_services && is_known(said.service) &&
                     said.service != kPassthrough && !target.end.waypoint &&
                     target_identity_.key.kind != models::NodeKey::Kind::kService;
}

void TrafficEnds::find_node(End& end, const Identity& identity) {
    models::Graph& graph = work_.graph;
    if (missing_ == Missing::kLeave) {
        end.node = graph.find(identity.key);
        return;
    }
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
}

NodeIndex TrafficEnds::source_node(std::uint32_t index) {
    Source& source = sources_[index];
    if (source.end.node == kNoIndex) {
        if (source_identity_.index != index) {
            read_source(index);
        }
        find_node(source.end, source_identity_);
    }
    return source.end.node;
}

NodeIndex TrafficEnds::target_node(std::uint32_t index) {
    Target& target = targets_[index];
    if (target.end.node == kNoIndex) {
        if (target_identity_.index != index) {
            read_target(index);
        }
        find_node(target.end, target_identity_);
    }
    return target.end.node;
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
    ends.source = source_node(from);
    ends.target = target_node(to);
    ends.called = &called_[to];
    if (target.between && !source.end.waypoint) {
        ends.service = service_of(target, ends.called->service);
    }
    ends.source_names = source.end.number;
    ends.target_names = target.end.number;
    return ends;
}

}  // namespace meshscope::business
