#include "app/cluster.hpp"

#include "app/exec_credentials.hpp"
#include "config/kubeconfig.hpp"
#include "core/text.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>
#include <vector>

namespace meshscope::app {

using clients::AuthType;
using clients::Secret;
using clients::kubernetes::Connection;
using Found = Result<std::optional<Connection>>;

namespace {

constexpr const char* kSetting = "meshscope.kubernetes.kubeconfig";

Error wrong(const std::string& source, const std::string& what) {
    return {ErrorKind::kInvalidArgument, source + ": " + what};
}

bool is_loopback(const std::string& host) {
    return host == "localhost" || host == "::1" || host.starts_with("127.");
}

bool has_credentials(const Connection& connection) {
    return connection.credentials.type != AuthType::kNone ||
           connection.tls.client_certificate.is_set() || !connection.impersonation.empty();
}

void identify(const config::KubeContext& context, const Clock& clock, Connection& connection) {
    clients::Credentials& credentials = connection.credentials;
    if (context.exec) {
        credentials.type = AuthType::kBearer;
        credentials.token = token_by_program(context, clock);
    } else if (!context.token_file.empty()) {
        credentials.type = AuthType::kBearer;
        credentials.token = Secret::file(context.token_file, clock);
    } else if (!context.token.empty()) {
        credentials.type = AuthType::kBearer;
        credentials.token = Secret::literal(context.token);
    } else if (!context.username.empty()) {
        credentials.type = AuthType::kBasic;
        credentials.username = Secret::literal(context.username);
        credentials.password = Secret::literal(context.password);
    }
    const auto secret = [&](const std::string& file, const std::string& text) {
        return file.empty() ? Secret::literal(text) : Secret::file(file, clock);
    };
    connection.tls.client_certificate = secret(context.certificate_file, context.certificate_pem);
    connection.tls.client_key = secret(context.key_file, context.key_pem);
    auto& impersonation = connection.impersonation;
    if (!context.as_user.empty()) {
        impersonation.emplace_back("Impersonate-User", context.as_user);
    }
    if (!context.as_uid.empty()) {
        impersonation.emplace_back("Impersonate-Uid", context.as_uid);
    }
    for (const std::string& group : context.as_groups) {
        impersonation.emplace_back("Impersonate-Group", group);
    }
    for (const auto& [key, value] : context.as_extra) {
        impersonation.emplace_back("Impersonate-Extra-" + percent_encode(key), value);
    }
}

Found from_kubeconfig(
    const std::vector<std::string>& files,
    const ClusterPlaces& places,
    const std::string& setting,
    const Clock& clock
) {
    const Result<config::KubeContext> context = config::load_kubeconfig(files, places.context);
    if (!context) {
        return setting.empty() ? context.error() : context.error().with_hint({setting, ""});
    }
    Connection connection;
    connection.source = "kubeconfig " + files.front() + ", context " + context->name;
    connection.setting = setting;
    if (context->exec && !places.run_programs) {
        return wrong(
                   connection.source,
                   "the user's credentials come from a program (exec: " + context->exec->command +
                       "), and programs may not be run"
        )
            .with_hint(
                {"clustering.enable_exec_provider",
                 "set it to true, or use a token, a token file or a client certificate"}
            );
    }
    Result<clients::Url> server = clients::parse_url(context->server);
    if (!server) {
        return wrong(connection.source, "server is " + server.error().message());
    }
    connection.server = std::move(*server);
    clients::TlsSettings& tls = connection.tls;
    tls.insecure_skip_verify = context->insecure_skip_tls_verify;
    tls.server_name = context->tls_server_name;
    tls.ca_pem = context->ca_pem;
    if (!context->ca_file.empty()) {
        tls.ca_files = {context->ca_file};
    }
    tls.system_roots = context->ca_file.empty() && context->ca_pem.empty();
    if (!context->proxy_url.empty()) {
        Result<clients::Url> proxy = clients::parse_url(context->proxy_url);
        if (!proxy || proxy->https) {
            return wrong(connection.source, "proxy-url has to be an http:// URL");
        }
        connection.proxy = std::move(*proxy);
    }
    identify(*context, clock, connection);
    if (!connection.server.https && !is_loopback(connection.server.host) &&
        has_credentials(connection)) {
        return wrong(
            connection.source,
            "server is " + connection.server.to_string() +
                ": credentials would go out unencrypted; use https"
        );
    }
    return std::optional<Connection>(std::move(connection));
}

// nullopt: this is no pod, or one without a service account.
Found from_pod(const ClusterPlaces& places, const Clock& clock) {
    const auto host = places.environment("KUBERNETES_SERVICE_HOST");
    const auto port = places.environment("KUBERNETES_SERVICE_PORT");
    const std::string token = places.service_account + "/token";
    std::error_code ignored;
    if (!host || host->empty() || !port || port->empty() ||
        !std::filesystem::exists(token, ignored)) {
        return std::optional<Connection>();
    }
    const bool v6 = host->find(':') != std::string::npos && host->front() != '[';
    Result<clients::Url> server =
        clients::parse_url("https://" + (v6 ? "[" + *host + "]" : *host) + ":" + *port);
    if (!server) {
        return wrong(
            "KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT", server.error().message()
        );
    }
    Connection connection;
    connection.source = "service account";
    connection.server = std::move(*server);
    connection.credentials.type = AuthType::kBearer;
    connection.credentials.token = Secret::file(token, clock);
    connection.tls.ca_files = {places.service_account + "/ca.crt"};
    connection.tls.system_roots = false;
    return std::optional<Connection>(std::move(connection));
}

std::vector<std::string> files_in(const std::string& list) {
    std::vector<std::string> files;
    for (const std::string_view file : split(list, ':')) {
        if (!trim(file).empty()) {
            files.emplace_back(trim(file));
        }
    }
    return files;
}

// The names that selectors give namespaces by.
std::vector<std::string> named_namespaces(const std::vector<config::LabelSelector>& selectors) {
    constexpr const char* kName = "kubernetes.io/metadata.name";
    std::vector<std::string> names;
    for (const config::LabelSelector& selector : selectors) {
        if (const auto label = selector.matchLabels.find(kName);
            label != selector.matchLabels.end()) {
            names.push_back(label->second);
        }
        for (const config::SelectorExpression& expression : selector.matchExpressions) {
            if (expression.key == kName && expression.operator_ == "In") {
                names.insert(names.end(), expression.values.begin(), expression.values.end());
            }
        }
    }
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
}

}  // namespace

Found find_cluster(const ClusterPlaces& places, const Clock& clock) {
    if (places.enabled == false) {
        return std::optional<Connection>();
    }
    if (!places.kubeconfig.empty()) {
        return from_kubeconfig({places.kubeconfig}, places, kSetting, clock);
    }
    Found pod = from_pod(places, clock);
    if (!pod || *pod) {
        return pod;
    }
    const auto files = files_in(places.environment("KUBECONFIG").value_or(""));
    if (!files.empty()) {
        return from_kubeconfig(files, places, "", clock);
    }
    if (places.enabled == true) {
        return Error(
                   ErrorKind::kInvalidArgument,
                   "no Kubernetes cluster is found: there is no kubeconfig, and this is no pod "
                   "with "
                   "a service account (" +
                       places.service_account + "/token)"
        )
            .with_hint({kSetting, "name a kubeconfig"});
    }
    return std::optional<Connection>();
}

Result<clients::kubernetes::KubernetesOptions> cluster_options(
    const config::Config& config, Connection connection
) {
    clients::kubernetes::KubernetesOptions options;
    options.connection = std::move(connection);
    options.cluster_name = config.kubernetes_config.cluster_name;
    const auto& labels = config.istio_labels;
    // As Kiali: a label of one's own counts only together with one for versions.
    if (!labels.app_label_name.empty() && !labels.version_label_name.empty()) {
        options.rules.app_labels = {labels.app_label_name};
        options.rules.version_labels = {labels.version_label_name};
    }
    const auto& excluded = config.kubernetes_config.excluded_workloads;
    options.rules.excluded_kinds = {excluded.begin(), excluded.end()};
    if (!config.deployment.cluster_wide_access) {
        options.only_namespaces = named_namespaces(config.deployment.discovery_selectors.default_);
        if (options.only_namespaces.empty()) {
            return Error(
                       ErrorKind::kInvalidArgument,
                       "deployment.cluster_wide_access is false, and no namespace is named"
            )
                .with_hint(
                    {"deployment.discovery_selectors",
                     "name namespaces by the label kubernetes.io/metadata.name"}
                );
        }
    }
    return options;
}

}  // namespace meshscope::app
