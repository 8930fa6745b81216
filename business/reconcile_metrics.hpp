#pragma once

#include "business/reconcile.hpp"
#include "clients/promql.hpp"
#include "models/metric_table.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace meshscope::business {

// What metrics count of one edge.
struct CountedEdge {
    std::size_t edge = 0;  // of the book
    double requests = 0;
    double errors = 0;
    double silent = 0;
    double peer_silent = 0;
    std::string silent_flags;
    bool peer_counts = false;
    std::vector<OutcomeCount> outcomes;
};

// Requests per second of one direction, by peer, reporter and outcome, over the range before the
// evaluated moment.
[[nodiscard]] clients::promql::Expr requests_query(
    TrafficDirection direction,
    const std::string& ns,
    const std::string& workload,
    const std::string& cluster,
    std::chrono::seconds range
);

// Puts the edges of an answer into the book and gives their counts for `range`. A request is
// counted by the workload's own proxy; where that counts nothing on an edge, by a waypoint, else by
// the peer's. Failed: an HTTP code of 5xx, no response, or a status of gRPC that is not 0. At most
// `most` edges, the busiest; `left_out` grows by those that are left out.
std::vector<CountedEdge> read_requests(
    TrafficDirection direction,
    const models::MetricVector& answer,
    std::chrono::seconds range,
    std::size_t most,
    EdgeBook& book,
    std::size_t& left_out
);

}  // namespace meshscope::business
