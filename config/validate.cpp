#include "config/validate.hpp"

#include "config/duration.hpp"
#include "config/mask.hpp"
#include "config/tls_versions.hpp"
#include "config/tracing_urls.hpp"
#include "config/validate_own_tracing.hpp"
#include "core/address_range.hpp"
#include "core/text.hpp"

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace meshscope::config {

namespace {

const std::string kTracing = "external_services.tracing";
constexpr std::size_t kLargestKeyFile = 64 * 1024;

std::string quote(std::string_view text) { return "\"" + mask_urls(text) + "\""; }

bool has_scheme(std::string_view url, std::string_view scheme) {
    return url.size() > scheme.size() + 3 && iequals(url.substr(0, scheme.size()), scheme) &&
           url.substr(scheme.size(), 3) == "://";
}

bool is_http(std::string_view url) { return has_scheme(url, "http") || has_scheme(url, "https"); }

bool is_path_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-._~!$&'()*+,;=:@%/").find(c) != std::string_view::npos;
}

void check_web_root(const Config& config, Findings& findings) {
    const std::string& root = config.server.web_root;
    const std::string path = "server.web_root";
    const bool clean = std::all_of(root.begin(), root.end(), is_path_character) &&
                       root.find("/../") == std::string::npos && !root.ends_with("/..") &&
                       root.find("//") == std::string::npos;
    if (!root.starts_with('/')) {
        findings.error(path, quote(root) + " must begin with /; write / or a path such as /kiali");
    } else if (root.size() > 1 && root.ends_with('/')) {
        findings.error(path, quote(root) + " must not end with /; leave the last / out");
    } else if (!clean) {
        findings.error(
            path, quote(root) + " is not a URL path; use letters, digits, - _ . and /, and no .."
        );
    }
}

void check_server(const Config& config, Findings& findings) {
    check_web_root(config, findings);
    const Server& server = config.server;
    const Observability& own = server.observability;
    if (own.metrics.enabled && own.metrics.port != 0 && own.metrics.port == server.port) {
        findings.error(
            "server.observability.metrics.port",
            std::to_string(server.port) + " is the port of the server, too; choose another one"
        );
    }
    if (own.tracing.enabled) {
        validate_own_tracing(own.tracing, findings);
    }
    if (!server.web_schema.empty() && server.web_schema != "http" && server.web_schema != "https") {
        findings.warning(
            "server.web_schema", quote(server.web_schema) + " is neither http nor https"
        );
    }
    if (server.write_timeout < std::chrono::nanoseconds(0)) {
        findings.error("server.write_timeout", "must not be negative");
    }
    if (config.identity.cert_file.empty() != config.identity.private_key_file.empty()) {
        findings.warning(
            "identity",
            "HTTPS needs both cert_file and private_key_file; the server speaks plain HTTP"
        );
    }
}

void check_tls(const Config& config, Findings& findings) {
    const TlsPolicy& policy = config.deployment.tls_config;
    const std::string base = "deployment.tls_config.";
    const auto check = [&](const std::string& name, const std::string& text) -> std::optional<int> {
        const std::optional<int> version = parse_tls_version(text);
        if (!text.empty() && !version) {
            findings.error(
                base + name, quote(text) + " is not a TLS version; write TLSv1.2 or TLSv1.3"
            );
        } else if (version && *version < 0x0303) {
            findings.error(
                base + name, quote(text) + " is no longer safe; write TLSv1.2 or TLSv1.3"
            );
        }
        return version;
    };
    const std::optional<int> min = check("min_version", policy.min_version);
    const std::optional<int> max = check("max_version", policy.max_version);
    if (min && max && *max < *min) {
        findings.error(base + "max_version", quote(policy.max_version) + " is below min_version");
    }
    if (policy.source == "auto") {
        findings.warning(base + "source", "the cluster is not asked; the keys beside it hold");
    }
}

void check_oauth2(const ServiceAuth& auth, const std::string& base, Findings& findings) {
    const OAuth2& oauth2 = auth.oauth2;
    const auto require = [&](const std::string& name, const std::string& text) {
        const std::string path = base + ".oauth2." + name;
        if (text.empty() && !findings.has_error(path)) {
            findings.error(path, "is required with auth.type oauth2");
        }
    };
    require("token_url", oauth2.token_url);
    require("client_id", oauth2.client_id);
    require("client_secret", oauth2.client_secret);
    if (!oauth2.token_url.empty() && !has_scheme(oauth2.token_url, "https") &&
        !(auth.insecure_skip_verify && has_scheme(oauth2.token_url, "http"))) {
        findings.error(
            base + ".oauth2.token_url",
            quote(oauth2.token_url) +
                " must begin with https:// (http:// only with insecure_skip_verify)"
        );
    }
    if (auth.use_kiali_token) {
        findings.error(
            base + ".use_kiali_token", "cannot go with auth.type oauth2; leave one of the two out"
        );
    }
}

void check_auth(const ServiceAuth& auth, const std::string& service, Findings& findings) {
    const std::string base = service + ".auth";
    if (auth.type == "oauth2") {
        check_oauth2(auth, base, findings);
    }
    if (auth.cert_file.empty() != auth.key_file.empty()) {
        findings.warning(
            base, "a client certificate needs both cert_file and key_file; none is sent"
        );
    }
}

bool is_header_name(std::string_view name) {
    return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
    });
}

