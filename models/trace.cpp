#include "models/trace.hpp"

#include <algorithm>
#include <limits>

namespace meshscope::models {

std::int64_t nanos_between(std::int64_t from, std::int64_t to) {
    std::int64_t difference = 0;
    if (!__builtin_sub_overflow(to, from, &difference)) {
        return difference;
    }
    return to < from ? std::numeric_limits<std::int64_t>::min()
                     : std::numeric_limits<std::int64_t>::max();
}

std::int64_t Trace::end_ns() const {
    std::int64_t end = std::numeric_limits<std::int64_t>::min();
    for (const Span& span : spans) {
        const bool overflow =
            span.start_ns > std::numeric_limits<std::int64_t>::max() - span.duration_ns;
        end = std::max(
            end,
            overflow ? std::numeric_limits<std::int64_t>::max() : span.start_ns + span.duration_ns
        );
    }
    return end;
}

std::size_t Trace::memory_bytes() const {
    std::size_t bytes = sizeof(Trace) + spans.capacity() * sizeof(Span) +
                        processes.capacity() * sizeof(Process) +
                        warnings.capacity() * sizeof(std::string);
    for (const std::string& warning : warnings) {
        bytes += warning.capacity();
    }
    return bytes + (storage ? storage->memory_bytes() : 0);
}

}  // namespace meshscope::models
