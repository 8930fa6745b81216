#pragma once

#include "business/status.hpp"
#include "config/external_services.hpp"

#include <vector>

namespace meshscope::app {

// The components of the mesh that the configuration names; those without a label are left out.
std::vector<business::WantedComponent> wanted_components(const config::Istio& istio);

}  // namespace meshscope::app
