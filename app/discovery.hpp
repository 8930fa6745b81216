#pragma once

#include "business/discovery.hpp"
#include "config/config.hpp"

namespace meshscope::app {

// deployment.discovery_selectors: the list for the home cluster's name where overrides has one,
// else the default one.
business::Discovery discovery(const config::Config& config);

}  // namespace meshscope::app
