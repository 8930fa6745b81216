#pragma once

#include "async/request_context.hpp"
#include "core/clock.hpp"
#include "server/framing.hpp"
#include "server/http_types.hpp"
#include "server/router.hpp"

#include <optional>

namespace meshscope::server {

// The status of a request whose client left; in logs and metrics, never sent.
inline constexpr unsigned kClientGone = 499;

// One request on its way through the server. Reused for the next request of the connection, so that
// its strings keep their memory.
struct Exchange {
    Request request;
    HeadFacts facts;
    RequestContext context;
    SpanId caller_span;  // of the trace that the request continues; zero: it began here
    std::optional<bool> caller_sampled;  // what the caller decided
    const Route* route = nullptr;        // null: answered without a handler
    SteadyTime started{};
    bool cancelled = false;  // the handler was asked to stop; what it throws then is no news

    void reset();
};

}  // namespace meshscope::server
