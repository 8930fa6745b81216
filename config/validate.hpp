#pragma once

#include "config/config.hpp"
#include "config/findings.hpp"

namespace meshscope::config {

// What one key alone cannot tell: rules over several keys and over the shape of values. Run on a
// decoded configuration whose secrets are resolved; a rule about a key that already has an error is
// passed over.
void validate(const Config& config, Findings& findings);

}  // namespace meshscope::config
