#pragma once

#include "core/clock.hpp"
#include "demo/mesh/events.hpp"
#include "demo/metrics/value_names.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace meshscope::demo {

// Which proxy has counted.
enum class Reporter : std::uint8_t { kSource, kDestination, kWaypoint };

// Where a call was sent to, as the caller names it.
struct Target {
    std::string host;     // "details.bookinfo.svc.cluster.local"
    std::string service;  // "details"
    std::string ns;       // of the service
};

Target target_of(const Workload& workload);

// What is counted of its requests.
Measured requests_of(const Workload& workload);

// What one proxy counts when a call or a connection has ended.
struct Report {
    SystemTime at;
    Measured measured = Measured::kRequests;
    Reporter reporter = Reporter::kSource;
    WorkloadIndex writer = 0;         // the pod that is scraped
    WorkloadIndex caller = kOutside;  // kOutside: the proxy does not know who
    WorkloadIndex callee = kOutside;
    Target target;
    std::string protocol = "http";
    int status = 200;
    int grpc_status = -1;  // of gRPC only
    std::string flags = "-";
    bool encrypted = true;

    std::int64_t duration_us = 0;
    std::int64_t request_bytes = 0;   // of a connection: what the caller has sent
    std::int64_t response_bytes = 0;  // and what came back
    std::int64_t request_messages = 0;
    std::int64_t response_messages = 0;

    // The series it is counted in, among all of one mesh.
    [[nodiscard]] std::string key() const;
};

// Those of all proxies on the way of a request, in no order.
std::vector<Report> reports_of(const Request& request, const Topology& topology);

// Names and values as Istio gives them and the scrape adds them, sorted by name; none is empty.
using Labels = std::vector<std::pair<std::string, std::string>>;
Labels labels_of(const Report& report, const Topology& topology);

}  // namespace meshscope::demo
