#pragma once

#include "clients/http/fault.hpp"
#include "clients/http/url.hpp"

#include <string>
#include <string_view>
#include <variant>

namespace meshscope::clients {

// Where a Location leads from `target` on the origin of `base`: a target on the same origin, or a
// fault that names the other place without its query.
std::variant<std::string, Fault> follow(
    const Url& base, std::string_view target, std::string_view location
);

}  // namespace meshscope::clients
