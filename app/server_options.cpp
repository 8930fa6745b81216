#include "app/server_options.hpp"

#include "config/tls_versions.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <thread>

namespace meshscope::app {

namespace {

constexpr std::int64_t kMaxThreads = 8;
constexpr std::chrono::nanoseconds kAfterTheQuery = std::chrono::seconds(5);
constexpr std::chrono::milliseconds kNoWriteTimeout = std::chrono::hours(24);

std::size_t thread_count(std::int64_t configured) {
    if (configured > 0) {
        return static_cast<std::size_t>(configured);
    }
    const auto cores = static_cast<std::int64_t>(std::thread::hardware_concurrency());
    return static_cast<std::size_t>(std::clamp<std::int64_t>(cores, 1, kMaxThreads));
}

std::unique_ptr<server::TlsFiles> tls_files(const config::Config& config) {
    if (config.identity.cert_file.empty() || config.identity.private_key_file.empty()) {
        return nullptr;
    }
    auto files = std::make_unique<server::TlsFiles>();
    files->certificate_file = config.identity.cert_file;
    files->private_key_file = config.identity.private_key_file;
    const config::TlsPolicy& policy = config.deployment.tls_config;
    const config::TlsVersions versions = config::tls_versions(policy);
    files->min_version = versions.min;
    files->max_version = versions.max;
    files->cipher_suites = policy.cipher_suites;
    files->groups = policy.groups;
    return files;
}

Result<std::uint16_t> port_number(std::int64_t port, const std::string& key) {
    if (port < 0 || port > 65535) {
        return Error(
            ErrorKind::kInvalidArgument,
            key + " is " + std::to_string(port) + "; a port is a number from 0 to 65535"
        );
    }
    return static_cast<std::uint16_t>(port);
}

std::chrono::milliseconds in_ms(std::chrono::nanoseconds duration) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(duration);
}

}  // namespace

Result<server::ServerOptions> server_options(const config::Config& config) {
    const Result<std::uint16_t> port = port_number(config.server.port, "server.port");
    if (!port) {
        return port.error();
    }
    server::ServerOptions options;
    options.name = "main";
    options.address = config.server.address;
    options.port = *port;
    options.web_root = config.server.web_root;
    options.threads = thread_count(config.meshscope.server_threads);
    options.compression = config.server.gzip_enabled;
    options.cors.allow_all = config.server.cors_allow_all;
    options.tls = tls_files(config);
    options.limits.max_connections = static_cast<std::size_t>(config.meshscope.max_connections);
    // A request outlives the one upstream call that it waits for: what that call had received when
    // its own time was up must still be written.
    const std::chrono::nanoseconds timeout = config.external_services.tracing.query_timeout;
    const std::chrono::nanoseconds query =
        timeout.count() > 0 ? timeout : config.meshscope.request_timeout;
    options.limits.request_timeout =
        in_ms(std::max(config.meshscope.request_timeout, query + kAfterTheQuery));
    if (config.server.write_timeout.count() > 0) {
        options.limits.write_timeout = in_ms(config.server.write_timeout);
    } else {
        options.limits.write_timeout = kNoWriteTimeout;
    }
    return options;
}

Result<server::ServerOptions> metrics_options(const config::Config& config) {
    const Result<std::uint16_t> port =
        port_number(config.server.observability.metrics.port, "server.observability.metrics.port");
    if (!port) {
        return port.error();
    }
    server::ServerOptions options;
    options.name = "metrics";
    options.address = config.server.address;
    options.port = *port;
    options.threads = 1;
    options.tls = tls_files(config);
    options.limits.max_connections = 64;
    return options;
}

}  // namespace meshscope::app
