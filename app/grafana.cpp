#include "app/grafana.hpp"

#include "app/addresses.hpp"
#include "app/health_page.hpp"
#include "app/upstream_auth.hpp"
#include "app/upstream_parts.hpp"

#include <string>
#include <utility>

namespace meshscope::app {

namespace {

using clients::DashboardsState;

constexpr const char* kSection = "external_services.grafana";

std::string external_address(const config::Grafana& grafana) {
    std::string url = grafana.url.value_or("");
    url = url.empty() ? grafana.external_url.value_or("") : url;
    while (url.ends_with('/')) {
        url.pop_back();
    }
    const bool web = url.starts_with("http://") || url.starts_with("https://");
    return web ? url : std::string();
}

void log_change(telemetry::Logger& logger, const DashboardsState& state) {
    if (state.reachability == DashboardsState::Reachability::kReachable) {
        logger.info("grafana is reachable", {{"version", std::string_view(state.version)}});
    } else if (state.reason) {
        log_unreachable(logger, "grafana", *state.reason);
    }
}

}  // namespace

Result<std::unique_ptr<clients::grafana::Grafana>> make_grafana(
    const config::Loaded& loaded, const Clock& clock, telemetry::Logger& logger
) {
    const config::Grafana& grafana = loaded.config.external_services.grafana;
    const ConfiguredAddress address = internal_address(grafana);
    if (!grafana.enabled || address.url.empty()) {
        return std::unique_ptr<clients::grafana::Grafana>();
    }
    auto url = clients::parse_url(address.url);
    if (!url) {
        return unusable_address(kSection, address.key, url.error().message());
    }
    clients::grafana::GrafanaOptions options;
    options.http.upstream = "grafana";
    options.http.setting_prefix = kSection;
    options.http.url_setting = address.key;
    options.http.base = std::move(*url);
    options.http.credentials = credentials_of(grafana.auth, clock);
    options.http.tls = tls_of(loaded, grafana.auth, clock, logger);
    auto authorizer = authorizer_of(loaded, grafana.auth, kSection, clock, logger);
    if (!authorizer) {
        return authorizer.error();
    }
    options.http.authorizer = std::move(*authorizer);
    if (!grafana.health_check_url.empty()) {
        auto page = health_page(grafana.health_check_url, options.http);
        if (!page) {
            return page.error();
        }
        options.health = {std::move(page->http), std::move(page->target)};
    }
    for (const config::LinkedDashboard& dashboard : grafana.dashboards) {
        options.dashboards.push_back(dashboard.name);
    }
    options.probe_interval =
        std::chrono::duration_cast<std::chrono::milliseconds>(loaded.config.meshscope.probe_interval
        );
    options.on_change = [&logger](const DashboardsState& state) { log_change(logger, state); };
    return std::make_unique<clients::grafana::Grafana>(std::move(options), clock);
}

business::DashboardSettings dashboard_settings(const config::Grafana& grafana) {
    business::DashboardSettings settings;
    settings.external_url = external_address(grafana);
    settings.datasource_uid = grafana.datasource_uid;
    for (const config::LinkedDashboard& dashboard : grafana.dashboards) {
        const config::DashboardVariables& names = dashboard.variables;
        business::DashboardSettings::Variables variables;
        for (const auto& [variable, name] :
             {std::pair("app", &names.app),
              std::pair("datasource", &names.datasource),
              std::pair("namespace", &names.namespace_),
              std::pair("service", &names.service),
              std::pair("version", &names.version),
              std::pair("workload", &names.workload)}) {
            if (!name->empty()) {
                variables.emplace(variable, *name);
            }
        }
        settings.variables.emplace(dashboard.name, std::move(variables));
    }
    return settings;
}

}  // namespace meshscope::app
