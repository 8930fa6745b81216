#include "app/application.hpp"

#include "app/background.hpp"
#include "app/cluster.hpp"
#include "app/console.hpp"
#include "app/denials.hpp"
#include "app/descriptors.hpp"
#include "app/discovery.hpp"
#include "app/explain.hpp"
#include "app/gauges.hpp"
#include "app/grafana.hpp"
#include "app/graphs.hpp"
#include "app/health_rules.hpp"
#include "app/heatmaps.hpp"
#include "app/login.hpp"
#include "app/mesh_components.hpp"
#include "app/metric_uses.hpp"
#include "app/metrics.hpp"
#include "app/own_spans.hpp"
#include "app/public_config.hpp"
#include "app/reconcile.hpp"
#include "app/server_options.hpp"
#include "app/store_finder.hpp"
#include "app/traced_store.hpp"
#include "app/tracing.hpp"
#include "app/upkeep.hpp"
#include "app/version.hpp"
#include "async/governor.hpp"
#include "async/worker_pool.hpp"
#include "business/access.hpp"
#include "business/logs.hpp"
#include "business/masking.hpp"
#include "business/mesh.hpp"
#include "business/status.hpp"
#include "business/traces.hpp"
#include "clients/http/idle_sweep.hpp"
#include "clients/trace_cache.hpp"
#include "handlers/error_response.hpp"
#include "handlers/parts.hpp"
#include "handlers/register_routes.hpp"
#include "server/server.hpp"
#include "telemetry/metrics.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <thread>
#include <utility>
#include <vector>

namespace meshscope::app {

namespace {

constexpr std::int64_t kMaxWorkers = 8;

std::size_t worker_count(std::int64_t configured) {
    const auto cores = static_cast<std::int64_t>(std::thread::hardware_concurrency());
    return static_cast<std::size_t>(
        configured > 0 ? configured : std::clamp<std::int64_t>(cores, 1, kMaxWorkers)
    );
}

GovernorLimits governor_limits(const config::Meshscope& settings) {
    GovernorLimits limits;
    limits.max_in_flight = static_cast<std::size_t>(settings.upstream_max_in_flight);
    limits.max_waiting = static_cast<std::size_t>(settings.upstream_max_waiting);
    return limits;
}

std::size_t mebibytes(std::int64_t count) { return static_cast<std::size_t>(count) * 1024 * 1024; }

std::string level_name(telemetry::LogLevel level) {
    switch (level) {
        case telemetry::LogLevel::kTrace:
            return "trace";
        case telemetry::LogLevel::kDebug:
            return "debug";
        case telemetry::LogLevel::kInfo:
            return "info";
        case telemetry::LogLevel::kWarn:
            return "warn";
        case telemetry::LogLevel::kError:
            return "error";
        case telemetry::LogLevel::kFatal:
            return "fatal";
    }
    return "info";
}

std::optional<std::string> environment(const std::string& name) {
    const char* value = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe): never set
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

business::TracingSettings tracing_settings(const config::Config& config) {
    const config::Tracing& tracing = config.external_services.tracing;
    business::TracingSettings settings;
    settings.naming.namespace_selector = tracing.namespace_selector;
    settings.naming.identity_domain = identity_domain(config);
    settings.use_waypoint_name = tracing.use_waypoint_name;
    // As Kiali: a label of one's own counts only together with one for versions.
    const auto& labels = config.istio_labels;
    if (!labels.app_label_name.empty() && !labels.version_label_name.empty()) {
        settings.naming.app_labels = {labels.app_label_name};
    }
    settings.query_scope = tracing.query_scope;
    settings.home_cluster = home_cluster(config);
    settings.several_clusters = !config.clustering.clusters.empty();
    return settings;
}

}  // namespace

// Declared in the order of dependencies: destroyed in the reverse one.
struct Application::Parts {
    Parts(const config::Loaded& configuration, telemetry::Logger& log, const RecentLines* lines)
        : loaded(configuration),
          target(config::resolve_tracing(configuration.config.external_services.tracing)),
          logger(log),
          masker(std::make_shared<business::Masker>(configuration.config.meshscope.masked_keys)),
          workers(worker_count(configuration.config.meshscope.worker_threads)),
          governor("jaeger", governor_limits(configuration.config.meshscope)),
          cluster_governor("kubernetes", governor_limits(configuration.config.meshscope)),
          metric_governor("prometheus", governor_limits(configuration.config.meshscope)),
          background(log),
          watching(log),
          upkeep(loaded, clock, log, lines) {}

