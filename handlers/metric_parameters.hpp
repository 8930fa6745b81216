#pragma once

#include "business/metrics_request.hpp"
#include "core/result.hpp"
#include "server/http_types.hpp"

#include <string>
#include <vector>

namespace meshscope::handlers {

// What the routes of series have in common; the target is the path's.
struct MetricParameters {
    business::MetricsRequest request;
    std::vector<std::string> namespaces;       // of kNamespaces; empty: all
    std::vector<std::string> unknown_filters;  // names of no family: nothing comes of them
};

enum class MetricRoute {
    kObject,      // an application, service, workload or namespace
    kNamespaces,  // `namespaces` besides
    kAggregate,   // inbound, told by the destination; the home cluster
};
// kInvalidArgument, naming the parameter.
Result<MetricParameters> read_metric_parameters(const server::Query& query, MetricRoute route);

}  // namespace meshscope::handlers
