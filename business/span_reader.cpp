#include "business/span_reader.hpp"

#include <algorithm>

namespace meshscope::business {

namespace {

constexpr std::size_t kProcessesKept = 256;  // about 240 KiB

}  // namespace

SpanReader::SpanReader(const models::Trace& trace)
    : trace_(trace), slots_(std::min(trace.processes.size(), kProcessesKept)) {}

Attributes SpanReader::read(std::size_t span) {
    const std::uint32_t process = trace_.spans[span].process;
    Slot& slot = slots_[process % slots_.size()];
    if (slot.process != process) {
        slot.attributes.read(trace_.processes[process].tags);
        slot.process = process;
    }
    span_.read(trace_.spans[span].tags);
    return {span_, slot.attributes};
}

}  // namespace meshscope::business
