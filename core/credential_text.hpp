#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace meshscope {

// The bytes [from, to) of a text.
struct TextRange {
    std::size_t from = 0;
    std::size_t to = 0;
};

// The next credential of an Authorization value in free text, at `from` or later: what stands
// behind "Bearer ", and behind "Basic " where "authorization" stands before that; without case. A
// word of prose ("bearer token is missing", "Bearer realm=...") is none. Linear in the text.
std::optional<TextRange> find_credential(std::string_view text, std::size_t from = 0);

// The text with `mask` for each of them.
std::string mask_credentials(std::string_view text, std::string_view mask);

}  // namespace meshscope
