#pragma once

#include "async/awaitable.hpp"
#include "clients/cluster.hpp"
#include "clients/kubernetes/api_client.hpp"
#include "clients/kubernetes/api_fault.hpp"

#include <memory>
#include <string>

namespace meshscope::clients::kubernetes {

// The request for a log: always with time stamps; with a bound of bytes unless it is followed.
[[nodiscard]] std::string log_target(const LogQuery& query);

// What a refusal of a log means: kConflict with the code "no_logs_yet" or "no_previous",
// kInvalidArgument for a container that is not there (the API server's words list those that are),
// else as error_of().
[[nodiscard]] Error log_error(const ApiFault& fault, const LogQuery& query);

// Cluster::read_log over the API, without bounds on how many run at once.
Awaitable<Result<LogEnd>> read_pod_log(
    const ApiClient& api, RequestContext context, LogQuery query, std::shared_ptr<LogSink> sink
);

}  // namespace meshscope::clients::kubernetes
