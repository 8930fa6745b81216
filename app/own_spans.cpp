#include "app/own_spans.hpp"

#include "app/version.hpp"
#include "clients/otlp/exporter.hpp"
#include "clients/otlp/grpc_sender.hpp"
#include "clients/otlp/http_sender.hpp"
#include "config/tls_versions.hpp"
#include "core/random.hpp"
#include "core/text.hpp"
#include "telemetry/metrics.hpp"
#include "telemetry/span_queue.hpp"

#include <array>
#include <charconv>
#include <unistd.h>

namespace meshscope::app {

namespace {

namespace otlp = clients::otlp;

constexpr const char* kDefaultName = "meshscope";

std::string host_name() {
    std::array<char, 256> name{};
    return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

// https://opentelemetry.io/docs/specs/semconv/resource/
otlp::SpanSource source_of(const config::Config& config, const OwnSpansParts& parts) {
    otlp::SpanSource source;
    source.scope_name = "meshscope";
    source.scope_version = kVersion;
    const auto add = [&source](const char* key, const std::string& value) {
        if (!value.empty()) {
            const std::string text =
                telemetry::bounded_span_text(value, telemetry::kMaxSpanTextBytes);
            source.resource.push_back({key, text});
        }
    };
    const std::string name = parts.environment("OTEL_SERVICE_NAME").value_or("");
    add("service.name", name.empty() ? kDefaultName : name);
    add("service.version", kVersion);
    add("service.instance.id", random_request_id());
    add("host.name", host_name());
    if (parts.environment("KUBERNETES_SERVICE_HOST")) {
        add("k8s.namespace.name", config.deployment.namespace_);
        add("k8s.pod.name", host_name());
    }
    return source;
}

clients::TlsSettings tls_of(const config::Loaded& loaded) {
    clients::TlsSettings tls;
    tls.ca_files = loaded.paths.ca_bundle;
    tls.insecure_skip_verify = loaded.config.server.observability.tracing.otel.skip_verify;
    const config::TlsVersions versions = config::tls_versions(loaded.config.deployment.tls_config);
    tls.min_version = versions.min;
    tls.max_version = versions.max;
    return tls;
}

// OTEL_BSP_SCHEDULE_DELAY, in milliseconds; what is no number from 1 to an hour counts as not set.
otlp::ExporterOptions exporter_options(const OwnSpansParts& parts) {
    constexpr long kHour = 3'600'000;
    otlp::ExporterOptions options;
    const std::string text = parts.environment("OTEL_BSP_SCHEDULE_DELAY").value_or("");
    long delay = 0;
    const char* const end = text.data() + text.size();
    if (std::from_chars(text.data(), end, delay).ptr == end && delay >= 1 && delay <= kHour) {
        options.interval = std::chrono::milliseconds(delay);
    }
    return options;
}

Result<otlp::Collector> collector_of(const config::Loaded& loaded, const OwnSpansParts& parts) {
    const config::OwnTracing& settings = loaded.config.server.observability.tracing;
    const bool grpc = settings.otel.protocol == "grpc";
    const bool tls = grpc ? settings.otel.tls_enabled : settings.otel.protocol == "https";
    otlp::Collector collector;
    collector.wire = grpc ? otlp::Wire::kGrpc : otlp::Wire::kHttp;
    Result<clients::Url> url = otlp::parse_collector(settings.collector_url, collector.wire, tls);
    if (!url) {
        return url.error();
    }
    collector.url = std::move(*url);
    collector.tls = tls_of(loaded);
    std::size_t bad = 0;
    collector.headers =
        parse_otlp_headers(parts.environment("OTEL_EXPORTER_OTLP_HEADERS").value_or(""), bad);
    if (bad > 0) {
        parts.logger->warn(
            "OTEL_EXPORTER_OTLP_HEADERS holds what is not key=value; it is left out",
            {{"entries", static_cast<std::int64_t>(bad)}}
        );
    }
    return collector;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> parse_otlp_headers(
    std::string_view text, std::size_t& bad
) {
    std::vector<std::pair<std::string, std::string>> headers;
    for (std::string_view entry : split(text, ',')) {
        entry = trim(entry);
        const std::size_t sign = entry.find('=');
        if (entry.empty()) {
            continue;
        }
        const auto key = percent_decode(trim(entry.substr(0, sign)), false);
        const auto value = sign == std::string_view::npos
                               ? std::nullopt
                               : percent_decode(trim(entry.substr(sign + 1)), false);
        if (!key || key->empty() || !value) {
            ++bad;
            continue;
        }
        headers.emplace_back(to_lower(*key), *value);
    }
    return headers;
}

struct OwnSpans::Impl {
    Impl(double rate, const OwnSpansParts& parts)
        : metrics(*parts.metrics), tracer(rate, queue, *parts.clock, parts.metrics) {}

    telemetry::MetricsRegistry& metrics;
    telemetry::SpanQueue queue;
    telemetry::Tracer tracer;
    std::unique_ptr<otlp::OtlpExporter> exporter;
};

OwnSpans::OwnSpans(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {
    impl_->metrics.add_gauge(
        "own_spans_queued",
        "Spans of the server itself that wait for the collector",
        "",
        "",
        [impl = impl_.get()] { return static_cast<double>(impl->queue.size()); }
    );
}

OwnSpans::~OwnSpans() { impl_->metrics.remove_gauge("own_spans_queued", ""); }

Result<std::unique_ptr<OwnSpans>> OwnSpans::create(
    const config::Loaded& loaded, const OwnSpansParts& parts
) {
    const config::OwnTracing& settings = loaded.config.server.observability.tracing;
    if (!settings.enabled) {
        return std::unique_ptr<OwnSpans>();
    }
    Result<otlp::Collector> collector = collector_of(loaded, parts);
    if (!collector) {
        return collector.error();
    }
    parts.logger->info(
        "own spans are sent",
        {{"collector", std::string_view(otlp::place_of(*collector))},
         {"protocol", std::string_view(settings.otel.protocol)},
         {"sampling_rate", settings.sampling_rate}}
    );
    auto impl = std::make_unique<Impl>(settings.sampling_rate, parts);
    otlp::ExporterParts made;
    made.source = source_of(loaded.config, parts);
    made.sender = collector->wire == otlp::Wire::kGrpc
                      ? otlp::make_grpc_sender(std::move(*collector), parts.grpc, *parts.clock)
                      : otlp::make_http_sender(std::move(*collector), *parts.clock);
    made.queue = &impl->queue;
    made.clock = parts.clock;
    made.logger = parts.logger;
    made.metrics = parts.metrics;
    impl->exporter = std::make_unique<otlp::OtlpExporter>(exporter_options(parts), std::move(made));
    return std::unique_ptr<OwnSpans>(new OwnSpans(std::move(impl)));
}

telemetry::Tracer& OwnSpans::tracer() { return impl_->tracer; }

Awaitable<> OwnSpans::run() { return impl_->exporter->run(); }

void OwnSpans::stop(std::chrono::milliseconds patience) { impl_->exporter->stop(patience); }

}  // namespace meshscope::app