    const config::Loaded loaded;
    const config::TracingTarget target;
    telemetry::Logger& logger;
    SystemClock clock;
    telemetry::MetricsRegistry metrics;
    std::shared_ptr<clients::GrpcRuntime> grpc;  // made when something speaks it
    std::unique_ptr<OwnSpans> own_spans;         // null: off
    business::CallerAccess access;
    std::shared_ptr<const business::Masker> masker;
    WorkerPool workers;
    Governor governor;
    Governor cluster_governor;
    Governor metric_governor;
    std::unique_ptr<clients::kubernetes::KubernetesCluster> cluster;  // null: none
    models::DiscoveryRules rules;                                     // its snapshots are made by
    std::unique_ptr<clients::jaeger::JaegerStore> store;
    std::unique_ptr<clients::CachingTraceStore> cache;  // over the store
    std::unique_ptr<TracedStore> traced_store;          // over the cache; null without own spans
    std::unique_ptr<StoreFinder> finder;                // null: tracing is off
    std::unique_ptr<clients::prometheus::PrometheusStore> metric_store;  // null: metrics are off
    std::unique_ptr<clients::grafana::Grafana> grafana;                  // null: none is configured
    BackgroundThread background;
    BackgroundThread watching;  // the cluster's own: parsing its objects holds up nobody else
    std::shared_ptr<const business::Traces> traces;
    LoginSet login;
    std::shared_ptr<const business::Status> status;
    Upkeep upkeep;
    std::unique_ptr<server::Server> main_server;
    std::unique_ptr<server::Server> metrics_server;
    std::atomic<bool> serving = false;
    bool stopped = false;

