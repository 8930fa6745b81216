#pragma once

#include "business/graph_appender.hpp"
#include "clients/promql.hpp"
#include "models/graph.hpp"
#include "models/metric_table.hpp"

#include <cstddef>
#include <string_view>
#include <vector>

namespace meshscope::business {

// What a value is taken of: the part of a path that an edge stands for in this kind of graph. A
// query that groups by its labels gives a value for each such edge, not for each pair of versions
// or each service name behind it.
struct EdgeGrouping {
    bool source = true;   // false: whoever calls (edges from services to what is behind them)
    bool target = true;   // false: whatever is behind (edges to services)
    bool service = true;  // the service that is called
    bool by_app = false;  // ends are applications as a whole

    // For values that belong to one edge of each path: the one that leads to the workload, else
    // (graphs of services) to the service.
    static EdgeGrouping of_last_edge(const GraphRequest& request);
    // For calls that reached nobody: the edge that leads to the service, or to what stands for it.
    static EdgeGrouping of_unserved(const GraphRequest& request);
    // For what holds of every edge of a path.
    static EdgeGrouping of_path(const GraphRequest& request);

    [[nodiscard]] std::vector<clients::promql::Label> labels() const;
};

// Leads rows of answers to edges that are on the graph.
class EdgeRows {
 public:
    EdgeRows(const GraphWork& work, EdgeGrouping grouping, const models::LabelTable& table);

    // One edge, or two over a service's node (of_path); kNoIndex where there is none.
    struct Edges {
        models::EdgeIndex first = models::kNoIndex;
        models::EdgeIndex second = models::kNoIndex;
    };
    [[nodiscard]] Edges of(std::size_t row, std::string_view protocol) const;

 private:
    [[nodiscard]] models::NodeIndex source(std::size_t row) const;
    [[nodiscard]] models::NodeIndex target(std::size_t row) const;
    [[nodiscard]] models::NodeIndex service(std::size_t row) const;
    [[nodiscard]] std::string_view target_cluster(std::size_t row) const;
    [[nodiscard]] bool is_waypoint(std::string_view ns, std::string_view workload) const;

    const GraphWork& work_;
    EdgeGrouping grouping_;
    const models::LabelTable& table_;
    std::size_t source_cluster_, source_ns_, source_workload_, source_app_;
    std::size_t cluster_, service_ns_, service_, ns_, workload_, app_;
    std::vector<models::NodeIndex> entries_;  // that ServiceEntries have
};

// The questions of an appender about one metric, the most trusted reports first: what comes into
// the namespaces as their own proxies report it, then what goes out of them. With `apart` no
// traffic is in two answers: their values may be added.
struct EdgeSelector {
    clients::promql::Matchers matchers;
    std::chrono::seconds range{};
    clients::promql::Matchers also;  // and these, each series once; none: no more
};
enum class Reports : std::uint8_t {
    kBothEnds,  // each end what it saw: the first answer wins
    kSources,   // the callers' proxies alone; answers are apart
    kTargets,   // the called ones' proxies alone; likewise
};
std::vector<EdgeSelector> edge_selectors(const GraphWork& work, Reports reports);
// Of calls that reached nobody, as the callers' proxies report them: of and to the namespaces.
std::vector<EdgeSelector> unserved_selectors(const GraphWork& work);
// Per second, of what the selector is about.
clients::promql::Expr rate_of(clients::promql::Literal metric, const EdgeSelector& selector);

}  // namespace meshscope::business
