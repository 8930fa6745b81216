#pragma once

#include "business/masking.hpp"
#include "business/trace_summary.hpp"
#include "core/json_writer.hpp"

namespace meshscope::handlers {

// A trace in a line of a list.
void write_summary(
    JsonWriter& json, const business::TraceSummary& trace, const business::Masker& masker
);

}  // namespace meshscope::handlers
