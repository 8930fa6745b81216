#include "business/graph_edge_rows.hpp"

#include "business/traffic_identity.hpp"
#include "business/traffic_queries.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace meshscope::business {

namespace {

using clients::promql::Label;
using clients::promql::Matcher;
using clients::promql::Matchers;
using clients::promql::Pattern;
using models::EdgeIndex;
using models::kNoIndex;
using models::NodeIndex;

std::string_view or_unknown(std::string_view text) { return text.empty() ? kUnknownName : text; }

// Callers of other namespaces than those of the graph.
Matcher from_elsewhere(const GraphWork& work) {
    std::vector<std::string> all;
    for (const GraphNamespace& one : work.namespaces) {
        all.push_back(one.name);
    }
    Pattern pattern;
    pattern.any_of(all);
    return Matcher::mismatches("source_workload_namespace", pattern);
}

// Whether one of its hosts is that one, whole or by "*.".
bool stands_for(const models::NodeDetails::ServiceEntry& entry, std::string_view service) {
    return std::ranges::any_of(entry.hosts, [&](std::string_view host) {
        return host == service || (host.starts_with("*.") && service.ends_with(host.substr(1)));
    });
}

}  // namespace

EdgeGrouping EdgeGrouping::of_last_edge(const GraphRequest& request) {
    EdgeGrouping grouping;
    grouping.by_app = request.type == GraphType::kApp;
    if (request.type == GraphType::kService) {
        grouping.target = false;
    } else if (request.inject_services) {
        grouping.source = false;
    } else {
        grouping.service = false;
    }
    return grouping;
}

EdgeGrouping EdgeGrouping::of_unserved(const GraphRequest& request) {
    EdgeGrouping grouping;
    grouping.by_app = request.type == GraphType::kApp;
    grouping.target = false;
    return grouping;
}

EdgeGrouping EdgeGrouping::of_path(const GraphRequest& request) {
    EdgeGrouping grouping;
    grouping.by_app = request.type == GraphType::kApp;
    grouping.service = request.inject_services || request.type == GraphType::kService;
    return grouping;
}

std::vector<Label> EdgeGrouping::labels() const {
    std::vector<Label> labels{"source_cluster"};
    const auto add = [&](bool wanted, Label label) {
        if (wanted) {
            labels.push_back(label);
        }
    };
    add(source, "source_workload_namespace");
    add(source && !by_app, "source_workload");
    add(source, "source_canonical_service");
    add(true, "destination_cluster");
    add(service, "destination_service_namespace");
    add(service, "destination_service_name");
    add(target, "destination_workload_namespace");
    add(target && !by_app, "destination_workload");
    add(target, "destination_canonical_service");
    return labels;
}

EdgeRows::EdgeRows(const GraphWork& work, EdgeGrouping grouping, const models::LabelTable& table)
    : work_(work),
      grouping_(grouping),
      table_(table),
      source_cluster_(table.column("source_cluster")),
      source_ns_(table.column("source_workload_namespace")),
      source_workload_(table.column("source_workload")),
      source_app_(table.column("source_canonical_service")),
      cluster_(table.column("destination_cluster")),
      service_ns_(table.column("destination_service_namespace")),
      service_(table.column("destination_service_name")),
      ns_(table.column("destination_workload_namespace")),
      workload_(table.column("destination_workload")),
      app_(table.column("destination_canonical_service")) {
    for (NodeIndex index = 0; index < work.graph.nodes().size(); ++index) {
        const models::GraphNode& node = work.graph.node(index);
        if (!node.removed && node.details && node.details->service_entry) {
            entries_.push_back(index);
        }
    }
}

bool EdgeRows::is_waypoint(std::string_view ns, std::string_view workload) const {
    const models::Workload* object =
        work_.snapshot && work_.request.ambient != AmbientTraffic::kNone
            ? work_.snapshot->find_workload(ns, workload)
            : nullptr;
    return object != nullptr && object->waypoint;
}

NodeIndex EdgeRows::source(std::size_t row) const {
    const std::string_view ns = table_.cell(row, source_ns_);
    EndNames names;
    names.cluster = or_unknown(table_.cell(row, source_cluster_));
    names.service_ns = names.workload_ns = ns;
    names.app = table_.cell(row, source_app_);
    // By application only: who has none is nobody.
    names.workload = grouping_.by_app ? kUnknownName : table_.cell(row, source_workload_);
    if (is_waypoint(ns, names.workload)) {
        names.app = {};
    }
    const auto key = identify(names, work_.request.type);
    return key ? work_.graph.find(*key) : kNoIndex;
}

