#pragma once

#include "demo/jaeger/release.hpp"
#include "demo/net/counters.hpp"
#include "demo/net/faults.hpp"
#include "demo/net/http_message.hpp"

namespace meshscope::demo {

// How tests and the demo's runner look behind the scenes: GET /counts, POST /reset,
// POST /jaeger-version?version=NAME&api-v3=on|off (on when left out), POST
// /faults?latency-ms=&stall-after-chunks=&stall-after-bytes=&cut-after-chunks=&cut-after-bytes=
// (those given are set).
HttpReply control(
    const HttpRequest& request, Counters& counters, Faults& faults, RunningRelease& release
);

}  // namespace meshscope::demo
