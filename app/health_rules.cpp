#include "app/health_rules.hpp"

#include <vector>

namespace meshscope::app {

Result<business::HealthRules> health_rules(const config::Config& config) {
    std::vector<business::HealthRateSetting> rates;
    for (const config::HealthRate& rate : config.health_config.rate) {
        rates.push_back({rate.namespace_, rate.kind, rate.name, {}});
        for (const config::Tolerance& one : rate.tolerance) {
            rates.back().tolerance.push_back(
                {one.code, one.protocol, one.direction, one.degraded, one.failure}
            );
        }
    }
    return business::HealthRules::make(rates);
}

}  // namespace meshscope::app