std::string_view EdgeRows::target_cluster(std::size_t row) const {
    const std::string_view own = or_unknown(table_.cell(row, cluster_));
    const std::string_view source = table_.cell(row, source_cluster_);
    return own == kUnknownName && is_known(source) ? source : own;
}

NodeIndex EdgeRows::target(std::size_t row) const {
    EndNames names;
    names.cluster = target_cluster(row);
    names.workload_ns = names.service_ns = table_.cell(row, ns_);
    names.app = table_.cell(row, app_);
    names.workload = grouping_.by_app ? kUnknownName : table_.cell(row, workload_);
    if (!is_known(names.workload) && !is_known(names.app)) {
        return grouping_.service ? service(row) : kNoIndex;
    }
    if (is_waypoint(names.workload_ns, names.workload)) {
        names.app = {};
    }
    const auto key = identify(names, work_.request.type);
    return key ? work_.graph.find(*key) : kNoIndex;
}

NodeIndex EdgeRows::service(std::size_t row) const {
    EndNames names;
    names.service_ns = table_.cell(row, service_ns_);
    names.service = table_.cell(row, service_);
    // What is in no namespace is not taken for one of the caller's cluster.
    names.cluster =
        is_known(names.service_ns) ? target_cluster(row) : or_unknown(table_.cell(row, cluster_));
    if (!is_known(names.service)) {
        return kNoIndex;
    }
    const auto key = identify(names, work_.request.type);
    const NodeIndex node = key ? work_.graph.find(*key) : kNoIndex;
    if (node != kNoIndex) {
        return node;
    }
    const auto entry = std::ranges::find_if(entries_, [&](NodeIndex index) {
        return stands_for(*work_.graph.node(index).details->service_entry, names.service);
    });
    return entry == entries_.end() ? kNoIndex : *entry;
}

EdgeRows::Edges EdgeRows::of(std::size_t row, std::string_view protocol) const {
    const auto edge = [&](NodeIndex from, NodeIndex to) {
        return from == kNoIndex || to == kNoIndex ? kNoIndex : work_.graph.find(from, to, protocol);
    };
    if (!grouping_.target) {
        return {edge(source(row), service(row)), kNoIndex};
    }
    if (!grouping_.source) {
        return {edge(service(row), target(row)), kNoIndex};
    }
    if (grouping_.service) {
        const NodeIndex between = service(row);
        const Edges edges{edge(source(row), between), edge(between, target(row))};
        if (edges.first != kNoIndex) {
            return edges;
        }
    }
    return {edge(source(row), target(row)), kNoIndex};
}

std::vector<EdgeSelector> edge_selectors(const GraphWork& work, Reports reports) {
    const GraphRequest& request = work.request;
    const bool apart = reports != Reports::kBothEnds;
    const Matcher inbound =
        reports == Reports::kSources ? reported_by_source(request) : reported_by_target(request);
    const Matcher outbound =
        reports == Reports::kTargets ? reported_by_target(request) : reported_by_source(request);
    std::vector<EdgeSelector> out;
    for (const GraphRange& range : work.ranges) {
        // Gateways report what they send into the ambient mesh; nobody there does.
        if (!apart && !range.ambient.empty()) {
            out.push_back(
                {{Matcher::equals("reporter", "source"),
                  Matcher::one_of("destination_service_namespace", range.ambient),
                  from_elsewhere(work)},
                 range.range,
                 {}}
            );
        }
    }
    for (const GraphRange& range : work.ranges) {
        Matchers matchers{inbound};
        matchers.push_back(Matcher::one_of("destination_service_namespace", range.namespaces));
        if (apart) {
            matchers.push_back(from_elsewhere(work));
        }
        out.push_back({std::move(matchers), range.range, {}});
    }
    for (const GraphRange& range : work.ranges) {
        out.push_back(
            {{outbound, Matcher::one_of("source_workload_namespace", range.namespaces)},
             range.range,
             {}}
        );
    }
    return out;
}

std::vector<EdgeSelector> unserved_selectors(const GraphWork& work) {
    std::vector<EdgeSelector> out;
    for (const GraphRange& range : work.ranges) {
        const auto of = [&](const clients::promql::Label& ns) {
            return Matchers{
                reported_by_source(work.request),
                Matcher::equals("destination_workload", kUnknownName),
                Matcher::one_of(ns, range.namespaces)
            };
        };
        out.push_back(
            {of("source_workload_namespace"), range.range, of("destination_service_namespace")}
        );
    }
    return out;
}

clients::promql::Expr rate_of(clients::promql::Literal metric, const EdgeSelector& selector) {
    const auto some = rate(metric, selector.matchers, selector.range);
    return selector.also.empty() ? some : either(some, rate(metric, selector.also, selector.range));
}

}  // namespace meshscope::business
