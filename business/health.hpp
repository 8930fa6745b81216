#pragma once

#include "async/awaitable.hpp"
#include "async/request_context.hpp"
#include "business/health_rates.hpp"
#include "business/health_rules.hpp"
#include "business/mesh_items.hpp"
#include "business/meta.hpp"
#include "clients/cluster.hpp"
#include "clients/metric_store.hpp"
#include "core/clock.hpp"
#include "models/health.hpp"

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace meshscope::business {

struct HealthQuery {
    std::vector<std::string> namespaces;           // none: all
    std::optional<SystemTime> at;                  // now
    std::optional<std::chrono::seconds> interval;  // as configured; at most a day
};

// The health of one object. `requests` lives as long as the view it comes from.
struct ObjectHealth {
    const models::RequestRates* requests = nullptr;
    models::Health health;
};

models::Replicas replicas_of(const models::Workload& workload);

// The requests of the mesh at one moment, and by which rules they are judged. Cheap to copy;
// immutable.
class HealthView {
 public:
    [[nodiscard]] ObjectHealth of(const models::Workload& workload) const;
    [[nodiscard]] ObjectHealth of(const AppItem& app) const;
    [[nodiscard]] ObjectHealth of(const ServiceItem& service) const;

    // Kept from an earlier request.
    [[nodiscard]] bool cached() const { return cached_; }
    // Why requests are not known, also when there are no metrics; nullopt: they are.
    [[nodiscard]] std::optional<Error> failure() const;
    // Says how old the requests are and what is not known of them.
    void describe(Meta& meta) const;

 private:
    friend class MeshHealth;
    struct Look;
    [[nodiscard]] bool known() const;

    std::shared_ptr<const Look> look_;
    HealthRules rules_;
    SystemTime now_;
    bool cached_ = false;
    bool shortened_ = false;
};

// Requests out of the metric store, three queries for the whole mesh, when somebody looks: nobody
// asks the store while nobody does. What was found is kept for `keep`, what failed for some
// seconds. A request of its own time or interval asks for itself and leaves nothing behind. Usable
// from every thread.
//
// Without a store replicas alone are judged. When the store fails requests are not known, and
// nothing is healthy by its replicas alone.
class MeshHealth {
 public:
    struct Parts {
        clients::MetricStore* store = nullptr;
        clients::Cluster* cluster = nullptr;  // null: ages of namespaces are not known
        const Clock* clock = nullptr;
        HealthRules rules;
        std::chrono::seconds interval{300};
        std::chrono::nanoseconds keep = std::chrono::minutes(3);
        std::chrono::nanoseconds patience = std::chrono::seconds(10);  // for one look
        std::string home_cluster = "Kubernetes";                       // where none tells its name
    };
    explicit MeshHealth(Parts parts);

    [[nodiscard]] std::chrono::seconds interval() const { return parts_.interval; }

    // Never fails: what is wrong is in the view.
    Awaitable<HealthView> look(RequestContext context, HealthQuery query) const;

 private:
    using LookPtr = std::shared_ptr<const HealthView::Look>;
    [[nodiscard]] LookPtr kept(SystemTime now) const;
    Awaitable<LookPtr> ask(
        RequestContext context,
        std::vector<std::string> namespaces,
        SystemTime at,
        std::chrono::seconds interval
    ) const;

    Parts parts_;
    mutable std::mutex mutex_;
    mutable LookPtr last_;
};

}  // namespace meshscope::business
