#pragma once

#include "models/trace.hpp"

#include <string_view>
#include <vector>

namespace meshscope::clients::jaeger {

// Reads an array of tags where it is written as Jaeger itself writes it: no white space, fields in
// the order key, type, value, types string, int64 and bool, no escapes. `rest` begins at the array
// and goes to the end of a document that simdjson has indexed (sound UTF-8, no control characters)
// with its padding behind it.
//
// Most bytes of an answer are such tags and this is twice as fast as walking them field by field.
// False at the first thing that looks different: `out` is then of no use and the array must be
// walked.
[[nodiscard]] bool read_plain_tags(std::string_view rest, std::vector<models::Tag>& out);

}  // namespace meshscope::clients::jaeger
