#pragma once

#include "config/config.hpp"
#include "core/result.hpp"
#include "server/server.hpp"

#include <memory>

namespace meshscope::app {

// The listener that serves console and API.
Result<server::ServerOptions> server_options(const config::Config& config);

// The listener of the server's own metrics; with TLS when the main one has it.
Result<server::ServerOptions> metrics_options(const config::Config& config);

}  // namespace meshscope::app
