#pragma once

#include "async/awaitable.hpp"
#include "async/request_context.hpp"
#include "clients/dashboards.hpp"
#include "clients/http/http_client.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace meshscope::clients::grafana {

// Another page to probe: fine below status 400.
struct HealthPage {
    HttpClientOptions http;
    std::string target;  // path and query
};

inline constexpr std::size_t kMostDashboards = 50;  // that are searched for

struct GrafanaOptions {
    HttpClientOptions http;
    std::optional<HealthPage> health;     // in place of its own
    std::vector<std::string> dashboards;  // names, at most kMostDashboards count
    std::chrono::milliseconds probe_timeout{5'000};
    std::chrono::milliseconds probe_interval{30'000};
    std::chrono::milliseconds probe_interval_failing{5'000};
    // Called after reachability, version or the reason has changed, from any thread. Must not
    // block.
    std::function<void(const DashboardsState&)> on_change;
};

// Usable from every thread.
class Grafana final : public Dashboards {
 public:
    Grafana(GrafanaOptions options, const Clock& clock);  // `clock` outlives this
    ~Grafana() override;

    [[nodiscard]] DashboardsState state() const override;

    // Looks now and updates state().
    Awaitable<DashboardsState> probe(RequestContext context);
    // Does that until cancelled. For a TaskGroup.
    Awaitable<> run_prober();

 private:
    struct Core;
    std::shared_ptr<Core> core_;
};

}  // namespace meshscope::clients::grafana
