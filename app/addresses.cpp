#include "app/addresses.hpp"

#include "app/health_page.hpp"
#include "clients/http/oauth2_token.hpp"
#include "clients/otlp/collector.hpp"

#include <optional>
#include <utility>

namespace meshscope::app {

namespace {

constexpr const char* kTracing = "external_services.tracing";
constexpr const char* kPrometheus = "external_services.prometheus";
constexpr const char* kGrafana = "external_services.grafana";

std::optional<Error> wrong_token_url(const config::ServiceAuth& auth, const std::string& section) {
    if (auth.type != "oauth2") {
        return std::nullopt;
    }
    if (const auto place = clients::parse_token_url(auth.oauth2.token_url); !place) {
        return unusable_address(section, "auth.oauth2.token_url", place.error().message());
    }
    return std::nullopt;
}

std::optional<Error> wrong_health_page(const std::string& url, const char* section) {
    clients::HttpClientOptions upstream;
    upstream.setting_prefix = section;
    if (url.empty()) {
        return std::nullopt;
    }
    const auto page = health_page(url, std::move(upstream));
    return page ? std::nullopt : std::optional<Error>(page.error());
}

std::optional<Error> wrong_tracing(const config::Tracing& tracing) {
    const config::TracingTarget target = config::resolve_tracing(tracing);
    if (!target.enabled || !target.integration) {
        return std::nullopt;
    }
    if (const auto url = tracing_address(target); !url) {
        return url.error();
    }
    return target.transport == config::Transport::kGrpc ? std::nullopt
                                                        : wrong_token_url(tracing.auth, kTracing);
}

std::optional<Error> wrong_prometheus(const config::Prometheus& prometheus) {
    if (!prometheus.enabled) {
        return std::nullopt;
    }
    if (const auto url = prometheus_address(prometheus); !url) {
        return url.error();
    }
    auto wrong = wrong_token_url(prometheus.auth, kPrometheus);
    return wrong ? wrong : wrong_health_page(prometheus.health_check_url, kPrometheus);
}

std::optional<Error> wrong_grafana(const config::Grafana& grafana) {
    const ConfiguredAddress address = internal_address(grafana);
    if (!grafana.enabled || address.url.empty()) {
        return std::nullopt;
    }
    if (const auto url = clients::parse_url(address.url); !url) {
        return unusable_address(kGrafana, address.key, url.error().message());
    }
    auto wrong = wrong_token_url(grafana.auth, kGrafana);
    return wrong ? wrong : wrong_health_page(grafana.health_check_url, kGrafana);
}

std::optional<Error> wrong_collector(const config::OwnTracing& own) {
    namespace otlp = clients::otlp;
    if (!own.enabled) {
        return std::nullopt;
    }
    const bool grpc = own.otel.protocol == "grpc";
    const auto wire = grpc ? otlp::Wire::kGrpc : otlp::Wire::kHttp;
    const auto url = otlp::parse_collector(own.collector_url, wire, false);
    if (url) {
        return std::nullopt;
    }
    return Error(
        ErrorKind::kInvalidArgument,
        std::string(otlp::kSettings) + ".collector_url: " + std::string(url.error().message())
    );
}

}  // namespace

Error unusable_address(const std::string& section, const std::string& key, const std::string& why) {
    const std::string setting = section + "." + key;
    return Error(ErrorKind::kInvalidArgument, setting + " cannot be used: " + why)
        .with_hint({setting, "write it as http://host:port/path"});
}

Result<clients::Url> tracing_address(const config::TracingTarget& target) {
    auto url = clients::parse_url(target.internal_url);
    if (!url) {
        return unusable_address(kTracing, target.internal_key, url.error().message());
    }
    return url;
}

Result<clients::Url> prometheus_address(const config::Prometheus& prometheus) {
    auto url = clients::parse_url(prometheus.url);
    if (!url) {
        return unusable_address(kPrometheus, "url", url.error().message());
    }
    return url;
}

ConfiguredAddress internal_address(const config::Grafana& grafana) {
    if (!grafana.in_cluster_url.value_or("").empty()) {
        return {*grafana.in_cluster_url, "in_cluster_url"};
    }
    return {grafana.internal_url.value_or(""), "internal_url"};
}

Result<> check_addresses(const config::Loaded& loaded) {
    const config::ExternalServices& services = loaded.config.external_services;
    for (const std::optional<Error>& wrong :
         {wrong_tracing(services.tracing),
          wrong_prometheus(services.prometheus),
          wrong_grafana(services.grafana),
          wrong_collector(loaded.config.server.observability.tracing)}) {
        if (wrong) {
            return *wrong;
        }
    }
    return {};
}

}  // namespace meshscope::app
