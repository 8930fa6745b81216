#pragma once

#include "business/metrics_request.hpp"
#include "clients/promql.hpp"

#include <string_view>

// The labels that planning and reading of series have in common.
namespace meshscope::business {

// Tells the families of one answer apart.
inline constexpr clients::promql::Label kFamilyTag = "meshscope_family";
inline constexpr std::string_view kAverage = "avg";

// The labels of the side that the object is on.
struct MetricSide {
    clients::promql::Label ns, workload, app, cluster;
};
inline constexpr MetricSide kSourceSide{
    "source_workload_namespace", "source_workload", "source_canonical_service", "source_cluster"
};
inline constexpr MetricSide kDestinationSide{
    "destination_workload_namespace",
    "destination_workload",
    "destination_canonical_service",
    "destination_cluster"
};

constexpr const MetricSide& side_of(TrafficDirection direction) {
    return direction == TrafficDirection::kInbound ? kDestinationSide : kSourceSide;
}

// Several namespaces are asked at once and told apart by their label.
inline bool splits(const MetricsRequest& request) { return request.target.namespaces.size() > 1; }

}  // namespace meshscope::business
