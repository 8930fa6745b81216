#pragma once

#include "async/caller.hpp"
#include "core/error.hpp"

#include <optional>

namespace meshscope::business {

// What a proxy may make the server say in its headers: names of printable ASCII without a blank at
// either end, at most 64 groups and 64 extra values, none that begins with "system:", nothing
// without a user. kUnauthenticated, nullopt when it is fine or nobody is impersonated.
std::optional<Error> refuse_impersonation(const CallerCredentials& credentials);

}  // namespace meshscope::business
