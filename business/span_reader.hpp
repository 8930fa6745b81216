#pragma once

#include "business/attributes.hpp"
#include "models/trace.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace meshscope::business {

// Reads the attributes of one span after the other. Processes that were read lately are kept; how
// many is bounded, since a trace may have as many processes as spans.
class SpanReader {
 public:
    // The trace must outlive the reader.
    explicit SpanReader(const models::Trace& trace);

    // Valid until the next call.
    Attributes read(std::size_t span);

 private:
    struct Slot {
        std::uint32_t process = kUnread;
        AttributeSet attributes;
    };
    static constexpr std::uint32_t kUnread = 0xFFFFFFFF;

    const models::Trace& trace_;
    std::vector<Slot> slots_;  // of a process: the one at its index modulo their number
    AttributeSet span_;
};

}  // namespace meshscope::business
