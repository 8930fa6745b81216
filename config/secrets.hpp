#pragma once

#include "config/config.hpp"
#include "config/findings.hpp"

#include <string>
#include <vector>

// Where credentials live. A credential in the file is a literal, a path (begins with '/') or
// `secret:<name>:<key>`, which an installer mounts under /kiali-override-secrets/<slot>/. Files are
// only looked for here; whoever sends a credential reads its file, again and again.
namespace meshscope::config {

// Files at fixed places, mount_root put before them. None has to exist.
struct MountPaths {
    std::string service_account_token;
    std::string openid_client_secret;
    std::vector<std::string> ca_bundle;  // trusted for every outgoing TLS connection
};

[[nodiscard]] MountPaths mount_paths(const Config& config, const std::string& mount_root);

// Puts the path of a mounted file in place of each credential that has one, be it written as
// `secret:` or not. A `secret:` that is not mounted becomes the path where it is expected, with a
// warning: it is never sent as text. `use_kiali_token` becomes the path of the token.
void resolve_secrets(Config& config, const std::string& mount_root, Findings& findings);

}  // namespace meshscope::config
