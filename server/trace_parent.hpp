#pragma once

#include "async/request_context.hpp"

#include <cstddef>
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

inline constexpr std::size_t kMaxTraceStateBytes = 512;

// `tracestate` as it may be passed on, whole and unchanged: nullopt when it is longer than 512
// bytes, has more than 32 members, a key twice, or a member that is not "key=value" in printable
// ASCII. What the members mean is not known here.
std::optional<std::string_view> checked_tracestate(std::string_view text);

}  // namespace meshscope::server
