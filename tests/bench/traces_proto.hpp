#pragma once

#include "jaeger/api_v2/query.pb.h"
#include "tests/bench/traces.hpp"

#include <vector>

namespace meshscope::bench {

// The messages of Jaeger's FindTraces, 100 spans in each.
std::vector<jaeger::api_v2::SpansResponseChunk> to_chunks(const std::vector<BenchTrace>& traces);

}  // namespace meshscope::bench
