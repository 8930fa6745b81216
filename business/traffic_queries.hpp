#pragma once

#include "business/graph_appender.hpp"
#include "business/traffic_builder.hpp"
#include "clients/promql.hpp"

#include <vector>

namespace meshscope::business {

// A question of traffic and how its answer counts.
struct TrafficQuestion {
    clients::promql::Expr query;
    TrafficAnswer kind;  // points into the work's ranges
};

// The questions whose answers make the graph of work.request, in the order in which their answers
// count; as many for hundreds of namespaces as for one (of the same range).
[[nodiscard]] std::vector<TrafficQuestion> traffic_questions(const GraphWork& work);

// For appenders that ask of the same traffic.

// reporter: the proxy of the source or of the target, and waypoints where their traffic counts.
[[nodiscard]] clients::promql::Matcher reported_by_source(const GraphRequest& request);
[[nodiscard]] clients::promql::Matcher reported_by_target(const GraphRequest& request);
// The labels of both ends, in the order in which clients of old ask for them.
[[nodiscard]] const std::vector<clients::promql::Label>& end_labels();

}  // namespace meshscope::business
