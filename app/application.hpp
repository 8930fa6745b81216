#pragma once

#include "config/load.hpp"
#include "core/result.hpp"
#include "telemetry/logger.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace meshscope::app {

class RecentLines;

// The running server: every concrete object, built in the order of their dependencies and stopped
// in the reverse one.
class Application {
 public:
    // Nothing is opened yet. `lines`: those of the log, for --support-bundle. The error names what
    // in the configuration cannot be used.
    static Result<std::unique_ptr<Application>> create(
        const config::Loaded& loaded,
        telemetry::LogLevel level,
        telemetry::Logger& logger,
        const RecentLines* lines = nullptr
    );
    ~Application();  // stops without grace what still runs

    // Listens and starts the probes. The error says which address cannot be had and why.
    Result<> start();

    // Reads credentials, certificates and authorities again. After start(), from any thread.
    void reload();

    // From now on not ready (`/readyz`); everything else goes on.
    void retire();

    // No new connection, answers what is in flight for at most the configured grace, ends the
    // probes, joins every thread. Idempotent.
    void stop();

    [[nodiscard]] std::uint16_t port() const;
    [[nodiscard]] std::uint16_t metrics_port() const;  // 0 when there is none

 private:
    struct Parts;
    explicit Application(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace meshscope::app
