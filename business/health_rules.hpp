#pragma once

#include "business/traffic_direction.hpp"
#include "core/result.hpp"
#include "models/health.hpp"

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// When requests and replicas count as healthy. Pure; usable from every thread.
namespace meshscope::business {

// The word on the wire: "NA", "Healthy", "Not Ready", "Degraded" or "Failure".
std::string_view to_string(models::HealthStatus status);

// Regular expressions (RE2), each for the whole text; "" is for every text. In `code` an X is any
// digit. Shares in percent; of no errors at all nothing is degraded or fails.
struct ToleranceSetting {
    std::string code;
    std::string protocol;
    std::string direction;  // of "inbound", "outbound"
    double degraded = 0;    // from this share on
    double failure = 0;     // likewise; it is looked at first
};
struct HealthRateSetting {
    std::string ns;
    std::string kind;  // of "app", "service", "workload"
    std::string name;
    std::vector<ToleranceSetting> tolerance;
};

// Which shares of errors one object is allowed.
class Tolerances {
 public:
    // The worst that any tolerance says; of equally bad ones the greater ratio. kUnknown where no
    // tolerance is for the traffic, or there is none. `request_rate` is of all protocols.
    [[nodiscard]] models::Health judge(const models::RatesByCode& rates, TrafficDirection direction)
        const;
    [[nodiscard]] models::Health judge(const models::RequestRates& rates) const;

 private:
    friend class HealthRules;
    struct State;
    explicit Tolerances(std::shared_ptr<const State> state) : state_(std::move(state)) {}
    std::shared_ptr<const State> state_;
};

class HealthRules {
 public:
    HealthRules();  // the built-in ones alone
    // `rates` in the order in which they are tried, before the built-in ones. kInvalidArgument
    // names the setting whose expression is bad.
    static Result<HealthRules> make(const std::vector<HealthRateSetting>& rates);

    // `annotation`: the object's health.kiali.io/rate, "" none. Its valid entries
    // ("code,degraded,failure,protocol,direction", ';' between) stand in place of the settings.
    [[nodiscard]] Tolerances of(
        std::string_view ns,
        std::string_view kind,
        std::string_view name,
        std::string_view annotation
    ) const;

 private:
    struct State;
    explicit HealthRules(std::shared_ptr<const State> state) : state_(std::move(state)) {}
    std::shared_ptr<const State> state_;
};

models::HealthStatus judge(const models::Replicas& replicas);

// Requests and replicas together: the worst. With requests that are not known nothing is healthy:
// what is not bad is kUnknown then.
models::Health merged(
    const models::Health& requests,
    bool requests_known,
    std::span<const models::HealthStatus> replicas
);

}  // namespace meshscope::business