void check_headers(const TextMap& headers, const std::string& service, Findings& findings) {
    const std::string path = service + ".custom_headers";
    for (const auto& [name, value] : headers) {
        const bool clean = std::none_of(value.begin(), value.end(), [](char c) {
            return (c >= 0 && c < ' ' && c != '\t') || c == '\x7f';
        });
        if (!is_header_name(name)) {
            findings.error(path, quote(name) + " is not a header name; use letters, digits and -");
        } else if (!clean) {
            findings.error(
                path + "." + name,
                "the value holds a line break or control character; write it on one line"
            );
        }
    }
}

// A scope that is left out would show what others wrote.
void check_scope(const Prometheus& service, const std::string& path, Findings& findings) {
    for (const auto& [name, value] : service.query_scope) {
        const bool is_label = !name.empty() && name.size() <= 63 && !name.starts_with("__") &&
                              (name.front() < '0' || name.front() > '9') &&
                              std::all_of(name.begin(), name.end(), [](char c) {
                                  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                         (c >= '0' && c <= '9') || c == '_';
                              });
        if (!is_label) {
            findings.error(
                path + ".query_scope",
                quote(name) + " is not a name of labels; use letters, digits and _"
            );
        }
    }
}

void check_tracing(const Config& config, Findings& findings) {
    const Tracing& tracing = config.external_services.tracing;
    const TracingTarget target = resolve_tracing(tracing);
    const bool wanted = target.enabled || !target.off_reason.empty();
    if (wanted && tracing.provider != "jaeger" && tracing.provider != "tempo" &&
        !findings.has_error(kTracing + ".provider")) {
        findings.error(
            kTracing + ".provider", quote(tracing.provider) + " is not known; write jaeger or tempo"
        );
    }
    if (tracing.auth.type == "oauth2" && tracing.use_grpc.value_or(false)) {
        findings.error(
            kTracing + ".use_grpc",
            "must be false with auth.type oauth2: tokens are fetched for HTTP calls only; set it "
            "to "
            "false with internal_url at Jaeger's HTTP port (16686), or use auth.type bearer"
        );
    }
    if (!target.off_reason.empty()) {
        findings.warning("", "tracing is off: " + target.off_reason);
    }
    if (!target.external_problem.empty()) {
        const bool older = tracing.url && !trim(*tracing.url).empty();
        findings.warning(kTracing + (older ? ".url" : ".external_url"), target.external_problem);
    }
    if (target.integration && !is_http(target.internal_url)) {
        const bool older = tracing.in_cluster_url && !trim(*tracing.in_cluster_url).empty();
        findings.warning(
            kTracing + (older ? ".in_cluster_url" : ".internal_url"),
            "must begin with http:// or https://; the trace store cannot be reached like this"
        );
    }
    if (tracing.in_cluster_url) {
        findings.deprecated(kTracing + ".in_cluster_url", "is now internal_url");
    }
    if (tracing.url) {
        findings.deprecated(kTracing + ".url", "is now external_url");
    }
}

