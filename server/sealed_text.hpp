#pragma once

#include "core/result.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace meshscope::server {

// Whether AES takes a key of that many bytes.
bool is_seal_key(std::string_view key);

// AES-GCM by the length of the key, without associated data: nonce (12 random bytes), ciphertext,
// tag (16). kInternal when the key or the system's random numbers cannot be used.
Result<std::string> seal_text(std::string_view key, std::string_view text);

// nullopt: too short, changed, or sealed with another key.
std::optional<std::string> open_text(std::string_view key, std::string_view sealed);

}  // namespace meshscope::server
