#include "business/access.hpp"

#include <memory>
#include <string>
#include <utility>

namespace meshscope::business {

bool CallerAccess::sees_all(const Caller& caller) const { return caller.cluster_wide; }

bool CallerAccess::visible(const Caller& caller, std::string_view name_space) const {
    return caller.cluster_wide ||
           (!name_space.empty() && caller.visible && caller.visible->contains(name_space));
}

std::optional<Error> refuse_namespace(
    const Access& access, const Caller& caller, std::string_view name_space
) {
    if (access.visible(caller, name_space)) {
        return std::nullopt;
    }
    return not_accessible(name_space);
}

Error not_accessible(std::string_view name_space) {
    return {
        ErrorKind::kForbidden,
        "namespace '" + std::string(name_space) + "' is not accessible to you"
    };
}

Caller anonymous_caller() {
    auto credentials = std::make_shared<CallerCredentials>();
    credentials->server_account = true;
    credentials->key = std::string(64, '0');  // the same for everybody: so are the rights
    Caller caller;
    caller.name = "anonymous";
    caller.cluster_wide = true;
    caller.credentials = std::move(credentials);
    return caller;
}

}  // namespace meshscope::business
