#pragma once

#include "async/awaitable.hpp"
#include "clients/http/fault.hpp"
#include "clients/http/http_client.hpp"
#include "clients/http/response_reader.hpp"
#include "clients/http/transport.hpp"

#include <chrono>
#include <optional>

namespace meshscope::clients {

// Both feed `reader` from `transport` until the header, or all, has come. A cancelled call, a lost
// connection and the like end the reader; a fault is what reader.feed() and reader.end() give.
Awaitable<std::optional<Fault>> read_header(Transport& transport, ResponseReader& reader);
// Pieces of a body that is streamed go to `sink`, which may be null when none can be. A body that
// does not come for `silence` (0: ever) is cut.
Awaitable<std::optional<Fault>> read_body(
    Transport& transport, ResponseReader& reader, BodySink* sink, std::chrono::milliseconds silence
);

}  // namespace meshscope::clients
