#pragma once

#include "config/load.hpp"
#include "core/result.hpp"

#include <string>

namespace meshscope::app {

// Writes the support bundle of that configuration, and of the server that runs with it if there is
// one, to the file (readable by its owner only), or to standard output when it is "-". Gives why
// no server has added to it, "" when one has; the error says why nothing could be written.
Result<std::string> write_support_bundle(const config::Loaded& loaded, const std::string& file);

}  // namespace meshscope::app
