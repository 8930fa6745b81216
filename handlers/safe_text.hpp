#pragma once

#include "business/masking.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace meshscope::handlers {

// The text of an error or a warning as it may leave the server: a backend's own words can hold the
// address of its storage with a password in it, or a token in a query.
std::string safe_text(std::string_view text);

// The masker that knows the configured names; until it is given, the built-in ones are hidden.
// Given once for the process, when its routes are made; thread-safe.
void use_for_safe_text(std::shared_ptr<const business::Masker> masker);

}  // namespace meshscope::handlers
