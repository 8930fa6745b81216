#include "config/describe.hpp"

// `server`, `auth`, `login_token`, `identity`, `deployment` and `meshscope`, one line a key.
// clang-format off
namespace meshscope::config {

namespace {

const Check kSecret = Check{}.secret();
const Check kCount = Check{}.range(0, 1'000'000'000);
const Check kPort = Check{}.range(0, 65535);

}  // namespace

void describe(Visitor& v, Server& s) {
    v.value(used("address", "Address to listen on, also for the metrics; empty: all interfaces."), s.address);
    v.value(used("port", "Port to listen on; 0: any free one.", kPort), s.port);
    v.value(used("web_root", "Path before every page and route; begins with `/` and ends without one."), s.web_root);
    v.value(used("web_fqdn", "Public host name; empty: taken from the request."), s.web_fqdn);
    v.value(used("web_port", "Public port; empty: taken from the request."), s.web_port);
    v.value(used("web_schema", "Public scheme, `http` or `https`; empty: taken from the request."), s.web_schema);
    v.value(parsed("web_history_mode", "How the console keeps its place in the address: `browser` or `hash`."), s.web_history_mode);
    v.value(used("cors_allow_all", "Allow scripts of every origin to read answers."), s.cors_allow_all);
    v.value(used("gzip_enabled", "Compress answers (gzip, or zstd for who takes it)."), s.gzip_enabled);
    v.value(used("audit_log", "A line of the log for each login, refused login, logout and denied request."), s.audit_log);
    v.section(parsed("profiler", "Profiling of the server."), s.profiler);
    v.value(used("require_auth", "The status route needs a session, too."), s.require_auth);
    v.value(used("write_timeout", "Longest time without progress towards a client; a bare number is in seconds; 0: no bound.", Check{}.small_is_seconds()), s.write_timeout);
    v.section(used("observability", "The server's own metrics and spans."), s.observability);
    v.dropped(retired("static_content_root_directory", "Retired in v2.11: pages are part of the program."));
    v.dropped(retired("metrics_enabled", "Retired, now `observability.metrics.enabled`."));
    v.dropped(retired("metrics_port", "Retired, now `observability.metrics.port`."));
    v.installer({"node_port"});
}

void describe(Visitor& v, Profiler& s) {
    v.value(parsed("enabled", "Serve profiles."), s.enabled);
}

void describe(Visitor& v, Observability& s) {
    v.section(used("metrics", "The server's own metrics."), s.metrics);
    v.section(used("tracing", "The server's own spans."), s.tracing);
}

void describe(Visitor& v, OwnMetrics& s) {
    v.value(used("enabled", "Serve metrics on a port of their own."), s.enabled);
    v.value(used("port", "Port of the metrics; 0: any free one.", kPort), s.port);
    v.section(parsed("health_status", "Health of the mesh as metrics."), s.health_status);
}

void describe(Visitor& v, HealthStatusMetrics& s) {
    v.value(parsed("enabled", "Export health as metrics."), s.enabled);
    v.value(parsed("max_consecutive_na", "Times without data after which a series ends.", kCount), s.max_consecutive_na);
}

void describe(Visitor& v, OwnTracing& s) {
    v.value(used("enabled", "Send spans of the server's own requests; see [own spans](own-spans.md)."), s.enabled);
    v.value(used("collector_type", "Only `otel`; checked when enabled."), s.collector_type);
    v.value(used("collector_url", "Host and port of the collector, without a scheme. A path, with `http` and `https` only, stands before `/v1/traces`."), s.collector_url);
    v.section(used("otel", "How the collector is reached."), s.otel);
    v.value(used("sampling_rate", "Share of requests that get spans when their caller has not decided: 1 all, 0 none."), s.sampling_rate);
}

void describe(Visitor& v, OtelCollector& s) {
    v.value(used("protocol", "`http`, `https` or `grpc`; checked when enabled."), s.protocol);
    v.value(used("tls_enabled", "Use TLS with `grpc`."), s.tls_enabled);
    v.value(used("skip_verify", "Accept any certificate of the collector."), s.skip_verify);
    v.dropped(retired("ca_name", "Retired in v2.21: the bundle of authorities holds it."));
}

void describe(Visitor& v, Auth& s) {
    v.value(used("strategy", "How people log in: `token` with a token of Kubernetes, `header` by a proxy in front, both need a cluster; `anonymous` without. `openid` and `openshift` do not start yet.", Check{}.one_of("anonymous|token|openid|openshift|header")), s.strategy);
    v.section(parsed("openid", "For strategy `openid`. Its client secret is the file `/kiali-secret/oidc-secret`."), s.openid);
    v.section(parsed("openshift", "For strategy `openshift`."), s.openshift);
}

void describe(Visitor& v, OpenId& s) {
    v.value(parsed("client_id", "Client name at the provider.", kSecret), s.client_id);
    v.value(parsed("issuer_uri", "Address of the provider."), s.issuer_uri);
    v.value(parsed("username_claim", "Claim that holds the user's name."), s.username_claim);
    v.value(parsed("scopes", "Scopes to ask for."), s.scopes);
    v.value(parsed("api_token", "Which token the cluster gets: `id_token` or `access_token`."), s.api_token);
    v.value(parsed("disable_rbac", "Use the server's rights for everybody."), s.disable_rbac);
    v.value(parsed("allowed_domains", "Domains that may log in; empty: all."), s.allowed_domains);
    v.value(parsed("additional_request_params", "Further parameters of the login request."), s.additional_request_params);
    v.value(parsed("authentication_timeout", "Time to finish a login.", kCount), s.authentication_timeout);
    v.value(parsed("api_proxy", "Proxy before the cluster's API; needs `api_proxy_ca_data`."), s.api_proxy);
    v.value(parsed("api_proxy_ca_data", "Authority of that proxy, base64.", kSecret), s.api_proxy_ca_data);
    v.value(parsed("http_proxy", "Proxy towards the provider for http."), s.http_proxy);
    v.value(parsed("https_proxy", "Proxy towards the provider for https."), s.https_proxy);
    v.value(parsed("insecure_skip_verify_tls", "Accept any certificate of the provider."), s.insecure_skip_verify_tls);
    v.value(parsed("authorization_endpoint", "Older name of `discovery_override.authorization_endpoint`."), s.authorization_endpoint);
    v.section(parsed("discovery_override", "Endpoints the provider does not announce rightly."), s.discovery_override);
    v.value(parsed("post_logout_redirect_uri", "Where to go after logging out."), s.post_logout_redirect_uri);
}

void describe(Visitor& v, DiscoveryOverride& s) {
    v.value(parsed("authorization_endpoint", "Where people log in."), s.authorization_endpoint);
    v.value(parsed("token_endpoint", "Where tokens are fetched."), s.token_endpoint);
    v.value(parsed("userinfo_endpoint", "Where claims are fetched."), s.userinfo_endpoint);
    v.value(parsed("jwks_uri", "Where keys are fetched."), s.jwks_uri);
    v.value(parsed("end_session_endpoint", "Where people log out."), s.end_session_endpoint);
}

void describe(Visitor& v, OpenShift& s) {
    v.value(parsed("insecure_skip_verify_tls", "Accept any certificate of the login server."), s.insecure_skip_verify_tls);
    v.value(parsed("ca_file", "PEM file of authorities for the login server."), s.ca_file);
    v.section(parsed("impersonation", "Acting for other users."), s.impersonation);
    v.dropped(retired("client_id_prefix", "Retired: the client name is found."));
    v.installer({"auth_timeout", "redirect_uris", "token_inactivity_timeout", "token_max_age"});
}

void describe(Visitor& v, Impersonation& s) {
    v.value(parsed("enabled", "Allow it; needs strategy `openshift`."), s.enabled);
    v.value(parsed("allowed_users", "Users that may be impersonated."), s.allowed_users);
    v.value(parsed("allowed_groups", "Groups that may be impersonated."), s.allowed_groups);
}

void describe(Visitor& v, LoginToken& s) {
    v.value(used("signing_key", "Key of session cookies, 16, 24 or 32 bytes: a literal, a file or `secret:<name>:<key>`.", kSecret), s.signing_key);
    v.value(used("expiration_seconds", "Life of a session.", kCount), s.expiration_seconds);
}

void describe(Visitor& v, Identity& s) {
    v.value(used("cert_file", "Certificate chain of the server, PEM. With `private_key_file`: HTTPS."), s.cert_file);
    v.value(used("private_key_file", "Key of that certificate, PEM.", kSecret), s.private_key_file);
}

void describe(Visitor& v, Deployment& s) {
    v.value(used("cluster_wide_access", "False: only the namespaces named by `discovery_selectors`."), s.cluster_wide_access);
    v.section(used("discovery_selectors", "Which namespaces are shown."), s.discovery_selectors);
    v.value(parsed("cluster_name_overrides", "Other names for clusters, in local runs."), s.cluster_name_overrides);
    v.value(parsed("instance_name", "Name of this installation."), s.instance_name);
    v.value(parsed("namespace", "Namespace this server runs in."), s.namespace_);
    v.value(parsed("view_only_mode", "The console offers no change; this version never does."), s.view_only_mode);
    v.section(used("tls_config", "Which TLS versions the server speaks."), s.tls_config);
    v.dropped(retired("accessible_namespaces", "Retired in v2.0, now `discovery_selectors`."));
    v.dropped(retired("verbose_mode", "Retired, now the variable `LOG_LEVEL`."));
    v.installer({"additional_pod_containers_yaml", "additional_pod_init_containers_yaml", "additional_pod_volumes_yaml", "additional_service_yaml", "affinity", "annotations",
                 "configmap_annotations", "custom_envs", "custom_secrets", "dns", "env", "extra_labels", "host_aliases", "hpa", "image_digest", "image_name",
                 "image_pull_policy", "image_pull_secrets", "image_version", "ingress", "ingress_enabled", "logger", "network_policy", "node_selector",
                 "override_ingress_yaml", "override_install_check", "pod_annotations", "pod_disruption_budget", "pod_labels", "pod_security_context", "priority_class_name",
                 "probes", "remote_cluster_resources_only", "replicas", "resources", "revision_history_limit", "secret_name", "security_context", "service_account",
                 "service_annotations", "service_type", "strategy", "tolerations", "topology_spread_constraints", "version_label"});
}

void describe(Visitor& v, DiscoverySelectors& s) {
    v.list(used("default", "Selectors of which one must match."), s.default_);
    v.map_of_lists(used("overrides", "The same for one cluster, by its name."), s.overrides);
}

void describe(Visitor& v, LabelSelector& s) {
    v.value(used("matchLabels", "Labels that must be equal."), s.matchLabels);
    v.list(used("matchExpressions", "Expressions that must hold."), s.matchExpressions);
}

void describe(Visitor& v, SelectorExpression& s) {
    v.value(used("key", "Label to look at."), s.key);
    v.value(used("operator", "`In`, `NotIn`, `Exists` or `DoesNotExist`.", Check{}.one_of("In|NotIn|Exists|DoesNotExist")), s.operator_);
    v.value(used("values", "Values to compare with."), s.values);
}

void describe(Visitor& v, TlsPolicy& s) {
    v.value(parsed("source", "`config`: from the keys below; `auto`: from the cluster, where it tells.", Check{}.one_of("auto|config")), s.source);
    v.value(used("min_version", "Lowest version, `TLSv1.2` or `TLSv1.3`; empty: 1.2."), s.min_version);
    v.value(used("max_version", "Highest version; empty: no bound."), s.max_version);
    v.value(used("cipher_suites", "Cipher suites to offer; empty: the library's."), s.cipher_suites);
    v.value(used("groups", "Key exchange groups to offer; empty: the library's."), s.groups);
}

void describe(Visitor& v, Meshscope& s) {
    v.value(used("upstream_max_in_flight", "Calls to one upstream at once, over all requests.", Check{}.range(1, 10'000)), s.upstream_max_in_flight);
    v.value(used("upstream_max_waiting", "Calls that may wait for a slot; beyond, they are refused.", Check{}.range(0, 1'000'000)), s.upstream_max_waiting);
    v.value(used("receive_limit_mb", "Largest answer taken from an upstream, in MiB, decoded, and most memory that one may take; the rest is cut and said.", Check{}.range(1, 65'536)), s.receive_limit_mb);
    v.value(used("response_limit_mb", "Largest answer with whole traces or spans, in MiB before compression; the rest is cut and said.", Check{}.range(1, 65'536)), s.response_limit_mb);
    v.value(used("trace_cache_mb", "Memory for traces that were looked at, in MiB, so that the next look needs no upstream; only complete traces that ended over a minute ago, for five minutes. 0: none.", Check{}.range(0, 65'536)), s.trace_cache_mb);
    v.value(used("server_threads", "Threads that serve requests; 0: as many as cores, at most 8.", Check{}.range(0, 256)), s.server_threads);
    v.value(used("worker_threads", "Threads for long computations; 0: as many as cores, at most 8.", Check{}.range(0, 256)), s.worker_threads);
    v.value(used("max_connections", "Open connections; beyond, a new one gets a 503.", Check{}.range(1, 1'000'000)), s.max_connections);
    v.value(used("request_timeout", "Longest time of one request; a bare number is in seconds.", Check{}.small_is_seconds()), s.request_timeout);
    v.value(used("shutdown_delay", "Time between the signal to stop and the last new connection: `/readyz` is 503 and everything else works, so that whoever balances load stops sending. A second signal ends it. A bare number is in seconds.", Check{}.small_is_seconds()), s.shutdown_delay);
    v.value(used("shutdown_grace", "Time for running requests when the server stops; a bare number is in seconds.", Check{}.small_is_seconds()), s.shutdown_grace);
    v.value(used("probe_interval", "Time between two looks at an upstream's health; a bare number is in seconds.", Check{}.small_is_seconds()), s.probe_interval);
    v.value(used("previous_signing_keys", "Older values of `login_token.signing_key`, literals or files: sessions that were sealed with them go on. What the key's file held before counts as long as the server runs.", kSecret), s.previous_signing_keys);
    v.value(used("trusted_proxies", "Proxies in front of this server, addresses or ranges such as `10.0.0.0/8`: who they ask for, by `X-Forwarded-For`, is whose attempts to log in are counted and named in the log."), s.trusted_proxies);
    v.value(used("masked_keys", "Span attributes whose values are never shown, besides authorization, cookie and set-cookie."), s.masked_keys);
    v.value(used("heatmap_rows", "Intervals of the heatmap, one row each."), s.heatmap_rows);
    v.value(used("console_root", "Folder with the pages of the console, as `./dev build` makes it; empty: `console` or `share/meshscope/console` beside the program or up to two folders above it, and no pages when there is none."), s.console_root);
    v.section(parsed("error_policy", "When an HTTP status makes a span an error."), s.error_policy);
    v.section(used("kubernetes", "Where the Kubernetes cluster is: this kubeconfig, else the pod that the server runs in, else the environment's `KUBECONFIG`."), s.kubernetes);
}

void describe(Visitor& v, KubernetesAccess& s) {
    v.value(used("enabled", "`false`: no cluster is looked for; `true`: there has to be one; unset: it is used when it is found."), s.enabled);
    v.value(used("kubeconfig", "Path of a kubeconfig."), s.kubeconfig);
    v.value(used("context", "Context of the kubeconfig; empty: its current one."), s.context);
}

void describe(Visitor& v, ErrorPolicy& s) {
    v.value(parsed("server_status", "Lowest status that is an error on a server's span.", Check{}.range(100, 600)), s.server_status);
    v.value(parsed("client_status", "Lowest status that is an error on a client's span.", Check{}.range(100, 600)), s.client_status);
}

}  // namespace meshscope::config
