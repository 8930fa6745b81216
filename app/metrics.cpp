#include "app/metrics.hpp"

#include "app/addresses.hpp"
#include "app/health_page.hpp"
#include "app/upstream_auth.hpp"
#include "async/worker_pool.hpp"
#include "telemetry/metrics.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

namespace meshscope::app {

namespace {

using clients::MetricStoreState;
using std::chrono::duration_cast;
using std::chrono::milliseconds;

constexpr const char* kSection = "external_services.prometheus";
constexpr std::chrono::seconds kLongestQuery{30};

clients::HttpClientOptions http_options(
    const config::Loaded& loaded, clients::Url url, const UpstreamParts& parts
) {
    const config::Prometheus& prometheus = loaded.config.external_services.prometheus;
    clients::HttpClientOptions options;
    options.upstream = "prometheus";
    options.setting_prefix = kSection;
    options.url_setting = "url";
    options.base = std::move(url);
    options.credentials = credentials_of(prometheus.auth, *parts.clock);
    options.tls = tls_of(loaded, prometheus.auth, *parts.clock, *parts.logger);
    options.custom_headers = {prometheus.custom_headers.begin(), prometheus.custom_headers.end()};
    options.limits.max_body_bytes =
        static_cast<std::size_t>(loaded.config.meshscope.receive_limit_mb) * 1024 * 1024;
    options.tracer = parts.tracer;
    return options;
}

void log_change(telemetry::Logger& logger, const MetricStoreState& state) {
    using Reachability = MetricStoreState::Reachability;
    if (state.reachability == Reachability::kReachable) {
        logger.info(
            "prometheus is reachable",
            {{"product", std::string_view(state.product)},
             {"version", std::string_view(state.version)}}
        );
    } else if (state.reason) {
        log_unreachable(logger, "prometheus", *state.reason);
    }
}

void set_times(clients::prometheus::PrometheusStoreOptions& options, const config::Config& config) {
    const config::Prometheus& prometheus = config.external_services.prometheus;
    options.query_timeout = std::min<milliseconds>(
        kLongestQuery, duration_cast<milliseconds>(config.meshscope.request_timeout) * 3 / 4
    );
    options.probe_interval = duration_cast<milliseconds>(config.meshscope.probe_interval);
    options.cache.enabled = prometheus.cache_enabled;
    options.cache.duration = prometheus.cache_duration;
    options.cache.expiration = prometheus.cache_expiration;
    if (prometheus.thanos_proxy.enabled) {
        using std::chrono::seconds;
        options.known = clients::prometheus::KnownSettings{
            duration_cast<seconds>(prometheus.thanos_proxy.retention_period),
            duration_cast<seconds>(prometheus.thanos_proxy.scrape_interval)
        };
    }
}

}  // namespace

Result<std::unique_ptr<clients::prometheus::PrometheusStore>> make_metric_store(
    const config::Loaded& loaded, const UpstreamParts& parts
) {
    using clients::prometheus::PrometheusStore;
    const config::Prometheus& prometheus = loaded.config.external_services.prometheus;
    if (!prometheus.enabled) {
        return std::unique_ptr<PrometheusStore>();
    }
    auto url = prometheus_address(prometheus);
    if (!url) {
        return url.error();
    }
    clients::prometheus::PrometheusStoreOptions options;
    options.http = http_options(loaded, std::move(*url), parts);
    auto authorizer = authorizer_of(loaded, prometheus.auth, kSection, *parts.clock, *parts.logger);
    if (!authorizer) {
        return authorizer.error();
    }
    options.http.authorizer = std::move(*authorizer);
    if (!prometheus.health_check_url.empty()) {
        auto page = health_page(prometheus.health_check_url, options.http);
        if (!page) {
            return page.error();
        }
        options.health = {std::move(page->http), std::move(page->target)};
    }
    options.query_scope = prometheus.query_scope;
    options.workers = parts.workers;
    set_times(options, loaded.config);
    options.on_change = [logger = parts.logger](const MetricStoreState& state) {
        log_change(*logger, state);
    };
    options.on_call = [metrics = parts.metrics](
                          std::string_view outcome, std::chrono::nanoseconds took
                      ) { metrics->count_upstream_call("prometheus", outcome, took); };
    return std::make_unique<PrometheusStore>(std::move(options), *parts.governor, *parts.clock);
}

}  // namespace meshscope::app
