#pragma once

#include "business/graph_request.hpp"
#include "core/result.hpp"
#include "server/http_types.hpp"

namespace meshscope::handlers {

enum class GraphRoute {
    kNamespaces,
    kApp,
    kAppVersion,
    kWorkload,
    kService,
    kAggregate,
    kAggregateService,
};

// The path and the query of one of the graph routes. Query parameters that no graph knows have no
// effect, as clients of old send some; `request.ignored` names them. kInvalidArgument, naming the
// parameter.
Result<business::GraphRequest> read_graph_request(const server::Request& request, GraphRoute route);

// The same without a path, for graphs that other routes are about.
enum class NamespacesOfGraph { kRequired, kOptional };
Result<business::GraphRequest> read_graph_request(
    const server::Query& query, NamespacesOfGraph namespaces
);

}  // namespace meshscope::handlers