void check_services(const Config& config, Findings& findings) {
    const ExternalServices& services = config.external_services;
    const std::string root = "external_services.";
    check_tracing(config, findings);
    check_auth(services.tracing.auth, kTracing, findings);
    check_auth(services.prometheus.auth, root + "prometheus", findings);
    check_auth(services.grafana.auth, root + "grafana", findings);
    check_auth(services.perses.auth, root + "perses", findings);
    check_auth(
        services.custom_dashboards.prometheus.auth, root + "custom_dashboards.prometheus", findings
    );
    check_headers(services.tracing.custom_headers, kTracing, findings);
    check_headers(services.prometheus.custom_headers, root + "prometheus", findings);
    check_scope(services.prometheus, root + "prometheus", findings);
    check_headers(
        services.custom_dashboards.prometheus.custom_headers,
        root + "custom_dashboards.prometheus",
        findings
    );
    if (services.prometheus.enabled && services.prometheus.url.empty() &&
        !findings.has_error(root + "prometheus.url")) {
        findings.error(
            root + "prometheus.url", "is empty; write the address, or enabled: false beside it"
        );
    }
    if (services.grafana.in_cluster_url) {
        findings.deprecated(root + "grafana.in_cluster_url", "is now internal_url");
    }
    if (services.grafana.url) {
        findings.deprecated(root + "grafana.url", "is now external_url");
    }
}

bool is_key_size(std::size_t size) { return size == 16 || size == 24 || size == 32; }

void check_signing_key(const Config& config, Findings& findings) {
    const std::string path = "login_token.signing_key";
    const std::string& key = config.login_token.signing_key;
    if (config.auth.strategy == "anonymous" || findings.has_error(path) ||
        findings.has_error("auth.strategy")) {
        return;
    }
    std::size_t size = key.size();
    if (key.starts_with('/')) {
        std::error_code problem;
        std::ifstream file;
        if (std::filesystem::is_regular_file(key, problem)) {
            file.open(key, std::ios::binary);
        }
        if (!file.is_open()) {
            findings.warning(path, "the file " + key + " cannot be read; sessions need it");
            return;
        }
        std::string content(kLargestKeyFile, '\0');
        file.read(content.data(), static_cast<std::streamsize>(content.size()));
        size = trim(std::string_view(content).substr(0, static_cast<std::size_t>(file.gcount())))
                   .size();
    }
    if (!is_key_size(size)) {
        findings.error(
            path,
            "has " + std::to_string(size) + " bytes; strategy " + config.auth.strategy +
                " needs 16, 24 or 32 (for example from: openssl rand -hex 16)"
        );
    }
}

void check_access(const Config& config, Findings& findings) {
    check_signing_key(config, findings);
    const Impersonation& impersonation = config.auth.openshift.impersonation;
    const std::string base = "auth.openshift.impersonation.";
    if (impersonation.enabled && config.auth.strategy != "openshift") {
        findings.error(base + "enabled", "needs auth.strategy openshift");
    }
    const auto check = [&](const std::string& name, const TextList& names) {
        for (const std::string& entry : names) {
            if (entry.empty() || entry.starts_with("system:")) {
                findings.error(
                    base + name,
                    quote(entry) + " is not allowed; name people and groups of your own"
                );
            }
        }
    };
    check("allowed_users", impersonation.allowed_users);
    check("allowed_groups", impersonation.allowed_groups);
    if (!config.auth.openid.authorization_endpoint.empty()) {
        findings.deprecated(
            "auth.openid.authorization_endpoint", "is now discovery_override.authorization_endpoint"
        );
    }
}

// One matchLabels entry, or one `In` expression, on the label that holds a namespace's name.
bool names_namespaces(const LabelSelector& selector) {
    constexpr std::string_view kNameLabel = "kubernetes.io/metadata.name";
    if (selector.matchLabels.size() == 1 && selector.matchExpressions.empty()) {
        return selector.matchLabels.begin()->first == kNameLabel;
    }
    if (selector.matchExpressions.size() == 1 && selector.matchLabels.empty()) {
        const SelectorExpression& expression = selector.matchExpressions.front();
        return expression.key == kNameLabel && expression.operator_ == "In" &&
               !expression.values.empty();
    }
    return false;
}

void check_selectors(
    const std::string& path, const std::vector<LabelSelector>& selectors, Findings& findings
) {
    for (std::size_t i = 0; i < selectors.size(); ++i) {
        const auto& expressions = selectors[i].matchExpressions;
        for (std::size_t j = 0; j < expressions.size(); ++j) {
            const SelectorExpression& expression = expressions[j];
            const std::string item =
                path + "[" + std::to_string(i) + "].matchExpressions[" + std::to_string(j) + "]";
            if (expression.key.empty()) {
                findings.error(item + ".key", "has to name a label");
            }
            if (expression.operator_.empty()) {
                findings.error(item + ".operator", "has to be In, NotIn, Exists or DoesNotExist");
            } else if (expression.operator_.ends_with("In") && expression.values.empty()) {
                findings.error(item + ".values", "has to hold a value to compare with");
            }
        }
    }
}

