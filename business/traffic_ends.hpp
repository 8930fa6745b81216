#pragma once

#include "business/graph_appender.hpp"
#include "business/traffic_identity.hpp"
#include "business/traffic_rows.hpp"
#include "models/graph.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
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
    // Of the target. Valid until the next row is read; null with a fault.
    struct Called {
        models::ServiceName service;  // name "": not known
        std::string_view host;        // that was asked for
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
    TrafficEnds(GraphWork& work, const TrafficTexts& texts, Missing missing);

    RowEnds of(const TrafficRow& row);

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
    // What is needed only when a node is made.
    struct Identity {
        EndNames names;
        models::NodeKey key;
    };

    std::uint32_t source_of(const TrafficRow& row);
    std::uint32_t target_of(const TrafficRow& row);
    void read(Source& source, Identity& identity);
    void read(Target& target, Identity& identity, RowEnds::Called& called);
    void complete(End& end, Identity& identity, std::string_view host);
    models::NodeIndex node_of(End& end, const Identity& identity);
    models::NodeIndex service_of(Target& target, const models::ServiceName& called);
    [[nodiscard]] bool is_waypoint(const EndNames& names) const;
    std::uint32_t number_of(const EndNames& names, std::string_view host);

    GraphWork& work_;
    const TrafficTexts& texts_;
    Missing missing_;
    std::vector<Source> sources_;
    std::vector<Identity> source_identities_;  // of each source
    std::vector<Target> targets_;
    std::vector<Identity> target_identities_;  // of each target
    std::vector<RowEnds::Called> called_;      // likewise
    std::vector<std::pair<EndNames, std::string_view>> names_;
    models::DenseIndex source_index_, target_index_, names_index_;
};

}  // namespace meshscope::business
