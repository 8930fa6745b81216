#pragma once

#include "async/awaitable.hpp"

#include <string>

namespace meshscope::server {

// A body whose pieces have to be waited for, such as server-sent events. A handler makes it, one
// session uses it on its thread. Nothing of it runs before the first next().
class LiveBody {
 public:
    virtual ~LiveBody() = default;

    // Appends the next piece (about 64 KiB at most) to `out` and returns true; false: the body is
    // complete, `out` may hold its last piece. Awaited when the client has taken what came before,
    // so a slow client is felt as calls that come late. May wait as long as it likes; is cancelled
    // (terminal) when the client leaves and when the server drains, and then returns soon.
    virtual Awaitable<bool> next(std::string& out) = 0;

    // Awaited once behind the last next(), however that ended: lets go of what the body holds. When
    // it has returned nothing of the body runs any more. May be cancelled meanwhile, which changes
    // nothing. A body of which no next() ran (it was refused, or only its head was sent) may be
    // destroyed without it.
    virtual Awaitable<> end() = 0;
};

}  // namespace meshscope::server
