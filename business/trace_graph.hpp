#pragma once

#include "business/identity.hpp"
#include "business/trace_graph_index.hpp"
#include "business/trace_view.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace meshscope::business {

// Why a span has no place on a graph.
enum class Unplaced : std::uint8_t {
    kHidden,               // from the caller
    kUnknownWorkload,      // nothing tells whose it is
    kNamespaceNotOnGraph,  // its namespace (of its cluster) was not asked for
    kWorkloadNotOnGraph,   // nothing of its workload, application or service is there
    kAmbiguous,            // several nodes would do as well
};
inline constexpr std::size_t kUnplacedReasons = 5;
// hidden, unknown_workload, namespace_not_on_graph, workload_not_on_graph, ambiguous
std::string_view to_string(Unplaced reason);

// Where one span lies: from whoever calls to whoever is called, as far as the graph has it.
// Neighbours are joined by `edges`, one fewer than nodes; an edge may lead the other way (TCP
// metrics know the direction of bytes only).
struct Hop {
    static constexpr std::size_t kMaxNodes = 4;

    std::uint32_t span = 0;                    // index into Trace::spans
    models::NodeIndex own = models::kNoIndex;  // the node that the span belongs to; one of `nodes`
    std::uint8_t node_count = 0;               // at least one
    bool error = false;
    // The span above tells of the same call: that is the client's side of it, or the program beside
    // whose proxy this is.
    bool repeats = false;
    std::array<models::NodeIndex, kMaxNodes> nodes{};
    std::array<models::EdgeIndex, kMaxNodes - 1> edges{};

    [[nodiscard]] std::span<const models::NodeIndex> path() const {
        return {nodes.data(), node_count};
    }
    [[nodiscard]] std::span<const models::EdgeIndex> links() const {
        return {edges.data(), static_cast<std::size_t>(node_count - 1)};
    }
};

struct LeftOut {
    std::uint32_t span = 0;
    Unplaced reason = Unplaced::kHidden;
    std::string_view ns;        // "" unknown or hidden
    std::string_view workload;  // likewise
};

// A trace laid over a graph. Every span is in one of the two lists, each in the order of calls: a
// caller before whom it calls, siblings by start.
struct TraceOnGraph {
    std::vector<Hop> hops;
    std::vector<LeftOut> left_out;  // texts as those of the identities
};

// A span is placed when its own workload, application or service is on the graph, cluster and
// namespace exact; whose span it is comes from `identities` alone, where the caller may know them.
// Pure; O(n), about 1 µs a span.
TraceOnGraph lay_trace(
    const GraphIndex& graph, const TraceView& view, const TraceIdentities& identities, bool sees_all
);

}  // namespace meshscope::business
