#pragma once

#include "models/dense_index.hpp"
#include "models/health.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace meshscope::models {

using NodeIndex = std::uint32_t;
using EdgeIndex = std::uint32_t;

enum class NodeType : std::uint8_t { kWorkload, kApp, kService, kAggregate, kUnknown, kBox };

// What makes a node that node. `text()` is what the ids of clients are hashes of.
struct NodeKey {
    enum class Kind : std::uint8_t {
        kUnknownSource,  // of a cluster
        kService,        // name: the service; "unknown": nobody knows, one for each namespace
        kWorkload,
        kApp,
        kAppWorkload,  // a version of an application, known by the workload that runs it
        kAppVersion,   // the same, only the version is known: name is the application
        kAggregate,    // name: the label; more: its value; service: of one service only
        kClusterBox,
        kNamespaceBox,
        kAppBox,
    };
    Kind kind = Kind::kUnknownSource;
    std::string_view cluster;
    std::string_view ns;
    std::string_view name;
    std::string_view more;
    std::string_view service;

    friend bool operator==(const NodeKey&, const NodeKey&) = default;
    [[nodiscard]] std::uint64_t hash() const;
    // "vapp_Kubernetes_bookinfo_reviews-v1", appended.
    void append_text(std::string& out) const;
};

enum class Protocol : std::uint8_t { kGrpc, kHttp, kTcp, kOther };
inline constexpr std::size_t kRatedProtocols = 3;  // those before kOther
Protocol protocol_of(std::string_view name);

// Per second: requests, messages (gRPC) or bytes (TCP). Of gRPC failures count as `errors`, of HTTP
// as what their status says.
struct TrafficRates {
    double total = 0;
    double no_response = 0;
    double status_3xx = 0;
    double status_4xx = 0;
    double status_5xx = 0;
    double errors = 0;

    void add(const TrafficRates& other);
    [[nodiscard]] double failed() const { return no_response + status_4xx + status_5xx + errors; }
};

struct ServiceName {
    std::string_view cluster;
    std::string_view ns;
    std::string_view name;
    friend auto operator<=>(const ServiceName&, const ServiceName&) = default;
};

struct NodeHealth {
    RequestRates requests;
    Health status;           // of requests and replicas together
    std::string annotation;  // of the object: which errors are tolerated; "" none
    std::vector<std::pair<std::string, Replicas>> workloads;  // by name; a service has none
};

// What few nodes have.
struct NodeDetails {
    std::optional<NodeHealth> health;
    std::vector<std::pair<std::string, std::string>> labels;  // ascending
    struct Hostnames {
        std::vector<std::string> names;
    };
    std::optional<Hostnames> virtual_service;
    std::vector<std::string> workload_entries;  // names
    struct Gateway {
        enum class Role : std::uint8_t { kIngress, kEgress, kGatewayApi };
        Role role = Role::kIngress;
        std::vector<std::string> hostnames;
    };
    std::optional<Gateway> gateway;
    struct ServiceEntry {
        std::vector<std::string> hosts;
        std::string location;  // "MESH_EXTERNAL", "MESH_INTERNAL"
        std::string ns;
    };
    std::optional<ServiceEntry> service_entry;
};

struct GraphNode {
    NodeKey key;
    NodeType type = NodeType::kUnknown;
    // What is shown. "": the node is not of one.
    std::string_view cluster, ns, workload, app, version, service;
    NodeIndex parent = kNoIndex;  // the box it is in

    std::array<TrafficRates, kRatedProtocols> in{};  // by Protocol
    std::array<double, kRatedProtocols> out{};
    [[nodiscard]] bool has_traffic() const;

    bool removed = false;
    bool has_circuit_breaker = false;
    bool has_fault_injection = false;
    bool has_ingress_waypoint = false;
    bool has_mirroring = false;
    bool has_request_routing = false;
    bool has_request_timeout = false;
    bool has_tcp_traffic_shifting = false;
    bool has_traffic_shifting = false;
    bool is_ambient = false;
    bool is_dead = false;
    bool is_egress_cluster = false;  // PassthroughCluster, BlackHoleCluster; not on the wire
    bool is_idle = false;
    bool is_inaccessible = false;
    bool is_injected = false;
    bool is_gateway_api = false;
    bool is_out_of_mesh = false;
    bool is_outside = false;
    bool is_root = false;
    bool is_waypoint = false;

    std::unique_ptr<NodeDetails> details;  // null: none
    NodeDetails& more() {
        if (!details) {
            details = std::make_unique<NodeDetails>();
        }
        return *details;
    }

    // Lists of the graph.
    EdgeIndex first_out = kNoIndex, last_out = kNoIndex;
    EdgeIndex first_in = kNoIndex, last_in = kNoIndex;
    std::uint32_t first_service = kNoIndex;
};

enum class WaypointDirection : std::uint8_t { kNone, kTo, kFrom };

struct GraphEdge {
    NodeIndex source = kNoIndex;
    NodeIndex target = kNoIndex;
    Protocol protocol = Protocol::kOther;
    bool removed = false;
    WaypointDirection waypoint = WaypointDirection::kNone;
    // The edge back from the waypoint, told inside of this one; it is taken out of the graph
    // itself.
    EdgeIndex waypoint_back = kNoIndex;
    std::string_view protocol_name;
    TrafficRates rates;

    std::optional<double> response_time_ms;
    std::optional<double> throughput;    // bytes per second
    std::optional<double> mtls_percent;  // of what it carries
    std::string_view source_principal, target_principal;
    std::string_view health_status;  // "Healthy", "Degraded", "Failure"; "" unknown

    // Lists of the graph.
    EdgeIndex next_out = kNoIndex;
    EdgeIndex next_in = kNoIndex;
    std::uint32_t first_response = kNoIndex;
};

// How much of an edge was answered so. `code`: of HTTP or gRPC, "-" none was received.
struct EdgeResponse {
    std::string_view code;
    std::string_view flags;  // of Envoy; "" unknown
    std::string_view host;   // that was asked for; "" unknown
    double rate = 0;
    EdgeIndex edge = kNoIndex;
    std::uint32_t next = kNoIndex;
};

}  // namespace meshscope::models
