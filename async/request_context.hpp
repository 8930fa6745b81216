#pragma once

#include "async/caller.hpp"
#include "core/deadline.hpp"
#include "core/ids.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

namespace meshscope {

// What one request cost an upstream: the `meta.upstream` of its answer.
struct UpstreamCost {
    std::uint64_t calls = 0;   // sent over the wire, retries included
    std::uint64_t joined = 0;  // calls of others in flight that this request shared
    std::uint64_t cached = 0;
    std::uint64_t bytes = 0;            // received bodies or messages
    std::chrono::microseconds time{0};  // waiting for the upstream, slots included
};

// Filled while a request runs; only ever touched on the request's own thread.
struct UpstreamBill {
    std::map<std::string, UpstreamCost, std::less<>> by_name;
    UpstreamCost& of(const std::string& name) { return by_name[name]; }
};

// W3C trace context of the request (https://www.w3.org/TR/trace-context/).
struct TraceContext {
    TraceId trace;
    SpanId span;  // our own span; what goes out in `traceparent`
    bool sampled = false;
    std::string state;  // tracestate, passed on as it came
};

enum class Priority : std::uint8_t { kInteractive, kBackground };

// Goes down every call that can wait. Copyable; the deadline only ever shrinks on the way down.
// Cancellation is not in here: it travels through Asio's cancellation slots of the awaiting
// coroutine.
struct RequestContext {
    Deadline deadline;
    Priority priority = Priority::kInteractive;
    Caller caller;
    std::string request_id;
    TraceContext trace;
    std::shared_ptr<UpstreamBill> bill = std::make_shared<UpstreamBill>();

    [[nodiscard]] RequestContext with_deadline(Deadline other) const {
        RequestContext copy = *this;
        copy.deadline = deadline.earlier(other);
        return copy;
    }
};

}  // namespace meshscope
