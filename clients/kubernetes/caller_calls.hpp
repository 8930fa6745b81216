#pragma once

#include "async/governor.hpp"
#include "clients/cluster.hpp"
#include "clients/kubernetes/api_client.hpp"

#include <chrono>
#include <memory>
#include <string>

namespace meshscope::clients::kubernetes {

// The calls of Cluster that act for a caller, each on the caller's thread. All but logs take a slot
// of the governor; equal ones are joined among equal credentials only. Usable from every thread.
class CallerCalls {
 public:
    // `governor` outlives this. `timeout`: of one call that is no log.
    CallerCalls(ApiClient api, Governor& governor, std::chrono::milliseconds timeout);

    Awaitable<Result<models::Pod>> pod(RequestContext context, std::string ns, std::string name)
        const;
    Awaitable<Result<LogEnd>> read_log(
        RequestContext context, LogQuery query, std::shared_ptr<LogSink> sink
    ) const;
    Awaitable<Result<TokenOwner>> review_token(RequestContext context, std::string token) const;
    Awaitable<Result<AccessAnswer>> may_i(RequestContext context, AccessQuestion question) const;
    Awaitable<Result<AccessRules>> my_rules(RequestContext context, std::string ns) const;

 private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace meshscope::clients::kubernetes
