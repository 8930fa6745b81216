#pragma once

#include "config/external_services.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// `meshscope`: settings of our own, so that the rest of the file stays a Kiali file.
namespace meshscope::config {

// Which HTTP answers make a span an error when nothing else in the span says so.
struct ErrorPolicy {
    std::int64_t server_status = 500;  // lowest status that is an error on a server span
    std::int64_t client_status = 400;  // lowest status that is an error on a client span
};

// Where the Kubernetes cluster is: a kubeconfig, else the pod this runs in, else KUBECONFIG.
struct KubernetesAccess {
    std::optional<bool> enabled;  // unset: when one is found
    std::string kubeconfig;
    std::string context;
};

struct Meshscope {
    std::int64_t upstream_max_in_flight = 8;  // calls to one upstream at once
    std::int64_t upstream_max_waiting = 256;
    std::int64_t receive_limit_mb = 256;   // one answer of an upstream, decoded
    std::int64_t response_limit_mb = 256;  // one answer of ours that holds traces, uncompressed
    std::int64_t trace_cache_mb = 256;     // traces kept after they were looked at; 0: none
    std::int64_t server_threads = 0;       // 0: as many as cores, at most 8
    std::int64_t worker_threads = 0;       // 0: as many as cores, at most 8
    std::int64_t max_connections = 4096;
    std::chrono::nanoseconds request_timeout = std::chrono::seconds(60);
    std::chrono::nanoseconds shutdown_delay{0};  // not ready any more, still taking connections
    std::chrono::nanoseconds shutdown_grace = std::chrono::seconds(20);
    std::chrono::nanoseconds probe_interval = std::chrono::seconds(30);
    TextList previous_signing_keys;  // credentials: older login_token.signing_key, still accepted
    TextList trusted_proxies;        // addresses or ranges of them, 10.0.0.0/8
    TextList masked_keys;            // attribute names, besides the built-in ones
    TextList heatmap_rows{"10m", "60m", "3h"};
    std::string console_root;  // folder of the pages; empty: beside the program
    ErrorPolicy error_policy;
    KubernetesAccess kubernetes;
};

}  // namespace meshscope::config
