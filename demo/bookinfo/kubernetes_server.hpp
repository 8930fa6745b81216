#pragma once

#include "core/result.hpp"
#include "demo/kubernetes/api.hpp"
#include "demo/net/faults.hpp"
#include "demo/net/http_endpoint.hpp"

#include <cstdint>
#include <mutex>
#include <string>

namespace meshscope::demo {

// The Kubernetes API on a port of its own, and how the control port puts it out of order.
// Thread-safe.
class KubernetesServer {
 public:
    KubernetesServer(LiveCluster& cluster, Counters& counters, const KubernetesOptions& options);

    Result<> speak_tls(const TlsFiles& files) { return endpoint_.speak_tls(files); }
    Result<> listen(const std::string& address, std::uint16_t port);
    [[nodiscard]] std::uint16_t port() const { return port_; }
    void close();

    // POST /kubernetes?state=off (port and connections closed), on, slow (every answer waits for
    // latency-ms=, 2000), expire (older resource versions are forgotten); ?crds=off|on; POST
    // /kubernetes/rollout?workload=NAME.
    HttpReply control(const HttpRequest& request);

 private:
    Result<> set_state(std::string_view state, std::int64_t latency_ms);

    LiveCluster& cluster_;
    KubernetesApi api_;
    Faults faults_;
    HttpEndpoint endpoint_;
    std::mutex mutex_;
    std::string address_;
    std::uint16_t port_ = 0;
    bool open_ = false;
};

}  // namespace meshscope::demo
