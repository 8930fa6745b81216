#pragma once

#include "tests/bench/traces.hpp"

#include <string>
#include <vector>

namespace meshscope::bench {

// The same traces as OpenTelemetry writes them: a resource for each process, names and values as
// Envoy's tags have them, the kind native.

// The body of Jaeger's GET /api/v3/traces.
std::string to_otlp_json(const std::vector<BenchTrace>& traces);
// The messages of api_v3's FindTraces, serialized: one for each trace.
std::vector<std::string> to_otlp_messages(const std::vector<BenchTrace>& traces);

}  // namespace meshscope::bench
