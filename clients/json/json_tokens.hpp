#pragma once

#include "models/storage.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace meshscope::clients {

// Readers for single JSON tokens: text as it stands in a validated document, white space at its end
// allowed. A string token includes its quotes.

struct TokenText {
    std::string_view text;
    bool verbatim = false;  // a slice of the document, free of escapes
};

[[nodiscard]] bool is_string(std::string_view token);

// The text of a string token: a slice of the document where that is possible, else unescaped into
// `storage` (lone surrogates become U+FFFD). Of any other token its characters; of null nothing.
[[nodiscard]] TokenText text_of(std::string_view token, models::Storage& storage);
[[nodiscard]] std::string copy_of(std::string_view token);

// Numbers stand bare or in quotes. Integers: a fraction of zero is allowed ("200.0"); nullopt out
// of range.
[[nodiscard]] std::optional<std::int64_t> integer_of(std::string_view token);
// "NaN", "Infinity" and "-Infinity" count; nullopt out of range.
[[nodiscard]] std::optional<double> number_of(std::string_view token);
// true, false, bare or in quotes of any case.
[[nodiscard]] std::optional<bool> boolean_of(std::string_view token);

// Bytes that are no UTF-8 become U+FFFD, control characters a space.
[[nodiscard]] std::string clean_json_text(std::string_view text);

// What can be printed of the first 80 bytes, for errors.
[[nodiscard]] std::string first_printable(std::string_view text);

}  // namespace meshscope::clients
