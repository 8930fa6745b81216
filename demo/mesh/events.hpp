#pragma once

#include "core/clock.hpp"
#include "core/ids.hpp"
#include "demo/mesh/topology.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace meshscope::demo {

inline constexpr std::uint32_t kNoCall = std::numeric_limits<std::uint32_t>::max();

// One HTTP call between two workloads: who called whom, when, how long, with what outcome. Spans,
// access log lines and metrics are all renderings of this; nothing here knows how any of them
// looks.
struct Call {
    std::uint32_t parent =
        kNoCall;  // the call during which the caller made this one; earlier in the list
    WorkloadIndex caller = kOutside;
    WorkloadIndex callee = 0;
    std::string method = "GET";
    std::string path;
    std::int64_t start_us = 0;     // when the caller sends, from the start of the request
    std::int64_t duration_us = 0;  // as the caller sees it
    std::int64_t inbound_us = 0;   // from the caller's send to the callee's arrival
    std::int64_t served_us = 0;    // arrival to last byte, as the callee sees it
    int status = 200;
    std::string client_flags = "-";  // Envoy response flags at the caller's proxy
    std::string server_flags = "-";  // and at the callee's
    std::int64_t request_bytes = 0;
    std::int64_t response_bytes = 0;
    bool arrived = true;              // false: no healthy callee took it
    bool client_report_lost = false;  // the caller's report never reached the tracing backend
    bool server_report_lost = false;  // nor the callee's
    std::string failure;  // why it failed, in the words of an application; empty when it did not
};

// One request of a client outside and all the calls it caused.
struct Request {
    TraceId trace;
    std::string request_id;  // a UUID, as Envoy makes it
    std::string user_agent;
    SystemTime start;
    bool sampled = true;      // false: nothing of it gets to the tracing backend
    std::vector<Call> calls;  // never empty; calls[0] comes from outside

    [[nodiscard]] SystemTime end() const;
};

}  // namespace meshscope::demo
