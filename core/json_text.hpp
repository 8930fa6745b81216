#pragma once

#include <cstddef>
#include <string_view>

namespace meshscope {

// The characters of a JSON string, by the rules of JsonWriter, written straight into memory.

// What write_json_text() may need for so many bytes.
constexpr std::size_t json_text_bound(std::size_t bytes) { return 6 * bytes + 16; }

// Writes all of `text` and returns the end; up to 16 bytes behind that may be overwritten.
char* write_json_text(char* to, std::string_view text);

// Takes what `text` begins with, which must not be a byte that stands for itself: one character or
// one bad byte. At most 6 bytes; the end of them.
char* write_special(char* to, std::string_view& text);

}  // namespace meshscope
