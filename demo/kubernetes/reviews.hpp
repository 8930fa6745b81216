#pragma once

#include "core/clock.hpp"
#include "demo/kubernetes/users.hpp"
#include "demo/net/http_message.hpp"

#include <string>
#include <string_view>

namespace meshscope::demo {

// Whether reviews of that kind are answered.
bool is_review(std::string_view group, std::string_view plural);

// The answer to a review of that kind that `user` has posted; `user` may create such.
HttpReply review(
    std::string_view plural,
    const std::string& body,
    const User& user,
    const Users& users,
    SystemTime now
);

}  // namespace meshscope::demo
