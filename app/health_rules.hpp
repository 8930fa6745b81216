#pragma once

#include "business/health_rules.hpp"
#include "config/config.hpp"

namespace meshscope::app {

// What the configuration tolerates, for all who judge health. kInvalidArgument names the key of
// health_config whose regular expression is bad.
Result<business::HealthRules> health_rules(const config::Config& config);

}  // namespace meshscope::app
