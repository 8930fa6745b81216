#pragma once

#include <cstdint>

namespace meshscope::bench {

// What Beast and coroutines cost alone: reads a request, answers "ok". One io_context a thread, a
// listening socket (SO_REUSEPORT) each. Runs until it is ended.
[[noreturn]] void run_bare_server(std::uint16_t port, unsigned threads);

}  // namespace meshscope::bench