    std::optional<Error> make_own_spans();
    [[nodiscard]] telemetry::Tracer* tracer() { return own_spans ? &own_spans->tracer() : nullptr; }
    std::optional<Error> make_cluster();
    [[nodiscard]] TracingParts tracing_parts();
    std::optional<Error> make_store();
    [[nodiscard]] clients::TraceStore* trace_store() {  // null: there is none
        return traced_store ? static_cast<clients::TraceStore*>(traced_store.get()) : cache.get();
    }
    void explain_with(handlers::Parts& parts);
    std::optional<Error> make_metrics();
    std::optional<Error> let_in();
    void make_traces();
    [[nodiscard]] std::shared_ptr<const business::Logs> make_logs();
    std::optional<Error> make_servers(telemetry::LogLevel level);
    void add_gauges();
};

std::optional<Error> Application::Parts::make_own_spans() {
    const config::OwnTracing& settings = loaded.config.server.observability.tracing;
    if (settings.enabled && settings.otel.protocol == "grpc") {
        grpc = std::make_shared<clients::GrpcRuntime>();
    }
    OwnSpansParts parts;
    parts.clock = &clock;
    parts.logger = &logger;
    parts.metrics = &metrics;
    parts.grpc = grpc;
    parts.environment = environment;
    auto made = OwnSpans::create(loaded, parts);
    if (!made) {
        return made.error();
    }
    own_spans = std::move(*made);
    return std::nullopt;
}

std::optional<Error> Application::Parts::make_cluster() {
    const config::KubernetesAccess& access_to = loaded.config.meshscope.kubernetes;
    ClusterPlaces places;
    places.enabled = access_to.enabled;
    places.kubeconfig = access_to.kubeconfig;
    places.context = access_to.context;
    places.run_programs = loaded.config.clustering.enable_exec_provider ||
                          loaded.config.kiali_feature_flags.clustering.enable_exec_provider;
    places.service_account =
        std::filesystem::path(loaded.paths.service_account_token).parent_path().string();
    places.environment = environment;
    auto found = find_cluster(places, clock);
    if (!found) {
        return found.error();
    }
    if (!*found) {
        return std::nullopt;
    }
    (*found)->tracer = tracer();
    auto options = cluster_options(loaded.config, std::move(**found));
    if (!options) {
        return options.error();
    }
    rules = options->rules;
    options->on_change = [this](const clients::ClusterState& state) {
        using Reachability = clients::ClusterState::Reachability;
        if (state.reachability == Reachability::kUnreachable && state.reason) {
            logger.warn("kubernetes is not reached", {{"reason", state.reason->message()}});
        } else if (state.reachability == Reachability::kReachable) {
            logger.info("kubernetes is reached", {{"version", state.version}});
        }
    };
    options->on_warning = [this](const std::string& text) {
        logger.warn("kubernetes warns", {{"warning", std::string_view(text)}});
    };
    cluster = std::make_unique<clients::kubernetes::KubernetesCluster>(
        std::move(*options), cluster_governor, clock
    );
    return std::nullopt;
}

TracingParts Application::Parts::tracing_parts() {
    TracingParts parts;
    parts.governor = &governor;
    parts.clock = &clock;
    parts.workers = &workers;
    parts.logger = &logger;
    parts.metrics = &metrics;
    parts.tracer = tracer();
    if (!grpc) {
        grpc = std::make_shared<clients::GrpcRuntime>();
    }
    parts.grpc = grpc;
    return parts;
}

std::optional<Error> Application::Parts::make_store() {
    if (target.enabled) {
        finder = std::make_unique<StoreFinder>(loaded, target, tracing_parts());
    }
    if (!target.integration) {
        return std::nullopt;
    }
    auto made = make_trace_store(loaded, target, tracing_parts());
    if (!made) {
        return made.error();
    }
    store = std::move(*made);
    clients::TraceCacheOptions options;
    options.max_bytes = mebibytes(loaded.config.meshscope.trace_cache_mb);
    options.on_lookup = [this](clients::CacheOutcome outcome) {
        metrics.count(
            "trace_cache_lookups_total",
            "Traces looked up by id: kept (a hit), shared with a request in flight (a hit), missed",
            clients::to_string(outcome)
        );
    };
    cache = std::make_unique<clients::CachingTraceStore>(*store, clock, std::move(options));
    if (own_spans) {
        traced_store = std::make_unique<TracedStore>(*cache, own_spans->tracer(), "jaeger");
    }
    return std::nullopt;
}

std::optional<Error> Application::Parts::make_metrics() {
    UpstreamParts parts;
    parts.governor = &metric_governor;
    parts.clock = &clock;
    parts.workers = &workers;
    parts.logger = &logger;
    parts.metrics = &metrics;
    parts.tracer = tracer();
    auto made = make_metric_store(loaded, parts);
    if (!made) {
        return made.error();
    }
    metric_store = std::move(*made);
    auto dashboards = make_grafana(loaded, clock, logger);
    if (!dashboards) {
        return dashboards.error();
    }
    grafana = std::move(*dashboards);
    return std::nullopt;
}

std::optional<Error> Application::Parts::let_in() {
    auto made = make_login(loaded, cluster.get(), clock, logger);
    if (!made) {
        return made.error();
    }
    login = std::move(*made);
    return std::nullopt;
}

void Application::Parts::make_traces() {
    business::Traces::Parts parts;
    parts.store = trace_store();
    parts.unavailable = tracing_unavailable(target);
    parts.cluster = cluster.get();
    parts.access = &access;
    parts.clock = &clock;
    parts.masker = masker.get();
    parts.workers = &workers;
    parts.discovery = discovery(loaded.config);
    parts.settings = tracing_settings(loaded.config);
    traces = std::make_shared<const business::Traces>(std::move(parts));
}

std::shared_ptr<const business::Logs> Application::Parts::make_logs() {
    business::Logs::Parts parts;
    parts.unavailable = business::no_cluster();
    parts.cluster = cluster.get();
    parts.traces = traces.get();
    parts.access = &access;
    parts.clock = &clock;
    parts.masker = masker.get();
    parts.workers = &workers;
    parts.discovery = discovery(loaded.config);
    const auto& off = loaded.config.kiali_feature_flags.disabled_features;
    parts.disabled = std::ranges::find(off, "logs-tab") != off.end();
    return std::make_shared<const business::Logs>(std::move(parts));
}

void Application::Parts::explain_with(handlers::Parts& parts) {
    business::Explain::Parts of_explain;
    of_explain.store = trace_store();
    of_explain.finder = finder.get();
    of_explain.metrics = metric_store.get();
    of_explain.cluster = cluster.get();
    of_explain.access = &access;
    of_explain.clock = &clock;
    of_explain.settings = tracing_settings(loaded.config);
    parts.explain = make_explain(loaded.config, target, std::move(of_explain));
    business::Diagnose::Parts of_diagnose;
    of_diagnose.finder = finder.get();
    of_diagnose.cluster = cluster.get();
    of_diagnose.access = &access;
    of_diagnose.clock = &clock;
    parts.diagnose = make_diagnose(loaded.config, target, std::move(of_diagnose));
}

std::optional<Error> Application::Parts::make_servers(telemetry::LogLevel level) {
    business::Mesh::Parts of_mesh;
    of_mesh.cluster = cluster.get();
    of_mesh.access = &access;
    of_mesh.clock = &clock;
    of_mesh.discovery = discovery(loaded.config);
    of_mesh.rules = rules;
    handlers::Parts parts;
    parts.traces = traces;
    parts.mesh = std::make_shared<const business::Mesh>(std::move(of_mesh));
    MetricUses uses;
    uses.store = metric_store.get();
    uses.cluster = cluster.get();
    uses.access = &access;
    uses.clock = &clock;
    parts.metrics = metric_series(loaded.config, uses);
    business::Graphs::Parts of_graphs;
    of_graphs.metrics = metric_store.get();
    of_graphs.cluster = cluster.get();
    of_graphs.access = &access;
    of_graphs.clock = &clock;
    of_graphs.workers = &workers;
    const auto healthy = health_rules(loaded.config);
    if (!healthy) {
        return healthy.error();
    }
    parts.graphs = make_graphs(loaded.config, rules, *healthy, of_graphs);
    parts.trace_graphs = make_trace_graphs(loaded.config, of_graphs, traces, parts.graphs);
    parts.health = make_health(loaded.config, *healthy, uses);
    explain_with(parts);
    business::Status::Parts of_status;
    of_status.store = store.get();
    of_status.cluster = cluster.get();
    of_status.metrics = metric_store.get();
    of_status.dashboards = grafana.get();
    of_status.dashboards_are_core = loaded.config.external_services.grafana.is_core;
    of_status.dashboard_settings = dashboard_settings(loaded.config.external_services.grafana);
    of_status.wanted = wanted_components(loaded.config.external_services.istio);
    of_status.access = &access;
    of_status.clock = &clock;
    of_status.tracing_is_core = loaded.config.external_services.tracing.is_core;
    of_status.metrics_are_core = loaded.config.external_services.prometheus.is_core;
    status = std::make_shared<const business::Status>(std::move(of_status));
    parts.status = status;
    parts.masker = masker;
    parts.config = std::make_shared<const handlers::PublicConfig>(
        public_config(loaded.config, target, {kVersion, kCommit}, level_name(level))
    );
    parts.logs = make_logs();
    add_measured(loaded.config, {metric_store.get(), cluster.get(), &access, &clock}, parts);
    add_reconcile(loaded.config, uses, &workers, parts);
    parts.login = login.parts;
    if (!parts.login) {
        parts.everybody = business::anonymous_caller();
    }
    const config::Server& server = loaded.config.server;
    parts.address = {server.web_schema, server.web_fqdn, server.web_port};
    // Each upstream was looked at once, whatever was seen.
    parts.ready = [this] {
        return serving.load() && (!store || store->state().last_probe) &&
               (!metric_store || metric_store->state().last_probe) &&
               (!cluster || cluster->state().synced);
    };
    parts.response_limit_bytes = mebibytes(loaded.config.meshscope.response_limit_mb);
    parts.workers = &workers;
    auto router = std::make_shared<server::Router>();
    handlers::register_routes(*router, parts);
    if (auto failed = add_console(*router, loaded.config, logger)) {
        return failed;
    }

    server::ServerParts shared;
    shared.router = login.audit ? telling_denials(*router, parts, login.audit) : std::move(router);
    shared.render_error = handlers::error_response;
    shared.clock = &clock;
    shared.logger = &logger;
    shared.metrics = &metrics;
    shared.tracer = tracer();
    auto options = server_options(loaded.config);
    if (!options) {
        return options.error();
    }
    bound_connections(options->limits, logger);
    main_server = std::make_unique<server::Server>(std::move(*options), shared);

    if (loaded.config.server.observability.metrics.enabled) {
        auto for_metrics = metrics_options(loaded.config);
        if (!for_metrics) {
            return for_metrics.error();
        }
        shared.router = server::metrics_router(metrics);
        shared.metrics = nullptr;
        shared.tracer = nullptr;
        metrics_server = std::make_unique<server::Server>(std::move(*for_metrics), shared);
    }
    return std::nullopt;
}

void Application::Parts::add_gauges() {
    add_governor_gauges(metrics, "jaeger", governor);
    if (store) {
        add_store_gauges(metrics, *store, *cache);
    }
    if (metric_store) {
        add_governor_gauges(metrics, "prometheus", metric_governor);
        add_metric_store_gauges(metrics, *metric_store);
    }
    if (cluster) {
        add_governor_gauges(metrics, "kubernetes", cluster_governor);
        add_cluster_gauges(metrics, *cluster, clock);
    }
}

Application::Application(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Application::~Application() { stop(); }

Result<std::unique_ptr<Application>> Application::create(
    const config::Loaded& loaded,
    telemetry::LogLevel level,
    telemetry::Logger& logger,
    const RecentLines* lines
) {
    auto parts = std::make_unique<Parts>(loaded, logger, lines);
    auto failed = parts->make_own_spans();
    if (!failed) {
        failed = parts->make_cluster();
    }
    if (!failed) {
        failed = parts->let_in();
    }
    if (!failed) {
        failed = parts->make_store();
    }
    if (!failed) {
        failed = parts->make_metrics();
    }
    if (!failed) {
        parts->make_traces();
        failed = parts->make_servers(level);
    }
    // From here on the destructor stops what was made, whatever failed.
    std::unique_ptr<Application> application(new Application(std::move(parts)));
    if (failed) {
        return *failed;
    }
    application->parts_->add_gauges();
    return application;
}

Result<> Application::start() {
    Parts& parts = *parts_;
    Result<> started = parts.main_server->start();
    if (started && parts.metrics_server) {
        started = parts.metrics_server->start();
    }
    if (!started) {
        return started;
    }
    if (parts.store) {
        parts.background.spawn("probe jaeger", [&parts] { return parts.store->run_prober(); });
        parts.background.spawn("forget traces", [&parts] { return parts.cache->run_expiry(); });
    }
    if (parts.metric_store) {
        parts.background.spawn("probe prometheus", [&parts] {
            return parts.metric_store->run_prober();
        });
    }
    if (parts.grafana) {
        parts.background.spawn("probe grafana", [&parts] { return parts.grafana->run_prober(); });
    }
    if (parts.store || parts.cluster || parts.metric_store || parts.grafana) {
        std::vector<Executor> callers = parts.main_server->executors();
        callers.push_back(parts.background.executor());
        callers.push_back(parts.watching.executor());
        parts.background.spawn("close idle connections", [&parts, callers] {
            return clients::sweep_idle_connections(callers, parts.clock);
        });
    }
    if (parts.cluster) {
        parts.watching.spawn("watch kubernetes", [&parts] { return parts.cluster->run(); });
    }
    if (parts.own_spans) {
        parts.background.spawn("send own spans", [&parts] { return parts.own_spans->run(); });
    }
    parts.background.spawn("watch credential files", [&parts] { return parts.upkeep.run(); });
    parts.upkeep.open(parts.main_server->port(), parts.status, parts.metrics);
    parts.serving = true;
    return {};
}

void Application::reload() { parts_->upkeep.reload(); }

void Application::retire() { parts_->serving = false; }

void Application::stop() {
    Parts& parts = *parts_;
    if (std::exchange(parts.stopped, true)) {
        return;
    }
    parts.serving = false;
    parts.upkeep.close();
    const auto grace = std::chrono::duration_cast<std::chrono::milliseconds>(
        parts.loaded.config.meshscope.shutdown_grace
    );
    if (parts.main_server) {
        parts.main_server->stop(grace);
    }
    if (parts.metrics_server) {
        parts.metrics_server->stop(std::chrono::milliseconds(0));
    }
    if (parts.own_spans) {
        parts.own_spans->stop(std::chrono::seconds(5));
    }
    parts.watching.stop(std::chrono::seconds(5));
    parts.background.stop(std::chrono::seconds(5));
    parts.workers.join();
}

std::uint16_t Application::port() const { return parts_->main_server->port(); }

std::uint16_t Application::metrics_port() const {
    return parts_->metrics_server ? parts_->metrics_server->port() : std::uint16_t{0};
}

}  // namespace meshscope::app
