#pragma once

#include "core/clock.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace meshscope::business {

// What a token says about itself; nothing of it is verified here, Kubernetes does that. A token
// that is no JWT says nothing.

// `sub` as a person is named by it (display_name), else "token".
std::string name_in_token(std::string_view token);

// The time in `exp`; nullopt when there is none.
std::optional<SystemTime> expiry_in_token(std::string_view token);

// A user name of Kubernetes without "system:serviceaccount:", at most 256 bytes; "" when one of
// them is not printable ASCII.
std::string display_name(std::string_view user);

}  // namespace meshscope::business
