#include "config/kubeconfig.hpp"

#include "config/kubeconfig_entry.hpp"
#include "config/yaml_tree.hpp"
#include "core/text.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

namespace meshscope::config {

namespace {

constexpr std::size_t kLargestFile = 4UL * 1024 * 1024;

Error invalid(const std::string& text) { return {ErrorKind::kInvalidArgument, text}; }

std::string in_quotes(std::string_view text) { return '"' + std::string(text) + '"'; }

// An item of the lists `clusters`, `users` and `contexts`: a name, and the fields below `field`.
struct Named {
    std::string name;
    KubeconfigEntry fields;
};

class Merged {
 public:
    // Keeps the first error of any file.
    void add(const std::string& path, const YamlPtr& root) {
        KubeconfigEntry file(path, {}, root);
        if (std::string context = file.text("current-context"); current_context_.empty()) {
            current_context_ = std::move(context);
        }
        add_list(file, "clusters", "cluster", clusters_);
        add_list(file, "users", "user", users_);
        add_list(file, "contexts", "context", contexts_);
        if (!error_) {
            error_ = file.error();
        }
    }

    [[nodiscard]] const std::optional<Error>& error() const { return error_; }
    [[nodiscard]] const std::string& current_context() const { return current_context_; }
    [[nodiscard]] Named* context(std::string_view name) { return find(contexts_, name); }
    [[nodiscard]] Named* cluster(std::string_view name) { return find(clusters_, name); }
    [[nodiscard]] Named* user(std::string_view name) { return find(users_, name); }
    [[nodiscard]] std::string context_names() const {
        std::string names;
        for (const Named& one : contexts_) {
            names += (names.empty() ? "" : ", ") + in_quotes(one.name);
        }
        return names.empty() ? "there are none" : "there are " + names;
    }

 private:
    static void add_list(
        KubeconfigEntry& file, const char* list, const char* field, std::vector<Named>& out
    ) {
        for (KubeconfigEntry& item : file.entries(list)) {
            std::string name = item.text("name");
            file.take_error(item);
            if (!name.empty() && find(out, name) == nullptr) {
                const std::string what = std::string(field) + ' ' + in_quotes(name);
                out.push_back({std::move(name), item.inner(field, what)});
            }
        }
    }

    static Named* find(std::vector<Named>& list, std::string_view name) {
        const auto found = std::find_if(list.begin(), list.end(), [&](const Named& one) {
            return one.name == name;
        });
        return found == list.end() ? nullptr : &*found;
    }

