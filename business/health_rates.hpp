#pragma once

#include "clients/promql.hpp"
#include "models/health.hpp"
#include "models/metric_table.hpp"

#include <array>
#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// The requests of every object of the mesh, out of three queries. Pure.
namespace meshscope::business {

// To workloads, from workloads, to services.
using HealthQueries = std::array<clients::promql::Expr, 3>;

// `namespaces`: none: all. `cluster`: its name in the metrics.
HealthQueries health_queries(
    const std::vector<std::string>& namespaces,
    std::chrono::seconds interval,
    const std::string& cluster
);

// Of every object that had requests. Source and destination of a request both tell of it: of what
// several tell the most counts. From workloads only the source tells.
class HealthRates {
 public:
    // What a rate of objects of that namespace is multiplied by.
    using Factor = std::function<double(std::string_view ns)>;

    // `answers` to health_queries().
    static HealthRates read(
        const std::array<const models::MetricVector*, 3>& answers, const Factor& factor
    );

    // Nothing of objects without requests. Hosts outside of the mesh are in namespace "unknown".
    [[nodiscard]] const models::RequestRates& of_app(std::string_view ns, std::string_view name)
        const;
    [[nodiscard]] const models::RequestRates& of_service(std::string_view ns, std::string_view name)
        const;
    [[nodiscard]] const models::RequestRates& of_workload(
        std::string_view ns, std::string_view name
    ) const;

 private:
    using ByName = std::map<std::string, models::RequestRates, std::less<>>;
    using ByObject = std::map<std::string, ByName, std::less<>>;  // by namespace
    ByObject apps_, services_, workloads_;
};

}  // namespace meshscope::business
