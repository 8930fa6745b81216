#pragma once

#include "demo/kubernetes/users.hpp"
#include "demo/net/http_message.hpp"

#include <string>
#include <string_view>

namespace meshscope::demo {

struct StatusDetails {
    std::string group;
    std::string kind;  // the plural, as Kubernetes has it
    std::string name;
    int retry_after_seconds = 0;  // 0: not said
    std::string cause;            // a reason, with the message once more; "" none
    std::string next;             // a token to go on with; "" none
};

// The JSON of a Status that says what failed.
std::string status_text(
    unsigned code, std::string_view reason, const std::string& message, const StatusDetails& details
);

HttpReply failure(
    unsigned code,
    std::string_view reason,
    const std::string& message,
    const StatusDetails& details = {}
);

HttpReply bad_request(const std::string& message);
HttpReply not_found(const std::string& qualified, std::string_view group, const std::string& name);
HttpReply forbidden(const User& user, const Attempt& attempt);

}  // namespace meshscope::demo
