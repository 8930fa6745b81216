#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace meshscope {

std::string_view trim(std::string_view text);  // ASCII white space at both ends
std::vector<std::string_view> split(std::string_view text, char separator);  // keeps empty parts
std::string to_lower(std::string_view text);                                 // ASCII only
bool iequals(std::string_view a, std::string_view b);                        // ASCII only
bool is_valid_utf8(std::string_view text);
std::string to_valid_utf8(std::string_view text);  // bad bytes become U+FFFD

// RFC 4648 with padding. decode accepts the standard and the URL alphabet, padded or not.
std::string base64_encode(std::string_view bytes);
std::optional<std::string> base64_decode(std::string_view text);

// Percent-encodes everything but unreserved characters (RFC 3986).
std::string percent_encode(std::string_view text);
// nullopt when a '%' is not followed by two hex digits. plus_is_space for query strings.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space);

// The candidate with the smallest edit distance (a swap of neighbours counts one), if that is at
// most a third of the word's length (at least 1); empty when none is near. Ties go to the first.
std::string_view nearest(std::string_view word, std::span<const std::string> candidates);

// DNS-1123 subdomain (RFC 1123, at most 253 characters); a leading "*." is allowed when wildcard.
bool is_dns_name(std::string_view text, bool wildcard = false);

std::string to_hex(std::string_view bytes);  // lower case

}  // namespace meshscope
