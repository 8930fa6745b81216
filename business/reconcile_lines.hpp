#pragma once

#include "async/awaitable.hpp"
#include "async/request_context.hpp"
#include "business/reconcile.hpp"
#include "core/clock.hpp"
#include "core/result.hpp"

#include <vector>

namespace meshscope::business {

struct CountedLines {
    std::vector<LineCounts> edges;  // by edge of the book
    bool complete = true;           // every line of the window was read
};

// The access lines of the workload's proxies about requests that ended in the window, by edge; new
// edges may come into the book. Errors as Logs::timeline, with the caller's rights to pods' logs.
Awaitable<Result<CountedLines>> count_lines(
    const Logs& logs, RequestContext context, TimeRange window, EdgeBook& book
);

}  // namespace meshscope::business
