#pragma once

#include "async/request_context.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace meshscope::server {

// The W3C `traceparent` field (https://www.w3.org/TR/trace-context/), read strictly: lower-case
// hex, no zero ids, version not "ff", version 00 exactly 55 characters, later versions may bring
// more after a '-'. `span` of the answer is the caller's span. nullopt when malformed: a new trace
// starts then.
std::optional<TraceContext> parse_traceparent(std::string_view text);

// "00-{trace}-{span}-{flags}".
std::string format_traceparent(const TraceContext& context);

// `tracestate` as it may be passed on: nullopt when it has more than 32 members, is longer than 4
// KiB or holds other than printable ASCII. Its members are not understood here and stay as they
// are.
std::optional<std::string_view> checked_tracestate(std::string_view text);

}  // namespace meshscope::server
