#pragma once

#include "server/exchange.hpp"
#include "telemetry/span.hpp"

#include <cstdint>

namespace meshscope::server {

// The span of an answered request, without its times; attributes by OpenTelemetry's conventions for
// HTTP servers. Named by method and route pattern; holds the path, never the query, which may hold
// secrets. A status from 500 on is an error.
telemetry::SpanPtr server_span(const Exchange& exchange, unsigned status, std::uint64_t bytes);

}  // namespace meshscope::server
