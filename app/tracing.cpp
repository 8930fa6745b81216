#include "app/tracing.hpp"

#include "app/addresses.hpp"
#include "app/upstream_auth.hpp"
#include "async/worker_pool.hpp"
#include "clients/grpc/grpc_channel.hpp"
#include "clients/http/http_client.hpp"
#include "clients/jaeger/grpc/grpc_v2.hpp"
#include "clients/jaeger/grpc/grpc_v3.hpp"
#include "clients/jaeger/http_v1.hpp"
#include "clients/jaeger/http_v3.hpp"
#include "telemetry/metrics.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace meshscope::app {

namespace {

using clients::jaeger::Protocol;

constexpr std::uint16_t kJaegerGrpcPort = 16685;

clients::TlsSettings tls_of(const config::Loaded& loaded, const TracingParts& parts) {
    const config::ServiceAuth& auth = loaded.config.external_services.tracing.auth;
    return app::tls_of(loaded, auth, *parts.clock, *parts.logger);
}

std::size_t receive_limit(const config::Config& config) {
    return static_cast<std::size_t>(config.meshscope.receive_limit_mb) * 1024 * 1024;
}

// Both versions of the gRPC API over one channel.
void add_grpc_port(
    const config::Loaded& loaded,
    const clients::Url& url,
    std::uint16_t port,
    const std::string& url_setting,
    const TracingParts& parts,
    std::vector<std::shared_ptr<Protocol>>& out
) {
    const config::Tracing& tracing = loaded.config.external_services.tracing;
    const std::size_t limit = receive_limit(loaded.config);
    clients::GrpcChannelOptions options;
    options.host = url.host;
    options.port = port;
    options.use_tls = url.https;
    options.url_setting = url_setting;
    options.tls = tls_of(loaded, parts);
    options.credentials = credentials_of(tracing.auth, *parts.clock);
    options.custom_headers = {tracing.custom_headers.begin(), tracing.custom_headers.end()};
    options.max_message_bytes = limit;
    options.tracer = parts.tracer;
    if (!parts.grpc_address.empty()) {
        options.host = parts.grpc_address;
        options.authority = url.host;
    }
    auto channel =
        std::make_shared<clients::GrpcChannel>(std::move(options), parts.grpc, *parts.clock);
    out.push_back(clients::jaeger::make_grpc_v3(channel, parts.workers, limit));
    out.push_back(clients::jaeger::make_grpc_v2(std::move(channel), limit));
}

void add_grpc(
    const config::Loaded& loaded,
    const clients::Url& url,
    const std::string& url_setting,
    const TracingParts& parts,
    std::vector<std::shared_ptr<Protocol>>& out
) {
    if (url.port != 0) {
        add_grpc_port(loaded, url, url.port, url_setting, parts, out);
        return;
    }
    add_grpc_port(loaded, url, kJaegerGrpcPort, url_setting, parts, out);
    add_grpc_port(loaded, url, url.port_or_default(), url_setting, parts, out);
}

void add_http(
    const config::Loaded& loaded,
    const clients::Url& url,
    const std::string& url_setting,
    std::shared_ptr<clients::Authorizer> authorizer,
    const TracingParts& parts,
    std::vector<std::shared_ptr<Protocol>>& out
) {
    const config::Tracing& tracing = loaded.config.external_services.tracing;
    clients::HttpClientOptions options;
    options.authorizer = std::move(authorizer);
    options.upstream = "jaeger";
    options.setting_prefix = "external_services.tracing";
    options.base = url;
    options.url_setting = url_setting;
    options.credentials = credentials_of(tracing.auth, *parts.clock);
    options.tls = tls_of(loaded, parts);
    options.custom_headers = {tracing.custom_headers.begin(), tracing.custom_headers.end()};
    options.limits.max_body_bytes = receive_limit(loaded.config);
    options.tracer = parts.tracer;
    options.may_connect = parts.may_connect;
    out.push_back(
        std::make_shared<clients::jaeger::HttpV3Protocol>(options, *parts.clock, parts.workers)
    );
    out.push_back(std::make_shared<clients::jaeger::HttpV1Protocol>(
        std::move(options), *parts.clock, parts.workers
    ));
}

void log_change(telemetry::Logger& logger, const clients::StoreState& state) {
    using Reachability = clients::StoreState::Reachability;
    if (state.reachability == Reachability::kReachable) {
        logger.info(
            "jaeger is reachable",
            {{"protocol", std::string_view(state.protocol)},
             {"version", std::string_view(state.version)}}
        );
    } else if (state.reason) {
        log_unreachable(logger, "jaeger", *state.reason);
    }
}

void report_on(const TracingParts& parts, clients::jaeger::JaegerStoreOptions& options) {
    options.on_change = [logger = parts.logger](const clients::StoreState& state) {
        log_change(*logger, state);
    };
    options.on_call = [metrics = parts.metrics](
                          std::string_view outcome, std::chrono::nanoseconds took
                      ) { metrics->count_upstream_call("jaeger", outcome, took); };
}

}  // namespace

Result<std::unique_ptr<clients::jaeger::JaegerStore>> make_trace_store(
    const config::Loaded& loaded, const config::TracingTarget& target, const TracingParts& parts
) {
    const Result<clients::Url> url = tracing_address(target);
    if (!url) {
        return url.error();
    }
    clients::jaeger::JaegerStoreOptions options;
    if (target.transport != config::Transport::kHttp) {
        add_grpc(loaded, *url, target.internal_key, parts, options.candidates);
    }
    if (target.transport != config::Transport::kGrpc) {
        auto authorizer = authorizer_of(
            loaded,
            loaded.config.external_services.tracing.auth,
            "external_services.tracing",
            *parts.clock,
            *parts.logger
        );
        if (!authorizer) {
            return authorizer.error();
        }
        add_http(
            loaded, *url, target.internal_key, std::move(*authorizer), parts, options.candidates
        );
    }
    const config::Tracing& tracing = loaded.config.external_services.tracing;
    const std::chrono::seconds timeout = tracing.query_timeout;
    options.query_timeout = timeout.count() > 0
                                ? std::chrono::duration_cast<std::chrono::milliseconds>(timeout)
                                : std::chrono::duration_cast<std::chrono::milliseconds>(
                                      loaded.config.meshscope.request_timeout
                                  );
    options.probe_interval =
        std::chrono::duration_cast<std::chrono::milliseconds>(loaded.config.meshscope.probe_interval
        );
    options.check_version = !tracing.disable_version_check;
    if (!parts.for_one_try) {
        report_on(parts, options);
    }
    return std::make_unique<clients::jaeger::JaegerStore>(
        std::move(options), *parts.governor, *parts.clock
    );
}

Error tracing_unavailable(const config::TracingTarget& target) {
    if (!target.off_reason.empty()) {
        return Error(ErrorKind::kUnavailable, "tracing is off: " + target.off_reason)
            .with_code("tracing_off")
            .with_hint({"external_services.tracing", target.off_reason});
    }
    if (!target.enabled) {
        return Error(ErrorKind::kUnavailable, "tracing is disabled in the configuration")
            .with_code("tracing_disabled")
            .with_hint({"external_services.tracing.enabled", "set it to true and give internal_url"}
            );
    }
    return Error(
               ErrorKind::kUnavailable,
               "only links to the tracing backend are configured; the server cannot read traces"
    )
        .with_code("tracing_link_only")
        .with_hint(
            {"external_services.tracing.internal_url",
             "set it to the address of Jaeger's query service as seen from this server"}
        );
}

}  // namespace meshscope::app
