#pragma once

#include "business/graph_appender.hpp"
#include "business/health_rules.hpp"
#include "models/cluster_builder.hpp"

#include <memory>
#include <vector>

namespace meshscope::business {

using GraphAppenderPtr = std::shared_ptr<const GraphAppender>;

// What a graph can tell besides its traffic, each part as callers name it. What is said of objects
// is said of those of the home cluster in namespaces that the caller may see; without a cluster
// these parts change nothing.

// One node for each ServiceEntry, in place of the hosts that it names.
GraphAppenderPtr make_service_entries();
// Takes out what has no traffic and is not there any more: workloads that do not exist, services
// that nobody calls and that lead nowhere. Marks workloads without pods.
GraphAppenderPtr make_dead_nodes();
// Applications and workloads that WorkloadEntries belong to.
GraphAppenderPtr make_workload_entries(models::DiscoveryRules rules);
// Workloads and services of the namespaces that had no traffic at all. Not around single nodes.
GraphAppenderPtr make_idle_nodes();
// How long edges take to answer: of what each edge stands for as a whole, as the called one's proxy
// reports it, else the caller's.
GraphAppenderPtr make_response_times();
// Bytes per second of requests or responses of HTTP.
GraphAppenderPtr make_throughput();
// The share of mutual TLS and the principals of edges.
GraphAppenderPtr make_security();
// A node for each kind of request, by a label of the request, between who calls and who is called.
GraphAppenderPtr make_aggregate_nodes();
// What is in the ambient mesh, and what is in no mesh.
GraphAppenderPtr make_mesh_check();
// The application of services, what VirtualServices and DestinationRules do to them, gateways.
GraphAppenderPtr make_istio(models::DiscoveryRules rules);
// Which edges lead to and from waypoints; or, without waypoints, the edges that they stand in.
GraphAppenderPtr make_ambient();
// Whether the requests of nodes and edges go well, and the pods of workloads are there.
GraphAppenderPtr make_health(HealthRules rules);
// Labels of objects, but for those that tell application and version.
GraphAppenderPtr make_labels(models::DiscoveryRules rules);

// All, in the order in which they are applied.
std::vector<GraphAppenderPtr> graph_appenders(
    const models::DiscoveryRules& rules, const HealthRules& health
);

}  // namespace meshscope::business
