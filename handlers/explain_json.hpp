#pragma once

#include "business/explain.hpp"
#include "core/json_writer.hpp"

namespace meshscope::handlers {

// The members `verdict`, `ladder`, `tried` and `calls` of an open object. Texts of upstreams go
// through the masker.
void write_explanation(JsonWriter& json, const business::ExplainAnswer& answer);

}  // namespace meshscope::handlers
