#pragma once

#include "demo/spans/span_record.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace meshscope::demo {

// Every condition that is set must hold on one and the same span.
struct SpanQuery {
    std::string service;    // "": any
    std::string operation;  // "": any
    std::vector<std::pair<std::string, std::string>> tags;
    std::int64_t start_ns = 0;  // earliest span start, inclusive
    std::int64_t end_ns = 0;    // latest span start, inclusive
    std::optional<std::int64_t> min_duration_ns;
    std::optional<std::int64_t> max_duration_ns;
    // error=false finds what has no error; releases up to 2.20 find an explicit Ok only.
    bool false_is_complement = false;
    // Up to 2.16: by an error of any value an explicit Ok is found, and by a kind nothing.
    bool misreads_fields = false;
};

// As the memory store compares: tags by their text, looked up in the span, its events and links,
// scope and resource; `error`, `span.kind`, `scope.*` and `resource.*` name fields.
bool matches(const TraceRecord& trace, const SpanRecord& span, const SpanQuery& query);

// Microseconds and seconds as nanoseconds; what does not fit becomes the nearest that does.
std::int64_t nanos_from(std::int64_t amount, std::int64_t unit_ns);

}  // namespace meshscope::demo
