#pragma once

#include "core/clock.hpp"
#include "core/error.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace meshscope::clients {

// A dashboard that the configuration names, where it was found.
struct FoundDashboard {
    std::string name;  // as configured
    std::string path;  // below the external address, "/d/abc/istio-mesh"
};

struct DashboardsState {
    enum class Reachability : std::uint8_t { kUnknown, kReachable, kUnreachable };
    Reachability reachability = Reachability::kUnknown;
    std::string version;                   // "11.2.0"; empty when unknown
    std::optional<Error> reason;           // set when unreachable
    std::chrono::microseconds latency{0};  // of the last probe
    std::optional<SystemTime> last_success;
    std::optional<SystemTime> last_probe;
    // Of the last search that was answered; those that are not there are left out. In the
    // configured order.
    std::vector<FoundDashboard> found;
};

// Where dashboards are (Grafana), as a background prober last saw it: reading it starts no call.
// Usable from every thread.
class Dashboards {
 public:
    virtual ~Dashboards() = default;
    [[nodiscard]] virtual DashboardsState state() const = 0;
};

}  // namespace meshscope::clients
