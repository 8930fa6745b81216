#include "app/gauges.hpp"

#include "clients/kubernetes/kind_states.hpp"
#include "clients/kubernetes/resources.hpp"

#include <algorithm>
#include <chrono>
#include <functional>
#include <limits>
#include <optional>

namespace meshscope::app {

namespace {

// Not a number: it has not been yet.
double seconds_between(std::optional<SystemTime> when, SystemTime now) {
    if (!when) {
        return std::numeric_limits<double>::quiet_NaN();
    }
    return std::max(std::chrono::duration<double>(now - *when).count(), 0.0);
}

void add_reachable(
    telemetry::MetricsRegistry& metrics,
    const std::string& upstream,
    std::function<bool()> is_reachable
) {
    metrics.add_gauge(
        "upstream_reachable",
        "1 when the last probe succeeded, else 0",
        "upstream",
        upstream,
        [is_reachable = std::move(is_reachable)] { return is_reachable() ? 1.0 : 0.0; }
    );
}

// What the cluster's state says of the kind; 0 while it says nothing.
double of_kind(
    const clients::Cluster& cluster,
    const std::string& name,
    std::uint64_t clients::KindState::* member
) {
    for (const clients::KindState& kind : cluster.state().kinds) {
        if (kind.resource == name) {
            return static_cast<double>(kind.*member);
        }
    }
    return 0;
}

}  // namespace

void add_governor_gauges(
    telemetry::MetricsRegistry& metrics, const std::string& upstream, const Governor& governor
) {
    metrics.add_gauge(
        "upstream_calls_in_flight",
        "Calls that hold a slot of the governor",
        "upstream",
        upstream,
        [&governor] { return static_cast<double>(governor.stats().in_flight); }
    );
    metrics.add_gauge(
        "upstream_calls_waiting",
        "Calls that wait for a slot of the governor",
        "upstream",
        upstream,
        [&governor] { return static_cast<double>(governor.stats().waiting); }
    );
}

void add_store_gauges(
    telemetry::MetricsRegistry& metrics,
    const clients::TraceStore& store,
    const clients::CachingTraceStore& cache
) {
    const char* const kept = "Memory of the traces that are kept";
    metrics.add_gauge("trace_cache_bytes", kept, "", "", [&cache] {
        return static_cast<double>(cache.stats().bytes);
    });
    add_reachable(metrics, "jaeger", [&store] {
        using Reachability = clients::StoreState::Reachability;
        return store.state().reachability == Reachability::kReachable;
    });
}

void add_metric_store_gauges(
    telemetry::MetricsRegistry& metrics, const clients::prometheus::PrometheusStore& store
) {
    const char* const kept = "Memory of the answers of Prometheus that are kept";
    metrics.add_gauge("metric_cache_bytes", kept, "", "", [&store] {
        return static_cast<double>(store.cache_stats().bytes);
    });
    add_reachable(metrics, "prometheus", [&store] {
        using Reachability = clients::MetricStoreState::Reachability;
        return store.state().reachability == Reachability::kReachable;
    });
}

void add_cluster_gauges(
    telemetry::MetricsRegistry& metrics, const clients::Cluster& cluster, const Clock& clock
) {
    add_reachable(metrics, "kubernetes", [&cluster] {
        using Reachability = clients::ClusterState::Reachability;
        return cluster.state().reachability == Reachability::kReachable;
    });
    const char* const age = "So long ago the objects were certainly those of the cluster";
    metrics.add_gauge("cluster_age_seconds", age, "", "", [&cluster, &clock] {
        // First the time: what is current then is no second old.
        const SystemTime now = clock.now();
        return seconds_between(cluster.state().current_at, now);
    });
    const char* const event = "Since an object came, changed or went, or was listed";
    metrics.add_gauge("cluster_event_age_seconds", event, "", "", [&cluster, &clock] {
        const SystemTime now = clock.now();
        return seconds_between(cluster.state().last_event, now);
    });
    for (const clients::kubernetes::Resource& resource : clients::kubernetes::resources()) {
        const std::string name = clients::kubernetes::name_of(resource);
        const char* const objects = "Objects that are known";
        metrics.add_gauge("cluster_objects", objects, "kind", name, [&cluster, name] {
            return of_kind(cluster, name, &clients::KindState::objects);
        });
        const char* const lists = "Whole lists since the start: the first one and each resync";
        metrics.add_gauge("cluster_lists", lists, "kind", name, [&cluster, name] {
            return of_kind(cluster, name, &clients::KindState::lists);
        });
    }
}

}  // namespace meshscope::app