    std::string current_context_;
    std::vector<Named> clusters_;
    std::vector<Named> users_;
    std::vector<Named> contexts_;
    std::optional<Error> error_;
};

void read_cluster(KubeconfigEntry& cluster, KubeContext& out) {
    out.server = cluster.text("server");
    if (!out.server.starts_with("https://") && !out.server.starts_with("http://")) {
        cluster.fail("server", "must be a URL of http or https");
    }
    out.tls_server_name = cluster.text("tls-server-name");
    out.insecure_skip_tls_verify = cluster.flag("insecure-skip-tls-verify");
    out.ca_pem = cluster.pem("certificate-authority-data");
    if (out.ca_pem.empty()) {
        out.ca_file = cluster.path("certificate-authority");
    }
    if (out.insecure_skip_tls_verify && !(out.ca_pem.empty() && out.ca_file.empty())) {
        cluster.fail(
            "insecure-skip-tls-verify",
            "says not to look at certificates, but there is an authority for them"
        );
    }
    out.proxy_url = cluster.text("proxy-url");
    if (!out.proxy_url.empty() && !out.proxy_url.starts_with("http://")) {
        cluster.fail("proxy-url", "only proxies of http:// are supported, no socks5 and no https");
    }
}

void read_exec(KubeconfigEntry& user, KubeContext& out) {
    KubeconfigEntry exec = user.inner("exec");
    auto& plugin = out.exec.emplace();
    plugin.api_version = exec.text("apiVersion");
    if (plugin.api_version != "client.authentication.k8s.io/v1" &&
        plugin.api_version != "client.authentication.k8s.io/v1beta1") {
        exec.fail("apiVersion", "must be client.authentication.k8s.io/v1 or v1beta1");
    }
    plugin.command = exec.text("command");
    if (plugin.command.empty()) {
        exec.fail("command", "is missing");
    } else if (plugin.command.find('/') != std::string::npos) {
        plugin.command = exec.beside_file(plugin.command);
    }
    if (exec.text("interactiveMode") == "Always") {
        exec.fail("interactiveMode", "Always needs a terminal, which a server does not have");
    }
    plugin.args = exec.texts("args");
    plugin.install_hint = exec.text("installHint");
    plugin.provide_cluster_info = exec.flag("provideClusterInfo");
    for (KubeconfigEntry& variable : exec.entries("env")) {
        std::string name = variable.text("name");
        if (name.empty() || name.find('=') != std::string::npos) {
            variable.fail("name", "must be the name of an environment variable");
        }
        plugin.env.emplace_back(std::move(name), variable.text("value"));
        exec.take_error(variable);
    }
    user.take_error(exec);
}

void read_impersonation(KubeconfigEntry& user, KubeContext& out) {
    out.as_user = user.text("as");
    out.as_uid = user.text("as-uid");
    out.as_groups = user.texts("as-groups");
    KubeconfigEntry extra = user.inner("as-user-extra");
    for (const std::string& key : extra.keys()) {
        for (std::string& value : extra.texts(key)) {
            out.as_extra.emplace_back(key, std::move(value));
        }
    }
    user.take_error(extra);
    if (out.as_user.empty() &&
        !(out.as_uid.empty() && out.as_groups.empty() && out.as_extra.empty())) {
        user.fail("as", "is missing beside as-uid, as-groups or as-user-extra");
    }
}

void read_certificate(KubeconfigEntry& user, KubeContext& out) {
    out.certificate_pem = user.pem("client-certificate-data");
    out.key_pem = user.pem("client-key-data");
    if (out.certificate_pem.empty()) {
        out.certificate_file = user.path("client-certificate");
    }
    if (out.key_pem.empty()) {
        out.key_file = user.path("client-key");
    }
    const bool has_certificate = !(out.certificate_pem.empty() && out.certificate_file.empty());
    const bool has_key = !(out.key_pem.empty() && out.key_file.empty());
    if (has_certificate != has_key) {
        user.fail(
            has_certificate ? "client-key" : "client-certificate",
            has_certificate ? "is missing beside client-certificate"
                            : "is missing beside client-key"
        );
    }
}

// Nobody shall be anonymous because a way to log in is not known here.
void refuse_unknown_ways(KubeconfigEntry& user, bool has_credentials) {
    constexpr std::array<std::string_view, 15> kKnown = {
        "token",
        "tokenFile",
        "client-certificate",
        "client-certificate-data",
        "client-key",
        "username",
        "client-key-data",
        "password",
        "as",
        "as-uid",
        "as-groups",
        "as-user-extra",
        "auth-provider",
        "exec",
        "extensions"
    };
    if (user.has("auth-provider")) {
        user.fail(
            "auth-provider", "was removed from Kubernetes; use exec, a token or a certificate"
        );
    }
    for (const std::string& key : user.keys()) {
        if (!has_credentials && std::find(kKnown.begin(), kKnown.end(), key) == kKnown.end()) {
            user.fail(
                key,
                "is no form of credentials that is known here; use exec, a token or a certificate"
            );
        }
    }
}

void read_user(KubeconfigEntry& user, KubeContext& out) {
    out.token = std::string(trim(user.text("token")));
    out.token_file = user.path("tokenFile");
    out.username = user.text("username");
    out.password = user.text("password");
    read_certificate(user, out);
    read_impersonation(user, out);
    if (user.has("exec")) {
        read_exec(user, out);
    }
    const bool has_token = !(out.token.empty() && out.token_file.empty());
    const bool has_password = !(out.username.empty() && out.password.empty());
    const int ways = (has_token ? 1 : 0) + (has_password ? 1 : 0) + (out.exec ? 1 : 0);
    if (ways > 1) {
        user.fail({}, "has several of token, username and exec; one only can be meant");
    }
    const bool has_certificate = !(out.certificate_pem.empty() && out.certificate_file.empty());
    refuse_unknown_ways(user, ways > 0 || has_certificate);
}

Result<std::string> read_file(const std::string& path) {
    std::error_code problem;
    if (std::filesystem::is_directory(path, problem)) {
        return invalid(path + ": this is a directory; name the file in it");
    }
    std::ifstream file(path, std::ios::binary);
    if (!file.is_open()) {
        return invalid(path + ": cannot be read; see its permissions");
    }
    std::string text(kLargestFile + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(file.gcount()));
    if (file.bad()) {
        return invalid(path + ": cannot be read");
    }
    return text;
}

}  // namespace

Result<KubeContext> resolve_kubeconfig(
    const std::vector<KubeconfigFile>& files, std::string_view context
) {
    Merged merged;
    for (const KubeconfigFile& file : files) {
        if (file.text.size() > kLargestFile) {
            return invalid(file.path + ": larger than 4 MiB; this is no kubeconfig");
        }
        const Result<YamlPtr> document = parse_yaml(file.text);
        if (document.has_error()) {
            return invalid(file.path + ": " + document.error().message());
        }
        merged.add(file.path, *document);
    }
    if (merged.error()) {
        return *merged.error();
    }
    KubeContext out;
    out.name = context.empty() ? merged.current_context() : std::string(context);
    Named* chosen = merged.context(out.name);
    if (chosen == nullptr) {
        const std::string names = merged.context_names();
        return invalid(
            out.name.empty() ? "kubeconfig: no current-context; name one, " + names
                             : "kubeconfig: no context " + in_quotes(out.name) + "; " + names
        );
    }
    const std::string cluster_name = chosen->fields.text("cluster");
    const std::string user_name = chosen->fields.text("user");
    Named* cluster = merged.cluster(cluster_name);
    Named* user = user_name.empty() ? nullptr : merged.user(user_name);
    if (cluster == nullptr) {
        chosen->fields.fail("cluster", "there is no cluster " + in_quotes(cluster_name));
    } else if (user == nullptr && !user_name.empty()) {
        chosen->fields.fail("user", "there is no user " + in_quotes(user_name));
    }
    if (chosen->fields.error()) {
        return *chosen->fields.error();
    }
    read_cluster(cluster->fields, out);
    if (user != nullptr) {
        read_user(user->fields, out);
        cluster->fields.take_error(user->fields);
    }
    if (cluster->fields.error()) {
        return *cluster->fields.error();
    }
    return out;
}

Result<KubeContext> load_kubeconfig(
    const std::vector<std::string>& files, std::string_view context
) {
    std::vector<KubeconfigFile> found;
    std::string missing;
    for (const std::string& path : files) {
        std::error_code problem;
        if (path.empty()) {
            continue;
        }
        const auto status = std::filesystem::status(path, problem);
        if (status.type() == std::filesystem::file_type::not_found) {
            missing += (missing.empty() ? "" : ", ") + path;
            continue;
        }
        Result<std::string> text = read_file(path);
        if (text.has_error()) {
            return text.error();
        }
        found.push_back({path, *std::move(text)});
    }
    if (found.empty()) {
        return invalid(
            missing.empty() ? "kubeconfig: no file is named" : missing + ": there is no such file"
        );
    }
    return resolve_kubeconfig(found, context);
}

}  // namespace meshscope::config
