#pragma once

#include "server/server.hpp"
#include "telemetry/logger.hpp"

#include <cstddef>

namespace meshscope::app {

// Raises the process's bound of open files as far as it may go; returns it.
std::size_t raise_descriptor_limit();

// So many connections leave enough of `descriptors` for upstreams, files and logs: all but 256, or
// half of them when there are few. At least one.
std::size_t connections_within(std::size_t descriptors);

// Lowers max_connections to what the process may open, and logs that; so that whoever is one too
// many gets an answer, and calls to upstreams find a descriptor.
void bound_connections(server::Limits& limits, telemetry::Logger& logger);

}  // namespace meshscope::app