void check_namespaces(const Config& config, Findings& findings) {
    const std::string path = "deployment.discovery_selectors.default";
    check_selectors(path, config.deployment.discovery_selectors.default_, findings);
    for (const auto& [cluster, selectors] : config.deployment.discovery_selectors.overrides) {
        check_selectors("deployment.discovery_selectors.overrides." + cluster, selectors, findings);
    }
    if (config.deployment.cluster_wide_access) {
        return;
    }
    const std::vector<LabelSelector>& selectors = config.deployment.discovery_selectors.default_;
    for (std::size_t i = 0; i < selectors.size(); ++i) {
        const std::string item = path + "[" + std::to_string(i) + "]";
        if (!findings.has_error(item) && !names_namespaces(selectors[i])) {
            findings.error(
                item,
                "with cluster_wide_access false a selector must name namespaces: one matchLabels "
                "or one `In` expression on kubernetes.io/metadata.name"
            );
        }
    }
}

void check_features(const Config& config, Findings& findings) {
    for (const std::string& feature : config.kiali_feature_flags.disabled_features) {
        if (feature != "logs-tab") {
            findings.error(
                "kiali_feature_flags.disabled_features",
                quote(feature) + " is not known; only logs-tab can be disabled"
            );
        }
    }
    if (config.clustering.ignore_home_cluster && config.kubernetes_config.cluster_name.empty()) {
        findings.error(
            "kubernetes_config.cluster_name",
            "is required with clustering.ignore_home_cluster; name the home cluster"
        );
    }
    if (config.chat_ai.enabled) {
        findings.warning("chat_ai.enabled", "there is no assistant here; the section is ignored");
    }
}

void check_own(const Meshscope& own, Findings& findings) {
    const std::string base = "meshscope.";
    for (const std::string& row : own.heatmap_rows) {
        const auto length = parse_duration(row);
        if (!length || *length <= std::chrono::nanoseconds(0)) {
            findings.error(
                base + "heatmap_rows", quote(row) + " is not a duration such as 10m or 3h"
            );
        }
    }
    if (own.heatmap_rows.empty() && !findings.has_error(base + "heatmap_rows")) {
        findings.error(base + "heatmap_rows", "is empty; name at least one interval such as 10m");
    }
    const auto positive = [&](const std::string& name, std::chrono::nanoseconds value) {
        if (value <= std::chrono::nanoseconds(0)) {
            findings.error(base + name, format_duration(value) + " must be above zero");
        }
    };
    positive("request_timeout", own.request_timeout);
    positive("probe_interval", own.probe_interval);
    if (own.shutdown_delay < std::chrono::nanoseconds(0)) {
        findings.error(base + "shutdown_delay", "must not be negative");
    }
    if (own.shutdown_grace < std::chrono::nanoseconds(0)) {
        findings.error(base + "shutdown_grace", "must not be negative");
    }
    if (std::any_of(own.masked_keys.begin(), own.masked_keys.end(), [](const std::string& key) {
            return key.empty();
        })) {
        findings.error(base + "masked_keys", "holds an empty name; remove it");
    }
    const auto is_no_key = [](const std::string& key) {
        return !key.starts_with('/') && !is_key_size(key.size());
    };
    if (std::ranges::any_of(own.previous_signing_keys, is_no_key)) {
        findings.error(
            base + "previous_signing_keys",
            "holds a value that is neither a key of 16, 24 or 32 bytes nor the path of a file"
        );
    }
    for (const std::string& proxy : own.trusted_proxies) {
        if (!AddressRange::parse(proxy)) {
            findings.error(
                base + "trusted_proxies",
                quote(proxy) + " is neither an IP address nor a range of them such as 10.0.0.0/8"
            );
        }
    }
}

}  // namespace

void validate(const Config& config, Findings& findings) {
    check_server(config, findings);
    check_tls(config, findings);
    check_services(config, findings);
    check_access(config, findings);
    check_namespaces(config, findings);
    check_features(config, findings);
    check_own(config.meshscope, findings);
}

}  // namespace meshscope::config
