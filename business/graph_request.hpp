#pragma once

#include "clients/promql.hpp"
#include "core/clock.hpp"

#include <bitset>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace meshscope::business {

enum class GraphType : std::uint8_t { kApp, kVersionedApp, kService, kWorkload };

// What an edge's rate counts. HTTP knows kNone and kRequests; gRPC all; TCP (bytes) all but
// kRequests.
enum class TrafficRate : std::uint8_t { kNone, kRequests, kSent, kReceived, kTotal };

// Whose reports of ambient traffic count: everybody's, waypoints', ztunnels', or no such reports.
enum class AmbientTraffic : std::uint8_t { kNone, kTotal, kWaypoint, kZtunnel };

// Parts of a graph that callers may leave out.
enum class GraphPart : std::uint8_t {
    kAggregateNode,
    kDeadNode,
    kIdleNode,
    kMeshCheck,
    kResponseTime,
    kSecurityPolicy,
    kServiceEntry,
    kThroughput,
    kWorkloadEntry,
    kAmbient,
    kHealth,
    kIstio,
    kLabeler,
};
inline constexpr std::size_t kGraphParts = 13;
class GraphPartSet {
 public:
    static GraphPartSet all() {
        GraphPartSet set;
        set.bits_.set();
        return set;
    }
    void add(GraphPart part) { bits_.set(static_cast<std::size_t>(part)); }
    [[nodiscard]] bool has(GraphPart part) const {
        return bits_.test(static_cast<std::size_t>(part));
    }

 private:
    std::bitset<kGraphParts> bits_;
};

enum class ResponseTimeKind : std::uint8_t { kAverage, kP50, kP95, kP99 };
enum class ThroughputKind : std::uint8_t { kRequest, kResponse };

// The middle of the graph around one node; "" what the route does not name.
struct GraphFocus {
    std::string ns;
    std::string workload;
    std::string app;
    std::string version;  // of the app
    std::string service;  // also of an aggregate
    std::optional<clients::promql::Label> aggregate;
    std::string aggregate_value;
    std::string cluster;  // "" any
};

struct GraphRequest {
    std::vector<std::string> namespaces;  // of graphs of namespaces: at least one, as asked for
    std::optional<GraphFocus> focus;      // a graph around one node
    GraphType type = GraphType::kWorkload;
    std::chrono::seconds duration{600};  // at least one
    std::optional<SystemTime> at;        // the end of the window; absent: now
    bool inject_services = false;        // always with GraphType::kService
    bool idle_edges = false;
    bool box_app = false;  // always of GraphType::kApp and kVersionedApp
    bool box_namespace = false;
    bool box_cluster = false;
    TrafficRate http = TrafficRate::kRequests;
    TrafficRate grpc = TrafficRate::kRequests;
    TrafficRate tcp = TrafficRate::kSent;
    AmbientTraffic ambient = AmbientTraffic::kTotal;
    GraphPartSet parts = GraphPartSet::all();
    ResponseTimeKind response_time = ResponseTimeKind::kP95;
    ThroughputKind throughput = ThroughputKind::kResponse;
    clients::promql::Label aggregate = "request_operation";
    bool waypoints = true;             // shows waypoints (part kAmbient)
    std::vector<std::string> ignored;  // parameters without effect; told in the warnings
};

}  // namespace meshscope::business
