#pragma once

#include "async/awaitable.hpp"
#include "async/request_context.hpp"
#include "clients/metric_store.hpp"

#include <memory>

namespace meshscope::clients::prometheus {

struct StoreCore;

// One look at the store, in a slot of the governor: is it there (its health page, and where that is
// unknown, a query without data). The first time, after an outage, and now and then also a query,
// which shows whether the credentials are taken, and what it is: product and version, how long it
// keeps samples, how often it takes them. Updates the core's state and returns it.
Awaitable<MetricStoreState> look_at(std::shared_ptr<StoreCore> core, RequestContext context);

}  // namespace meshscope::clients::prometheus
