#pragma once

#include "async/request_context.hpp"
#include "business/logs.hpp"
#include "handlers/parts.hpp"
#include "server/http_types.hpp"
#include "server/live_body.hpp"

#include <memory>
#include <string>

namespace meshscope::handlers {

// Server-sent events of logs that are followed: `entry` (a line or a span), `source` (how a
// container stands, at first and when that changes), `lagged` (so many lines were left out before
// the next), `meta` once behind the entries that were there already, and again when spans cannot be
// looked for or can again. An entry behind which a reader
// can go on carries that point as its id; of several that are sent together the last. When the
// caller may not follow any more each source is said to be forbidden and the body ends.
std::shared_ptr<server::LiveBody> log_events(
    Parts parts,
    RequestContext context,
    server::Request request,  // a copy: the gate is asked with it
    business::Followed followed,
    std::string ns
);

}  // namespace meshscope::handlers
