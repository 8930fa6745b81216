#pragma once

#include "business/access.hpp"
#include "business/meta.hpp"
#include "clients/cluster.hpp"
#include "clients/dashboards.hpp"
#include "clients/metric_store.hpp"
#include "clients/trace_store.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace meshscope::business {

// kNotReady: it answers, and what is demanded of it could not be had yet; or nobody wants it to
// run. kUnhealthy: not as many of its pods run as should. kNotFound: it is wanted and not there.
// kUnknown: not looked at yet.
enum class Health : std::uint8_t {
    kHealthy,
    kNotReady,
    kUnreachable,
    kUnknown,
    kUnhealthy,
    kNotFound
};

// An upstream as its prober last saw it.
struct ComponentStatus {
    std::string name;  // "grafana", "kubernetes", "prometheus", "tracing"; of the mesh a workload
    Health health = Health::kUnknown;
    bool core = false;
    std::string version;   // "" when unknown
    std::string protocol;  // "grpc api_v2", ...
    std::string product;   // of a metric store: "Prometheus", "Thanos", ...; "" when unknown
    std::optional<Error>
        reason;  // set when unreachable or not found, and when not ready if it is known
    std::optional<std::chrono::microseconds> latency;
    std::optional<SystemTime> last_success;
    std::optional<SystemTime> last_probe;
    // Only of what is kept in memory: so long ago that was certainly what the upstream had.
    std::optional<std::chrono::milliseconds> age;
};

// By what clients choose times. What a store does not tell is as Prometheus has it by default.
struct MetricFacts {
    bool enabled = false;
    std::string disabled_reason;  // "" while the store is reached
    std::chrono::seconds scrape_interval{15};
    std::chrono::seconds retention = std::chrono::hours(24 * 15);
};

// Healthy, NotReady, Unreachable, Unknown, Unhealthy, NotFound
std::string_view to_string(Health health);

// A component of the mesh that is looked for, as configured.
struct WantedComponent {
    std::string app;  // value of its label `app`
    std::string ns;   // "" that of the control plane
    bool core = false;
};

// Which dashboards are linked to, as configured.
struct DashboardSettings {
    using Variables = std::map<std::string, std::string>;  // what a page knows -> its URL variable
    std::string external_url;                              // without a slash at its end; "" none
    std::string datasource_uid;
    std::map<std::string, Variables> variables;  // by the dashboard's name
};

struct DashboardLink {
    std::string name;
    std::string url;
    DashboardSettings::Variables variables;
};

struct DashboardLinks {
    bool enabled = false;              // false: there is no Grafana
    std::optional<Error> unavailable;  // nothing is known of it, and why
    std::string datasource_uid;
    std::vector<DashboardLink> links;  // in the configured order
    Meta meta;
};

// Knows the upstreams; never calls one. Usable from every thread.
class Status {
 public:
    struct Parts {
        const clients::TraceStore* store = nullptr;       // null: tracing is off or link-only
        const clients::Cluster* cluster = nullptr;        // null: none is configured
        const clients::MetricStore* metrics = nullptr;    // null: metrics are off
        const clients::Dashboards* dashboards = nullptr;  // null: none are linked to
        const Access* access = nullptr;                   // null: nothing is told of the mesh
        const Clock* clock = nullptr;                     // never null when there is a cluster
        bool tracing_is_core = false;
        bool metrics_are_core = false;
        bool dashboards_are_core = false;
        DashboardSettings dashboard_settings;
        std::vector<WantedComponent> wanted;  // empty: control planes, as they are found
    };
    explicit Status(Parts parts) : parts_(std::move(parts)) {}

    // Ascending by name; what is null in the parts is not listed.
    [[nodiscard]] std::vector<ComponentStatus> components() const;

    // What is wanted of the mesh, else its control planes, and its gateways, in namespaces that the
    // caller may see, by their replicas: core ones first, then ascending by name. None before the
    // cluster is known.
    [[nodiscard]] std::vector<ComponentStatus> mesh_components(const Caller& caller) const;

    [[nodiscard]] DashboardLinks dashboard_links() const;

    [[nodiscard]] MetricFacts metric_facts() const;

 private:
    Parts parts_;
};

}  // namespace meshscope::business
