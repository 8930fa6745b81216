#pragma once

#include "clients/kubernetes/connection.hpp"
#include "clients/kubernetes/kubernetes_cluster.hpp"
#include "config/config.hpp"
#include "core/clock.hpp"
#include "core/result.hpp"

#include <functional>
#include <optional>
#include <string>

namespace meshscope::app {

// Where a cluster may be found.
struct ClusterPlaces {
    std::optional<bool> enabled;  // false: none is looked for; true: there has to be one
    std::string kubeconfig;       // as configured; "" none
    std::string context;          // of it; "" its current one
    bool run_programs = false;    // that a kubeconfig names for credentials; false: it is refused
    std::string service_account;  // the folder with a pod's token and ca.crt
    std::function<std::optional<std::string>(const std::string& name)> environment;
};

// The first of: the configured kubeconfig, the pod this runs in, the environment's KUBECONFIG;
// never a file in somebody's home. nullopt: there is no cluster. kInvalidArgument names the file,
// or the setting, and what is wrong: a cluster that is named and cannot be used is never passed
// over.
Result<std::optional<clients::kubernetes::Connection>> find_cluster(
    const ClusterPlaces& places, const Clock& clock
);

// What the configuration says of the cluster; `connection` as found. kInvalidArgument: it is to be
// seen by namespace, and none is named.
Result<clients::kubernetes::KubernetesOptions> cluster_options(
    const config::Config& config, clients::kubernetes::Connection connection
);

}  // namespace meshscope::app
