#pragma once

#include "demo/kubernetes/live_cluster.hpp"
#include "demo/logs/container_log.hpp"
#include "demo/net/http_message.hpp"

#include <chrono>

namespace meshscope::demo {

// The log of a pod's container, with the parameters and the errors of the real one. `cluster` and
// `book` must outlive the reply, which may follow and then looks for news so often.
HttpReply pod_log(
    LiveCluster& cluster,
    LogBook& book,
    const ObjectPtr& pod,
    const HttpRequest& request,
    std::chrono::milliseconds look_every
);

}  // namespace meshscope::demo
