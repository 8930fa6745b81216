#pragma once

#include "business/graph_appender.hpp"
#include "business/traffic_identity.hpp"
#include "models/graph.hpp"
#include "models/metric_table.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace meshscope::business {

// Where the labels of both ends are in a table.
struct TrafficColumns {
    explicit TrafficColumns(const models::LabelTable& labels);
    // cluster, namespace, workload, application, version
    std::array<std::size_t, 5> source;
    // cluster, service's namespace, host, service, workload's namespace, workload, application,
    // version
    std::array<std::size_t, 8> target;
    static constexpr std::size_t kSourceNamespace = 1, kHost = 2;
};

// Why a row tells of no traffic between two nodes.
enum class RowFault : std::uint8_t {
    kNone,
    kMissingLabels,
    kBadSource,  // a namespace without workload and application, or in no cluster
    kBadTarget,  // an address that was called by its number, or a namespace in no cluster
    kNameless,   // the labels name nobody
};

// The nodes that a row is between.
struct RowEnds {
    RowFault fault = RowFault::kNone;
    models::NodeIndex source = models::kNoIndex;  // kNoIndex: not on the graph
    models::NodeIndex target = models::kNoIndex;
    models::NodeIndex service = models::kNoIndex;  // stands between them; kNoIndex: none does
    // The same numbers, the same names: also where several of them are one node.
    std::uint32_t source_names = models::kNoIndex;
    std::uint32_t target_names = models::kNoIndex;
    models::ServiceName called;  // name "": not known
    std::string_view host;       // that was asked for
};

// Leads rows of traffic to nodes: the labels put right, then the rules of identity. What it has
// seen it finds again by the labels as they are. Tables outlive it; nodes are not taken out of the
// graph while it is used. Errors of labels are told by row, never thrown away here.
class TrafficEnds {
 public:
    // What is done where the graph has no such node.
    enum class Missing : std::uint8_t { kAdd, kLeave };
    TrafficEnds(GraphWork& work, Missing missing);

    struct Hashes {
        std::uint64_t source = 0;
        std::uint64_t target = 0;
    };
    static Hashes hashes(
        const models::LabelTable& table, const TrafficColumns& columns, std::size_t row
    );
    RowEnds of(const models::LabelTable& table, const TrafficColumns& columns, std::size_t row) {
        return of(table, columns, row, hashes(table, columns, row));
    }
    RowEnds of(
        const models::LabelTable& table,
        const TrafficColumns& columns,
        std::size_t row,
        Hashes hashes
    );

 private:
    using SourceCells = std::array<std::string_view, 5>;
    using TargetCells = std::array<std::string_view, 9>;  // the source's cluster, then the target's
    struct End {
        EndNames names;
        std::string_view host;
        models::NodeKey key;
        models::NodeIndex node = models::kNoIndex;
        std::uint32_t number = models::kNoIndex;  // of the names
        RowFault fault = RowFault::kNone;
        bool waypoint = false;
    };
    struct Source {
        SourceCells cells;
        End end;
    };
    struct Target {
        TargetCells cells;
        End end;
        models::ServiceName called;
        bool between = false;  // a service node goes between
        models::NodeIndex service = models::kNoIndex;
    };

    Source& source_of(const SourceCells& cells, std::uint64_t hash);
    Target& target_of(const TargetCells& cells, std::uint64_t hash);
    void complete(End& end);
    models::NodeIndex node_of(End& end);
    models::NodeIndex service_of(Target& target);
    [[nodiscard]] bool is_waypoint(const EndNames& names) const;
    std::uint32_t number_of(const EndNames& names, std::string_view host);

    GraphWork& work_;
    Missing missing_;
    std::vector<Source> sources_;
    std::vector<Target> targets_;
    std::vector<std::pair<EndNames, std::string_view>> names_;
    models::DenseIndex source_index_, target_index_, names_index_;
};

}  // namespace meshscope::business
