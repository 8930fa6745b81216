#pragma once

#include "business/graph_appender.hpp"
#include "business/traffic_identity.hpp"
#include "business/traffic_rows.hpp"
#include "core/fetch.hpp"
#include "models/graph.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string_view>
#include <vector>

namespace meshscope::business {

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
    // Of the target; null with a fault.
    struct Called {
        models::ServiceName service;  // name "": not known
        std::string_view host;        // that was asked for; with kAdd kept by the graph
    };
    const Called* called = nullptr;
};

// Leads rows of traffic to nodes: the labels put right, then the rules of identity. What it has
// seen it finds again by the numbers of its texts. The texts outlive it; nodes are not taken out of
// the graph while it is used. Errors of labels are told by row, never thrown away here.
class TrafficEnds {
 public:
    // What is done where the graph has no such node.
    enum class Missing : std::uint8_t { kAdd, kLeave };
    TrafficEnds(GraphWork& work, TrafficTexts& texts, Missing missing);

    // Room for so many sources, and for as many targets.
    void reserve(std::size_t ends);
    // What it points to lives as long as this.
    RowEnds of(const TrafficRow& row);
    // For a row that comes soon.
    void fetch(const TrafficRow& row) const {
        const std::uint32_t workload = row[TrafficLabel::kTargetWorkload];
        if (workload < target_of_workload_.size()) {
            meshscope::fetch(&targets_[target_of_workload_[workload]], sizeof(Target));
        }
    }

 private:
    using SourceTexts = std::array<std::uint32_t, 5>;
    using TargetTexts = std::array<std::uint32_t, 9>;  // the source's cluster, then the target's
    struct End {
        models::NodeIndex node = models::kNoIndex;
        std::uint32_t number = models::kNoIndex;  // of the names
        RowFault fault = RowFault::kNone;
        bool waypoint = false;
    };
    struct Source {
        SourceTexts texts;
        End end;
    };
    struct Target {
        TargetTexts texts;
        End end;
        bool between = false;  // a service node goes between
        models::NodeIndex service = models::kNoIndex;
    };
    // Numbers of texts: cluster, namespace of the service, service, namespace of the workload,
    // workload, application, version, host.
    using Names = std::array<std::uint32_t, 8>;
    // What is needed only when a node is made, which is mostly with the row that tells of it first.
    struct Identity {
        std::uint32_t index = models::kNoIndex;  // of the source, or the target
        EndNames names;
        models::NodeKey key;
    };

    std::uint32_t source_of(const TrafficRow& row);
    std::uint32_t target_of(const TrafficRow& row);
    void read_source(std::uint32_t index);
    void read_target(std::uint32_t index);
    void complete(End& end, Identity& identity, const Names& names);
    [[nodiscard]] EndNames texts_of(const Names& names) const;
    models::NodeIndex source_node(std::uint32_t index);
    models::NodeIndex target_node(std::uint32_t index);
    void find_node(End& end, const Identity& identity);
    models::NodeIndex service_of(Target& target, const models::ServiceName& called);
    [[nodiscard]] bool is_waypoint(const EndNames& names) const;
    std::uint32_t number_of(const Names& names);

    GraphWork& work_;
    const TrafficTexts& texts_;
    Missing missing_;
    std::uint32_t none_, unknown_, gateway_, gateway_ns_, latest_;  // texts
    std::vector<Source> sources_;
    std::vector<Target> targets_;
    std::deque<RowEnds::Called> called_;  // of each target
    // The target last found by the text of a workload: mostly the one that is looked for.
    std::vector<std::uint32_t> target_of_workload_;
    Identity source_identity_;  // of the source that was read last
    Identity target_identity_;
    std::vector<Names> names_;
    models::DenseIndex source_index_, target_index_, names_index_;
};

}  // namespace meshscope::business
