#pragma once

#include "config/config.hpp"
#include "core/error.hpp"
#include "server/router.hpp"
#include "telemetry/logger.hpp"

#include <optional>
#include <string>

namespace meshscope::app {

// Where a built console is: meshscope.console_root, else the first folder `console`, or
// `share/meshscope/console`, with an index.html beside the program (`program` is its path) or up to
// two folders above it; "" when there is none.
std::string find_console(const config::Config& config, const std::string& program);

// Adds the pages to the router. Without a console there are none, which is logged; an error is one
// of a folder that was named in the configuration or that cannot be used.
std::optional<Error> add_console(
    server::Router& router, const config::Config& config, telemetry::Logger& logger
);

}  // namespace meshscope::app
