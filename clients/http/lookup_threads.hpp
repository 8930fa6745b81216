#pragma once

#include "clients/http/resolve.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace meshscope::clients {

// Called on any thread, several at a time; may take minutes.
using BlockingLookup = std::function<Resolved(const std::string& host, std::uint16_t port)>;

// Look-ups on a few threads of the process that nobody waits for: one that hangs holds up neither
// other look-ups, nor the end of its io_context, nor that of the process. What is found for an
// io_context that is gone is dropped.
Lookup threaded_lookup(BlockingLookup blocking);

}  // namespace meshscope::clients
