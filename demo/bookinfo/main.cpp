#include "core/json_writer.hpp"
#include "demo/bookinfo/control_api.hpp"
#include "demo/bookinfo/gaps_control.hpp"
#include "demo/bookinfo/kubernetes_server.hpp"
#include "demo/bookinfo/options.hpp"
#include "demo/jaeger/grpc_api.hpp"
#include "demo/net/http_endpoint.hpp"
#include "demo/otlp/intake.hpp"
#include "demo/otlp/intake_grpc.hpp"

#include <csignal>
#include <cstdio>
#include <iostream>
#include <pthread.h>
#include <span>

namespace meshscope::demo {
namespace {

// Time as --start-micros wants it.
class StillClock final : public Clock {
 public:
    explicit StillClock(SystemTime at) : at_(at) {}
    [[nodiscard]] SystemTime now() const override { return at_; }
    [[nodiscard]] SteadyTime steady_now() const override { return {}; }

 private:
    SystemTime at_;
};

void announce(
    const Options& options,
    const HttpEndpoint& http,
    const JaegerGrpcApi& grpc,
    const HttpEndpoint& control,
    const OtlpGrpcApi& otlp_grpc,
    const HttpEndpoint& otlp_http,
    const KubernetesServer& kubernetes,
    const HttpEndpoint& metrics
) {
    std::string line;
    JsonWriter json(line);
    json.begin_object();
    json.field("ready", true);
    json.field("http", http.port());
    json.field("grpc", grpc.port());
    json.field("control", control.port());
    json.field("otlp_grpc", otlp_grpc.port());
    json.field("otlp_http", otlp_http.port());
    json.field("kubernetes", kubernetes.port());
    json.field("metrics", metrics.port());
    json.field("base_path", options.jaeger.base_path);
    json.field("scenario", options.scenario);
    json.field("jaeger_version", options.release.version);
    json.end_object();
    std::cout << line << std::endl;
}

int fail(const Error& error) {
    std::cerr << "bookinfo: " << error.message() << '\n';
    return 1;
}

int run(const Options& options, const Clock& clock, const sigset_t& signals) {
    Result<Scenario> scenario = scenario_named(options.scenario);
    if (!scenario) {
        return fail(scenario.error());
    }
    scenario->marker = options.marker;
    const EventStream stream(*std::move(scenario), options.seed, clock.now());
    TraceArchive archive(stream, clock, options.otlp_memory);
    Counters counters;
    Stopper stopper;
    Faults faults;
    faults.latency_ms = options.latency_ms;
    faults.stall_after_chunks = options.stall_after_chunks;
    faults.stall_after_bytes = options.stall_after_bytes;
    faults.cut_after_chunks = options.cut_after_chunks;
    faults.cut_after_bytes = options.cut_after_bytes;

    RunningRelease release(options.release);
    JaegerHttpApi api(archive, clock, options.jaeger, release, counters);
    HttpEndpoint http([&api](const HttpRequest& request) { return api.handle(request); }, &faults);
    JaegerGrpcApi grpc(archive, options.jaeger, release, faults, counters, stopper);
    LiveCluster cluster(stream, clock, [] { return to_micros(SystemClock().now()); });
    KubernetesServer kubernetes(cluster, counters, options.kubernetes);
    LiveMetrics metrics(stream, clock, options.metrics);
    HttpEndpoint metrics_endpoint(
        [&metrics](const HttpRequest& request) { return metrics.scrape(request); }, nullptr
    );
    HttpEndpoint control_endpoint(
        [&](const HttpRequest& request) {
            if (request.path == "/metrics-history") {
                return metrics.history();
            }
            if (request.path == "/gaps") {
                return set_gaps(request, stream, archive);
            }
            return request.path.starts_with("/kubernetes")
                       ? kubernetes.control(request)
                       : control(request, counters, faults, release);
        },
        nullptr
    );
    OtlpIntake intake(archive, counters, options.otlp_request_bytes);
    HttpEndpoint otlp_http(
        [&intake](const HttpRequest& request) { return intake.handle(request); },
        nullptr,
        options.otlp_request_bytes
    );
    OtlpGrpcApi otlp_grpc(intake);
    if (!options.closed) {
        if (const Result<> bound = http.listen(options.address, options.http_port); !bound) {
            return fail(bound.error());
        }
        if (const Result<> bound = grpc.listen(options.address, options.grpc_port); !bound) {
            return fail(bound.error());
        }
        if (const Result<> bound = otlp_http.listen(options.address, options.otlp_http_port);
            !bound) {
            return fail(bound.error());
        }
        if (const Result<> bound = otlp_grpc.listen(options.address, options.otlp_grpc_port);
            !bound) {
            return fail(bound.error());
        }
    }
    if (!options.kubernetes_tls.certificate.empty()) {
        if (const Result<> loaded = kubernetes.speak_tls(options.kubernetes_tls); !loaded) {
            return fail(loaded.error());
        }
    }
    if (const Result<> bound = kubernetes.listen(options.address, options.kubernetes_port);
        !bound) {
        return fail(bound.error());
    }
    if (const Result<> bound = control_endpoint.listen(options.address, options.control_port);
        !bound) {
        return fail(bound.error());
    }
    if (const Result<> bound = metrics_endpoint.listen(options.address, options.metrics_port);
        !bound) {
        return fail(bound.error());
    }
    metrics.fill();
    release.watch([&grpc](const Release& now) { grpc.show(now); });
    announce(
        options, http, grpc, control_endpoint, otlp_grpc, otlp_http, kubernetes, metrics_endpoint
    );

    int signal = 0;
    sigwait(&signals, &signal);
    stopper.stop();
    release.watch({});
    grpc.close();
    http.close();
    otlp_grpc.close();
    otlp_http.close();
    control_endpoint.close();
    kubernetes.close();
    metrics_endpoint.close();
    return 0;
}

}  // namespace
}  // namespace meshscope::demo

int main(int argc, char** argv) {
    using namespace meshscope::demo;
    // Before any thread is made: they all inherit it, and only sigwait() sees the signals.
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    std::signal(SIGPIPE, SIG_IGN);

    const std::span<const char* const> arguments(argv + 1, static_cast<std::size_t>(argc - 1));
    const auto options = parse_options(arguments);
    if (!options) {
        std::cerr << "bookinfo: " << options.error().message() << "\n\n" << kUsage;
        return 2;
    }
    if (options->help) {
        std::cout << kUsage;
        return 0;
    }
    if (options->start_micros) {
        const StillClock clock(meshscope::from_micros(*options->start_micros));
        return run(*options, clock, signals);
    }
    const meshscope::SystemClock clock;
    return run(*options, clock, signals);
}
