#pragma once

#include "async/awaitable.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace meshscope::clients {

struct Resolved {
    boost::system::error_code error;
    std::vector<boost::asio::ip::tcp::endpoint> endpoints;
};

// Starts a look-up; `done` is called at most once, on the executor's thread, at any time later,
// even when nobody waits any more. Returns what asks it to hurry, or nothing.
using Lookup = std::function<std::function<void(
)>(Executor executor,
   const std::string& host,
   std::uint16_t port,
   std::function<void(Resolved)> done)>;

// getaddrinfo, on a thread that nobody waits for (lookup_threads.hpp).
Lookup system_lookup();

// Addresses need no look-up. When the caller is cancelled it returns at once with
// operation_aborted, however long the look-up hangs; its late answer is dropped.
Awaitable<Resolved> resolve(Lookup lookup, std::string host, std::uint16_t port);

}  // namespace meshscope::clients
