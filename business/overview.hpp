#pragma once

#include "async/awaitable.hpp"
#include "async/request_context.hpp"
#include "business/health.hpp"
#include "business/mesh.hpp"
#include "business/meta.hpp"
#include "business/metrics.hpp"
#include "core/result.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace meshscope::business {

inline constexpr std::size_t kOverviewServices = 6;  // of each list

// What the first page shows of services and applications.
struct OverviewRow {
    std::string ns;
    std::string name;
    models::HealthStatus status = models::HealthStatus::kUnknown;
    double latency_ms = 0;   // of services(): the 95th percentile of all that any proxy tells
    double tcp_bytes = 0;    // of services(): sent per second
    double error_ratio = 0;  // of rates(): 0 to 1
    double inbound = 0;      // requests per second, of rates() both
    double outbound = 0;
};
struct OverviewList {
    std::string cluster;
    bool waypoints = false;  // one stands in a namespace of the list
    std::vector<OverviewRow> rows;
    Meta meta;
};

// The slowest, the busiest and the most failing. What it is made of outlives it and its calls.
// Errors: those of Mesh, of Metrics when they are off, the store's own.
class Overview {
 public:
    Overview(const Mesh& mesh, const MeshHealth& health, const Metrics& metrics)
        : mesh_(mesh), health_(health), metrics_(metrics) {}

    enum class Measure : std::uint8_t { kLatency, kTcp };
    // Services by that, the most first. One query.
    Awaitable<Result<OverviewList>> services(
        RequestContext context, Measure measure, std::string cluster, HealthQuery query
    ) const;
    // Services that get requests: by their share of errors, then by requests, the most first.
    Awaitable<Result<OverviewList>> rates(
        RequestContext context, std::string cluster, HealthQuery query
    ) const;
    // All applications, by namespace and name.
    Awaitable<Result<OverviewList>> apps(
        RequestContext context, std::string cluster, HealthQuery query
    ) const;

 private:
    // The namespaces of the query that the caller sees, all when it names none, and what is in
    // them.
    struct Scope;
    [[nodiscard]] Result<Scope> scope(
        const RequestContext& context, const std::string& cluster, const HealthQuery& query
    ) const;
    // kUnavailable and the like when requests are not known: an outage is no quiet mesh.
    Awaitable<Result<HealthView>> judged(RequestContext context, HealthQuery query, Scope& scope)
        const;

    const Mesh& mesh_;
    const MeshHealth& health_;
    const Metrics& metrics_;
};

}  // namespace meshscope::business
