#pragma once

#include "demo/mesh/scenario.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace meshscope::demo {

enum class Proxy : std::uint8_t {
    kSidecar,  // an Envoy beside the application
    kRouter,   // the workload is an Envoy: a gateway
    kZtunnel,  // in ambient mode: the ztunnel of its node carries its calls, nobody reports spans
    kNone,     // reports for itself, with OpenTelemetry
};

// Which layers of itself an API gateway reports: each can be switched off in its configuration.
// The read tracker is a part of the backend request.
enum GatewayLayer : std::uint8_t {
    kGlobalLayer = 1,
    kProxyLayer = 2,
    kBackendLayer = 4,
    kRequestLayer = 8,
    kReadTracker = 16,
    kAllLayers = 31
};

struct Workload {
    std::string name;  // "reviews-v2"
    std::string app;   // "reviews"
    std::string version;
    std::string ns;
    std::string pod;
    std::string ip;
    std::string node;  // "demo-node-1" to "demo-node-3"
    Proxy proxy = Proxy::kSidecar;
    std::uint16_t port = 9080;
    std::int64_t clock_skew_us = 0;    // of its node, against the mesh's time
    std::uint8_t layers = kAllLayers;  // bits of GatewayLayer, where proxy is kNone
    std::string marker;                // the scenario's for its namespace

    // The service account in its identity.
    [[nodiscard]] std::string account() const;
    [[nodiscard]] bool reports(GatewayLayer layer) const { return (layers & layer) != 0; }
};

using WorkloadIndex = std::uint32_t;
inline constexpr WorkloadIndex kOutside = 0xFFFFFFFF;  // a client that is not in the mesh

// The workloads of the simulated mesh: Bookinfo, its gateway, a travel agency, an API gateway, a
// bank in ambient mode and its auditors.
class Topology {
 public:
    // `extra` more workloads in namespace "crowd" (scenario many-workloads); `skew_us` is the clock
    // error of the node that runs reviews and ratings; `gateways`: an API gateway for each set of
    // layers that can be reported, named after it: krakend-gpbrt (global, proxy, backend, backend
    // request, read tracker) to krakend-r; `zoo`: what speaks TCP and gRPC, and workloads without
    // sidecars behind a ztunnel and a waypoint.
    Topology(std::size_t extra, std::int64_t skew_us, bool gateways, bool zoo);

    void mark(const Scenario& scenario);

    [[nodiscard]] std::span<const Workload> workloads() const { return workloads_; }
    [[nodiscard]] const Workload& operator[](WorkloadIndex index) const {
        return workloads_[index];
    }

    // The workload of that name; std::logic_error when there is none (a bug of the caller).
    [[nodiscard]] WorkloadIndex named(std::string_view name) const;

    [[nodiscard]] std::span<const WorkloadIndex> extras() const { return extras_; }
    [[nodiscard]] std::span<const WorkloadIndex> gateways() const { return gateways_; }

 private:
    std::vector<Workload> workloads_;
    std::vector<WorkloadIndex> extras_;
    std::vector<WorkloadIndex> gateways_;
};

}  // namespace meshscope::demo
