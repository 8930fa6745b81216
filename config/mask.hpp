#pragma once

#include <string>
#include <string_view>

namespace meshscope::config {

inline constexpr std::string_view kMasked = "xxx";

// The text with the user and password of every URL in it replaced by kMasked; also those of a
// "user:password@host" without a scheme, and of passwords that hold characters a URL should escape.
// So are values of query parameters whose names tell that they are secret (`?api_key=...`).
std::string mask_urls(std::string_view text);

}  // namespace meshscope::config
