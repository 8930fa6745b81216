#pragma once

#include "business/access.hpp"
#include "business/traffic_direction.hpp"
#include "core/clock.hpp"
#include "models/cluster_snapshot.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace meshscope::business {

// A service as callers name it.
struct ServicePlace {
    std::string ns;
    std::string name;
    friend bool operator==(const ServicePlace&, const ServicePlace&) = default;
};

// The other end of calls of one workload in one direction. Without a workload: who the proxies do
// not know (inbound), or what a service was asked for that nobody took (outbound).
struct EdgePeer {
    TrafficDirection direction = TrafficDirection::kInbound;
    std::string ns;
    std::string workload;
    std::vector<ServicePlace> services;  // outbound: what it was called as
};

// What one end's span or line tells of the other end.
struct PeerClue {
    TrafficDirection direction = TrafficDirection::kInbound;
    std::string_view address;  // without a port; "" unknown
    SystemTime time;
    std::string_view service;  // outbound: that is called; "" unknown
    std::string_view ns;       // of the service
    bool arrived = true;       // false: no server took it
};

// The edges of one workload: those that metrics count, then those that only spans tell of. Texts
// are copied. Not thread-safe; access and caller must outlive it.
class EdgeBook {
 public:
    struct Parts {
        std::string ns;
        std::string workload;
        models::ClusterSnapshotPtr snapshot;  // null: addresses tell nothing
        const Access* access = nullptr;
        const Caller* caller = nullptr;
    };
    explicit EdgeBook(Parts parts) : parts_(std::move(parts)) {}

    // The edge with that peer, which is added when it is not there. `service` may be empty.
    std::size_t counted(EdgePeer peer, ServicePlace service);

    // The edge of a call whose other end has reported, by whom its span belongs to. One that no
    // metrics count goes to the edge of whom the proxies do not know, where there is one.
    std::size_t of_workload(
        TrafficDirection direction, std::string_view ns, std::string_view workload
    );
    // The edge of a call that only one end tells of. A workload that the caller may not see is
    // found only where the metrics name it.
    std::size_t of_clue(const PeerClue& clue);
    // Whether the clue leads to the workload itself: by its address, else because nothing else
    // serves the service.
    [[nodiscard]] bool leads_home(const PeerClue& clue) const;

    // Whose address it is; null when it tells nothing.
    [[nodiscard]] const models::Workload* at_address(const PeerClue& clue) const;

    [[nodiscard]] const std::vector<EdgePeer>& edges() const { return edges_; }
    [[nodiscard]] const Parts& parts() const { return parts_; }

 private:
    [[nodiscard]] std::optional<std::size_t> find(
        TrafficDirection direction, std::string_view ns, std::string_view workload
    ) const;
    // An edge without a workload; outbound that of the service.
    [[nodiscard]] std::optional<std::size_t> nobody(
        TrafficDirection direction, const ServicePlace& service
    ) const;
    // The only edge with a workload that was called as that service.
    [[nodiscard]] std::optional<std::size_t> only_one(const ServicePlace& service) const;

    Parts parts_;
    std::vector<EdgePeer> edges_;
};

}  // namespace meshscope::business
