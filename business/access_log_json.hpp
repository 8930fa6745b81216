#pragma once

#include "models/log_line.hpp"

#include <string>
#include <string_view>

namespace meshscope::business {

// Reads an access log line that is a JSON object with the names that Envoy's and Istio's formats
// have; members of other names and nested values are passed over. Values are views of `message` or,
// where they hold escapes, of `store`, which is reserved once and must be empty. False: no JSON
// object, or not an access log. Linear; the nesting is bounded.
bool read_access_json(std::string_view message, std::string& store, models::AccessLine& out);

}  // namespace meshscope::business
