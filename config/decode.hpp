#pragma once

#include "config/config.hpp"
#include "config/findings.hpp"
#include "config/yaml_tree.hpp"

namespace meshscope::config {

// Writes what the document says over the defaults in `config`. A key of a wrong type keeps its
// default and is an error; unknown keys are one warning. The document must be a map.
void decode(const YamlNode& document, Config& config, Findings& findings);

}  // namespace meshscope::config
