#pragma once

#include "clients/cluster.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace meshscope::contract {

// What goes wrong between the cluster and its API.
enum class ClusterTrouble {
    kRefused,  // nobody listens
    kSilent,   // connects, then nothing for longer than a call may take
};

// One implementation of Cluster and the thing behind it. All hold the same: namespaces bookinfo and
// travel-agency; in bookinfo a service details and a Deployment details-v1 of one pod with the
// containers details and istio-proxy, of which the first has written some lines and never was
// restarted. Tokens: demo-server-token (reads everything), demo-a-token (user demo-a, reads
// bookinfo), demo-b-token (travel-agency), demo-nobody-token (no rights).
class ClusterBackend {
 public:
    virtual ~ClusterBackend() = default;
    virtual clients::Cluster& cluster() = 0;  // synced
    [[nodiscard]] virtual SystemTime now() const = 0;
    virtual void roll_out() = 0;     // another pod takes the place of details-v1's
    virtual void write_lines() = 0;  // more comes in the log of the container details
    virtual void suffer(ClusterTrouble trouble) = 0;
};

struct ClusterImplementation {
    std::string name;
    std::function<std::unique_ptr<ClusterBackend>()> make;
};

// The fake that the rooms above are tested with, and the real one over the simulated API.
std::vector<ClusterImplementation> cluster_implementations();

std::unique_ptr<ClusterBackend> make_fake_cluster_backend();
std::unique_ptr<ClusterBackend> make_kubernetes_backend();

}  // namespace meshscope::contract
