#pragma once

#include "core/result.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace meshscope::config {

// A program that gives credentials.
struct KubeExec {
    std::string api_version, command, install_hint;  // a command with a slash: a path
    std::vector<std::string> args;
    std::vector<std::pair<std::string, std::string>> env;
    bool provide_cluster_info = false;
};

// One context of a kubeconfig, resolved: paths absolute, base64 decoded. Tokens,
// passwords, keys and the environment of `exec` are secrets.
struct KubeContext {
    std::string name;
    std::string server;  // http or https
    std::string tls_server_name;
    bool insecure_skip_tls_verify = false;  // never together with an authority: that is an error
    std::string ca_file, ca_pem;            // at most one is set
    std::string proxy_url;                  // http only
    std::string token, token_file;          // both: the token first, refreshed from the file
    std::string certificate_file, certificate_pem, key_file, key_pem;  // a certificate has its key
    std::string username, password;
    std::string as_user, as_uid;
    std::vector<std::string> as_groups;
    std::vector<std::pair<std::string, std::string>> as_extra;  // keys repeat
    std::optional<KubeExec> exec;
};

// `files`: in KUBECONFIG's order, the first to set a value wins; missing ones are skipped unless
// all are. `context` "" takes current-context. YAML or JSON, at most 4 MiB each, unknown fields
// ignored. kInvalidArgument names file and field, and the contexts there are, never a secret;
// auth-provider and other forms of credentials that are not known are refused, never ignored, and
// so are several at once.
Result<KubeContext> load_kubeconfig(
    const std::vector<std::string>& files, std::string_view context
);

struct KubeconfigFile {
    std::string path;  // relative paths in it are relative to its directory
    std::string text;
};
// The same for what has been read already.
Result<KubeContext> resolve_kubeconfig(
    const std::vector<KubeconfigFile>& files, std::string_view context
);

}  // namespace meshscope::config
