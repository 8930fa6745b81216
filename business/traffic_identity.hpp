#pragma once

#include "business/graph_request.hpp"
#include "business/span_facts_parts.hpp"  // is_known
#include "models/graph_parts.hpp"

#include <optional>
#include <string_view>

namespace meshscope::business {

inline constexpr std::string_view kUnknownName = "unknown";

// Who one end of a row of traffic is, by its labels. A source has no service.
struct EndNames {
    std::string_view cluster;
    std::string_view service_ns;
    std::string_view service;
    std::string_view workload_ns;
    std::string_view workload;
    std::string_view app;
    std::string_view version;
    friend bool operator==(const EndNames&, const EndNames&) = default;
};

// The node that stands for it. nullopt: the labels name nobody. A graph of services is first made
// as one of workloads.
[[nodiscard]] std::optional<models::NodeKey> identify(const EndNames& names, GraphType type);

// What a new node of that identity shows of the names.
void show_names(models::GraphNode& node, const EndNames& names, GraphType type);

}  // namespace meshscope::business
