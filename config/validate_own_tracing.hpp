#pragma once

#include "config/findings.hpp"
#include "config/server_settings.hpp"

namespace meshscope::config {

// The part of validate() about server.observability.tracing; called when it is enabled.
void validate_own_tracing(const OwnTracing& own, Findings& findings);

}  // namespace meshscope::config
