#pragma once

#include "async/awaitable.hpp"
#include "clients/grpc/grpc_runtime.hpp"
#include "config/load.hpp"
#include "core/clock.hpp"
#include "core/result.hpp"
#include "telemetry/logger.hpp"
#include "telemetry/tracer.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace meshscope::telemetry {
class MetricsRegistry;
}

namespace meshscope::app {

// All of it outlives the spans.
struct OwnSpansParts {
    const Clock* clock = nullptr;
    telemetry::Logger* logger = nullptr;
    telemetry::MetricsRegistry* metrics = nullptr;
    std::shared_ptr<clients::GrpcRuntime> grpc;  // needed with otel.protocol grpc
    // A variable of the environment, nullopt when it is not set.
    std::function<std::optional<std::string>(const std::string& name)> environment;
};

// The server's own spans, from the tracer to the collector, as server.observability.tracing says.
class OwnSpans {
 public:
    // Null when they are off. The error (kInvalidArgument) names the key that cannot be used.
    static Result<std::unique_ptr<OwnSpans>> create(
        const config::Loaded& loaded, const OwnSpansParts& parts
    );
    ~OwnSpans();
    OwnSpans(const OwnSpans&) = delete;
    OwnSpans& operator=(const OwnSpans&) = delete;

    [[nodiscard]] telemetry::Tracer& tracer();
    // Sends what was recorded, until stop() or cancelled. Once.
    Awaitable<> run();
    // From another thread: the last flush, at most `patience` long.
    void stop(std::chrono::milliseconds patience);

 private:
    struct Impl;
    explicit OwnSpans(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

// OTEL_EXPORTER_OTLP_HEADERS: "key=value,key=value", percent-encoded. `bad` counts what is not such
// a pair.
std::vector<std::pair<std::string, std::string>> parse_otlp_headers(
    std::string_view text, std::size_t& bad
);

}  // namespace meshscope::app
