#pragma once

#include "business/graphs.hpp"
#include "business/mesh.hpp"
#include "tests/support/fake_access.hpp"
#include "tests/support/fake_cluster.hpp"
#include "tests/support/fake_metric_store.hpp"
#include "tests/support/manual_clock.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace meshscope::test {

// One end of a request as Istio's labels tell it; everything in the cluster "Kubernetes".
struct TrafficEnd {
    std::string ns;
    std::string workload;
    std::string app;
    std::string version = "v1";
    std::string cluster = "Kubernetes";
};

// A row of traffic: labels as Istio sets them, to be changed by a test.
MetricRow traffic_row(
    const TrafficEnd& source,
    const TrafficEnd& target,
    const std::string& service,  // of the target's namespace
    double rate
);
MetricRow http_row(
    const TrafficEnd& source,
    const TrafficEnd& target,
    const std::string& service,
    double rate,
    const std::string& code = "200",
    const std::string& flags = "-"
);
MetricRow grpc_row(
    const TrafficEnd& source,
    const TrafficEnd& target,
    const std::string& service,
    double rate,
    const std::string& status,
    const std::string& http = "200"
);
MetricRow tcp_row(
    const TrafficEnd& source, const TrafficEnd& target, const std::string& service, double rate
);
// A copy with other labels; "" takes one away.
MetricRow with(MetricRow row, const std::map<std::string, std::string>& labels);

inline const TrafficEnd kNobody{"unknown", "unknown", "unknown", "unknown", "unknown"};

// Parts of the questions of a graph of namespaces, for answers of the store.
inline const std::string kIncoming = R"(istio_requests_total{reporter=~"destination|waypoint",d)";
inline const std::string kOutgoing = R"(istio_requests_total{reporter=~"source|waypoint",s)";
inline const std::string kUnreached = R"(istio_requests_total{reporter=~"source|waypoint",d)";
inline const std::string kTcpIncoming =
    R"(istio_tcp_received_bytes_total{reporter=~"destination|waypoint",d)";

// The use case over a store and a cluster in memory.
class TrafficFixture {
 public:
    FakeMetricStore store;
    ManualClock clock;
    FakeCluster cluster{&clock};
    bool has_cluster = true;
    std::shared_ptr<business::Access> access = std::make_shared<business::CallerAccess>();
    business::Discovery discovery{{}};
    std::vector<std::shared_ptr<const business::GraphAppender>> appenders;
    business::GraphRequest request;

    explicit TrafficFixture(std::vector<std::string> namespaces = {"shop"});

    Result<std::shared_ptr<const business::GraphWork>> ask();
    std::shared_ptr<const business::GraphWork> graph();  // fails the test on an error
    // Its nodes and edges as texts, ascending: see traffic_fixture.cpp.
    std::vector<std::string> nodes();
    std::vector<std::string> edges();
};

std::vector<std::string> node_texts(const business::GraphWork& work);
std::vector<std::string> edge_texts(const business::GraphWork& work);

}  // namespace meshscope::test
