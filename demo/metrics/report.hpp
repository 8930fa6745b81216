#pragma once

#include "core/clock.hpp"
#include "demo/mesh/events.hpp"
#include "demo/metrics/value_names.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace meshscope::demo {

// Which proxy has counted: the caller's or the callee's.
enum class Reporter : std::uint8_t { kSource, kDestination };

// What one proxy counts when a call has ended.
struct Report {
    SystemTime at;
    Reporter reporter = Reporter::kSource;
    WorkloadIndex caller = kOutside;
    WorkloadIndex callee = 0;
    bool arrived = true;  // false: the caller's proxy never learned who would serve
    int status = 200;
    std::string flags;
    std::int64_t duration_us = 0;
    std::int64_t request_bytes = 0;
    std::int64_t response_bytes = 0;

    // The series it is counted in, among all of one mesh.
    [[nodiscard]] std::string key() const;
};

// Those of all proxies on the way of a request, in no order.
std::vector<Report> reports_of(const Request& request, const Topology& topology);

Measured measured_by(const Report& report, const Topology& topology);

// Names and values as Istio gives them and the scrape adds them, sorted by name; none is empty.
using Labels = std::vector<std::pair<std::string, std::string>>;
Labels labels_of(const Report& report, const Topology& topology);

}  // namespace meshscope::demo
