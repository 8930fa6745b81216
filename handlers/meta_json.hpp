#pragma once

#include "business/meta.hpp"
#include "core/json_writer.hpp"

#include <cstddef>
#include <string>

namespace meshscope::handlers {

inline constexpr std::string_view kMetaHeader = "Meshscope-Meta";
inline constexpr std::size_t kMaxMetaHeader = 4096;  // bytes

// `meta` as a JSON value: the last member of object bodies.
void write_meta(JsonWriter& json, const business::Meta& meta);

// The same for a header: ASCII, at most kMaxMetaHeader bytes. Where it would be longer, the longest
// lists lose entries from their end; `cut` says how many: {"warnings":3}.
std::string meta_header(const business::Meta& meta);

}  // namespace meshscope::handlers
