#include "business/traffic_ends.hpp"

#include <algorithm>
#include <cstddef>

namespace meshscope::business {

namespace {

using models::hash_text;
using models::kHashStart;
using models::kNoIndex;
using models::LabelTable;
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

template <std::size_t N>
std::uint64_t hash_of(const std::array<std::string_view, N>& cells) {
    std::uint64_t hash = kHashStart;
    for (const std::string_view cell : cells) {
        hash = hash_text(hash, cell);
    }
    return hash;
}

std::array<std::string_view, 5> source_cells(
    const LabelTable& table, const TrafficColumns& columns, std::size_t row
) {
    std::array<std::string_view, 5> cells;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        cells[i] = table.cell(row, columns.source[i]);
    }
    return cells;
}

std::array<std::string_view, 9> target_cells(
    const LabelTable& table, const TrafficColumns& columns, std::size_t row
) {
    std::array<std::string_view, 9> cells;
    cells[0] = table.cell(row, columns.source[0]);
    for (std::size_t i = 0; i < columns.target.size(); ++i) {
        cells[i + 1] = table.cell(row, columns.target[i]);
    }
    return cells;
}

}  // namespace

TrafficColumns::TrafficColumns(const LabelTable& labels)
    : source{
          labels.column("source_cluster"),
          labels.column("source_workload_namespace"),
          labels.column("source_workload"),
          labels.column("source_canonical_service"),
          labels.column("source_canonical_revision")},
      target{
          labels.column("destination_cluster"),
          labels.column("destination_service_namespace"),
          labels.column("destination_service"),
          labels.column("destination_service_name"),
          labels.column("destination_workload_namespace"),
          labels.column("destination_workload"),
          labels.column("destination_canonical_service"),
          labels.column("destination_canonical_revision")} {}

TrafficEnds::TrafficEnds(GraphWork& work, Missing missing) : work_(work), missing_(missing) {}

TrafficEnds::Hashes TrafficEnds::hashes(
    const LabelTable& table, const TrafficColumns& columns, std::size_t row
) {
    return {hash_of(source_cells(table, columns, row)), hash_of(target_cells(table, columns, row))};
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
    const std::uint64_t hash = hash_of(all);
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

void TrafficEnds::complete(End& end) {
    end.waypoint = is_waypoint(end.names);
    if (end.waypoint) {
        end.names.app = {};  // its workload stands for it in every graph
    }
    const auto key = identify(end.names, work_.request.type);
    if (!key) {
        end.fault = RowFault::kNameless;
        return;
    }
    end.key = *key;
    end.number = number_of(end.names, end.host);
}

TrafficEnds::Source& TrafficEnds::source_of(const SourceCells& cells, std::uint64_t hash) {
    const std::uint32_t found = source_index_.find(hash, [&](std::uint32_t index) {
        return sources_[index].cells == cells;
    });
    if (found != kNoIndex) {
        return sources_[found];
    }
    source_index_.add(hash, static_cast<std::uint32_t>(sources_.size()));
    Source& source = sources_.emplace_back();
    source.cells = cells;
    const auto [cluster, ns, workload, app, version] = cells;
    End& end = source.end;
    end.names = {or_unknown(cluster), ns, {}, ns, workload, app, version};
    if (ns.empty() || workload.empty() || app.empty() || version.empty()) {
        end.fault = RowFault::kMissingLabels;
    } else if (is_known(ns) &&
               ((!is_known(workload) && !is_known(app)) || cluster == kUnknownName)) {
        end.fault = RowFault::kBadSource;
    } else {
        complete(end);
    }
    return source;
}

TrafficEnds::Target& TrafficEnds::target_of(const TargetCells& cells, std::uint64_t hash) {
    const std::uint32_t found = target_index_.find(hash, [&](std::uint32_t index) {
        return targets_[index].cells == cells;
    });
    if (found != kNoIndex) {
        return targets_[found];
    }
    target_index_.add(hash, static_cast<std::uint32_t>(targets_.size()));
    Target& target = targets_.emplace_back();
    target.cells = cells;
    const auto [from, cluster, service_ns, host, service, workload_ns, workload, app, version] =
        cells;
    End& end = target.end;
    end.host = host;
    end.names = {or_unknown(cluster), service_ns, service, workload_ns, workload, app, version};
    if (std::any_of(cells.begin() + 2, cells.end(), [](auto cell) { return cell.empty(); })) {
        end.fault = RowFault::kMissingLabels;
        return target;
    }
    bool nowhere = cluster == kUnknownName;
    if (host == service && host == kEgressHost) {
        constexpr std::string_view kGateway = "istio-egressgateway";
        constexpr std::string_view kIn = "istio-system";
        end.names = {or_unknown(from), kIn, kGateway, kIn, kGateway, kGateway, "latest"};
        nowhere = nowhere && !is_known(from);
    } else if (!is_known(cluster) && is_known(from) && is_known(service_ns)) {
        end.names.cluster = from;  // proxies do not know the cluster of what they did not reach
        nowhere = false;
    }
    const bool by_number = !is_known(workload) && is_known(host) && host == service;
    if ((by_number && is_address(service)) || (nowhere && is_known(end.names.service_ns))) {
        end.fault = RowFault::kBadTarget;
        return target;
    }
    complete(end);
    const EndNames& names = end.names;
    if (is_known(names.service)) {
        target.called = {names.cluster, names.service_ns, names.service};
    }
    target.between = work_.request.inject_services && is_known(names.service) &&
                     names.service != kPassthrough && !end.waypoint &&
                     end.key.kind != models::NodeKey::Kind::kService;
    return target;
}

NodeIndex TrafficEnds::node_of(End& end) {
    if (end.node != kNoIndex || missing_ == Missing::kLeave) {
        return end.node != kNoIndex ? end.node : end.node = work_.graph.find(end.key);
    }
    const std::size_t before = work_.graph.nodes().size();
    end.node = work_.graph.add(end.key);
    if (work_.graph.nodes().size() != before) {
        models::Graph& graph = work_.graph;
        const EndNames& said = end.names;
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

NodeIndex TrafficEnds::service_of(Target& target) {
    if (target.service != kNoIndex) {
        return target.service;
    }
    const models::ServiceName& called = target.called;
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

RowEnds TrafficEnds::of(
    const LabelTable& table, const TrafficColumns& columns, std::size_t row, Hashes hashes
) {
    Source& source = source_of(source_cells(table, columns, row), hashes.source);
    Target& target = target_of(target_cells(table, columns, row), hashes.target);
    RowEnds ends;
    ends.fault = source.end.fault != RowFault::kNone ? source.end.fault : target.end.fault;
    if (ends.fault != RowFault::kNone) {
        return ends;
    }
    ends.source = node_of(source.end);
    ends.target = node_of(target.end);
    if (target.between && !source.end.waypoint) {
        ends.service = service_of(target);
    }
    ends.source_names = source.end.number;
    ends.target_names = target.end.number;
    ends.called = target.called;
    ends.host = target.end.host;
    return ends;
}

}  // namespace meshscope::business
