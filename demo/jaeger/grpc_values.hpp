#pragma once

#include "demo/jaeger/span_query.hpp"

#include <cstdint>
#include <limits>
#include <string>

namespace meshscope::demo {

// Eight bytes, big-endian.
inline std::string bytes_of(std::uint64_t value) {
    std::string out(8, '\0');
    for (std::size_t i = 8; i-- > 0; value >>= 8U) {
        out[i] = static_cast<char>(value & 0xFFU);
    }
    return out;
}

// Of a protobuf Timestamp or Duration.
template <class Message>
std::int64_t nanos_of(const Message& message) {
    const std::int64_t whole = nanos_from(message.seconds(), 1'000'000'000);
    std::int64_t sum = 0;
    return __builtin_add_overflow(whole, std::int64_t{message.nanos()}, &sum) ? whole : sum;
}

// What the search parameters of both gRPC APIs have in common. Bounds that are not set mean none,
// as in the memory store.
template <class Parameters>
SpanQuery bounds_of(const Parameters& parameters) {
    SpanQuery query;
    query.service = parameters.service_name();
    query.operation = parameters.operation_name();
    query.start_ns = parameters.has_start_time_min() ? nanos_of(parameters.start_time_min())
                                                     : std::numeric_limits<std::int64_t>::min();
    query.end_ns = parameters.has_start_time_max() ? nanos_of(parameters.start_time_max())
                                                   : std::numeric_limits<std::int64_t>::max();
    if (parameters.has_duration_min()) {
        if (const std::int64_t shortest = nanos_of(parameters.duration_min()); shortest != 0) {
            query.min_duration_ns = shortest;
        }
    }
    if (parameters.has_duration_max()) {
        if (const std::int64_t longest = nanos_of(parameters.duration_max()); longest != 0) {
            query.max_duration_ns = longest;
        }
    }
    return query;
}

}  // namespace meshscope::demo
