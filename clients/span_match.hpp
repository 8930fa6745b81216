#pragma once

#include "clients/trace_store.hpp"

#include <string_view>

namespace meshscope::clients {

// Stores differ in what they match. kMay: false only when it is certain that the span fails. kMust:
// true only when it is certain that it passes; what rights are decided on.
enum class Strictness : std::uint8_t { kMay, kMust };

// Whether this one span passes all of `query` at once: service, operation, tags, durations, window.
// A tag is looked up in span tags, process tags and log fields, its value compared as text ("200"
// finds the number 200). Where stores differ:
//
//                                                     kMay     kMust
//   a span without a service, one is asked for        passes   fails
//   bytes, and floats that are no number              pass     fail
//   error=true, no plain word but a hint of failure   passes   fails
//   error=false, likewise                             passes   fails
//   span.status, scope.*, resource.* that are absent  pass     fail
//   the start of a span with warnings (the store may
//   have moved it) is outside the window              passes   fails
//
// Pure; linear in the span's tags.
[[nodiscard]] bool span_matches(
    const models::Trace& trace,
    const models::Span& span,
    const TraceQuery& query,
    Strictness strictness
);

}  // namespace meshscope::clients
