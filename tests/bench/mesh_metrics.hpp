#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace meshscope::bench {

// A counter that grows by `each` with every sample, from 0.
struct GrowingSeries {
    std::vector<std::pair<std::string, std::string>> labels;  // with __name__, ascending by name
    double each = 0;
};

// What the proxies of a mesh report, both sides of each call, by response code: durations of the
// workloads of the bench's traces, with `all` also bytes and requests.
std::vector<GrowingSeries> trace_metrics(bool all);

// Requests of the workloads in the first namespaces of the bench's cluster (api_objects.hpp), each
// called by two others: what health is made of.
std::vector<GrowingSeries> cluster_metrics(std::size_t namespaces);

}  // namespace meshscope::bench
