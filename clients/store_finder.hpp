#pragma once

#include "async/awaitable.hpp"
#include "async/request_context.hpp"
#include "clients/store_target.hpp"
#include "core/result.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace meshscope::clients {

struct StoreFinding {
    std::string protocol;               // "grpc api_v3", "http v1", ...
    std::vector<std::string> services;  // ascending
    std::chrono::microseconds latency{0};
};

// Tries settings of a trace store that are not those in use, and leaves nothing behind: no state,
// no breaker, no connection. Usable from every thread. Billed as the store itself.
//
// Errors: those of TraceStore::services(), with cause and hint; kForbidden for an address that must
// not be called: link-local and metadata addresses, multicast, and loopback when the configured
// store is not on it, whether written or what the name resolves to.
class StoreFinder {
 public:
    virtual ~StoreFinder() = default;
    virtual Awaitable<Result<StoreFinding>> try_one(RequestContext context, StoreTarget target) = 0;
};

}  // namespace meshscope::clients
