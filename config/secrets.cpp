#include "config/secrets.hpp"

#include "config/tracing_urls.hpp"
#include "core/text.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>

namespace meshscope::config {

namespace {

constexpr std::string_view kServiceAccount = "/var/run/secrets/kubernetes.io/serviceaccount/";
constexpr std::string_view kOverrides = "/kiali-override-secrets/";
constexpr std::string_view kPrefix = "secret:";

std::string below(const std::string& mount_root, std::string_view fixed_path) {
    std::string root = mount_root;
    while (root.ends_with('/')) {
        root.pop_back();
    }
    return root + std::string(fixed_path);
}

bool is_file(const std::string& path) {
    std::error_code problem;
    return std::filesystem::is_regular_file(path, problem);
}

// The key of `secret:<name>:<key>`; nullopt when the text is something else.
std::optional<std::string> referred_key(std::string_view text) {
    const std::vector<std::string_view> parts = split(text, ':');
    if (!text.starts_with(kPrefix) || parts.size() != 3) {
        return std::nullopt;
    }
    return std::string(parts[2]);
}

// What Kubernetes allows as the key of a secret, so that it is a file name of one part.
bool is_file_name(std::string_view key) {
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_' || c == '.';
    };
    return !key.empty() && key != "." && key != ".." &&
           std::all_of(key.begin(), key.end(), allowed);
}

class Resolver {
 public:
    Resolver(std::string mount_root, Findings& findings)
        : mount_root_(std::move(mount_root)), findings_(findings) {}

    // `keeps_key`: the installer names the mounted file as the key, not value.txt.
    void credential(
        std::string& value,
        const std::string& slot,
        const std::string& path,
        bool wanted,
        bool keeps_key
    ) {
        const std::string folder = below(mount_root_, kOverrides) + slot + "/";
        const std::optional<std::string> key = referred_key(value);
        const bool has_name = key && is_file_name(*key);
        if (has_name && is_file(folder + *key)) {
            value = folder + *key;
        } else if (is_file(folder + "value.txt")) {
            value = folder + "value.txt";
        } else if (value.starts_with(kPrefix)) {
            value = folder + (has_name && keeps_key ? *key : "value.txt");
            if (wanted) {
                findings_.warning(
                    path,
                    "nothing is mounted for this `secret:` reference; expected the file " + value
                );
            }
        }
    }

    void service(ServiceAuth& auth, const std::string& slot, const std::string& path, bool wanted) {
        const std::string base = path + ".auth.";
        credential(auth.username, slot + "-username", base + "username", wanted, false);
        credential(auth.password, slot + "-password", base + "password", wanted, false);
        if (auth.use_kiali_token) {
            auth.token = below(mount_root_, kServiceAccount) + "token";
        } else {
            credential(auth.token, slot + "-token", base + "token", wanted, false);
        }
        credential(auth.cert_file, slot + "-cert", base + "cert_file", wanted, true);
        credential(auth.key_file, slot + "-key", base + "key_file", wanted, true);
        credential(
            auth.oauth2.client_secret,
            slot + "-oauth2-client-secret",
            base + "oauth2.client_secret",
            wanted,
            false
        );
    }

 private:
    std::string mount_root_;
    Findings& findings_;
};

}  // namespace

MountPaths mount_paths(const Config& config, const std::string& mount_root) {
    MountPaths paths;
    paths.service_account_token = below(mount_root, kServiceAccount) + "token";
    paths.openid_client_secret = below(mount_root, "/kiali-secret/oidc-secret");
    paths.ca_bundle.push_back(below(mount_root, "/kiali-cabundle/additional-ca-bundle.pem"));
    if (config.auth.strategy == "openid") {
        paths.ca_bundle.push_back(below(mount_root, "/kiali-cabundle/openid-server-ca.crt"));
    }
    if (config.auth.strategy == "openshift") {
        paths.ca_bundle.push_back(below(mount_root, "/kiali-cabundle/oauth-server-ca.crt"));
        paths.ca_bundle.push_back(below(mount_root, "/kiali-cabundle/service-ca.crt"));
        paths.ca_bundle.push_back(below(mount_root, kServiceAccount) + "service-ca.crt");
    }
    return paths;
}

void resolve_secrets(Config& config, const std::string& mount_root, Findings& findings) {
    Resolver resolver(mount_root, findings);
    ExternalServices& services = config.external_services;
    const std::string root = "external_services.";
    resolver.service(
        services.tracing.auth,
        "tracing",
        root + "tracing",
        resolve_tracing(services.tracing).integration
    );
    resolver.service(
        services.prometheus.auth, "prometheus", root + "prometheus", services.prometheus.enabled
    );
    resolver.service(services.grafana.auth, "grafana", root + "grafana", services.grafana.enabled);
    resolver.service(services.perses.auth, "perses", root + "perses", services.perses.enabled);
    Prometheus& dashboards = services.custom_dashboards.prometheus;
    resolver.service(
        dashboards.auth,
        "customdashboards-prometheus",
        root + "custom_dashboards.prometheus",
        services.custom_dashboards.enabled && !dashboards.url.empty()
    );
    resolver.credential(
        config.login_token.signing_key,
        "login-token-signing-key",
        "login_token.signing_key",
        false,  // the check of its length says so
        false
    );
}

}  // namespace meshscope::config
