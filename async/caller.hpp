#pragma once

#include "core/clock.hpp"

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace meshscope {

// What calls to Kubernetes are made with on behalf of a caller. Never printed, logged or put into
// an error. Immutable once shared.
struct CallerCredentials {
    // True: the server's own account acts (strategy anonymous, where callers have no rights of
    // their own); token and impersonation are then empty. False with an empty token is a bug: such
    // calls fail with kUnauthenticated and are never made with the server's own account.
    bool server_account = false;
    std::string token;
    // Strategy header only, already checked: printable, no line breaks, no "system:masters".
    std::string impersonate_user;
    std::vector<std::string> impersonate_groups;
    std::vector<std::pair<std::string, std::string>> impersonate_extra;
    // 64 hex digits, a keyed hash of all of the above with a key of this process: what caches and
    // joined calls are keyed by. Not empty.
    std::string key;
};

// The namespaces that a caller may see, as found out at one time. Immutable.
struct VisibleNamespaces {
    std::vector<std::string> names;  // ascending, unique
    SteadyTime found_at{};

    [[nodiscard]] bool contains(std::string_view name) const {
        return std::binary_search(names.begin(), names.end(), name, std::less<>());
    }
};

// Who asks. The default is nobody: sees nothing and may call nothing. handlers/gate fills it in
// before a handler runs; background work sets cluster_wide itself.
struct Caller {
    std::string name;           // "" nobody, "anonymous" by that strategy
    bool cluster_wide = false;  // sees everything, spans of no known namespace included
    std::shared_ptr<const CallerCredentials> credentials;  // null: no call on behalf of the caller
    std::shared_ptr<const VisibleNamespaces> visible;      // null: none
};

}  // namespace meshscope
