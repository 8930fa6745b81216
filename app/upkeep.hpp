#pragma once

#include "app/credential_files.hpp"
#include "app/recent_lines.hpp"
#include "app/support_port.hpp"
#include "async/awaitable.hpp"
#include "business/status.hpp"
#include "config/load.hpp"
#include "core/clock.hpp"
#include "telemetry/logger.hpp"
#include "telemetry/metrics.hpp"

#include <cstdint>
#include <memory>

namespace meshscope::app {

// What an operator needs of a server that runs: files that are replaced, and what
// --support-bundle is told.
class Upkeep {
 public:
    // All must outlive it. `lines` may be null: then --support-bundle has no log.
    Upkeep(
        const config::Loaded& loaded,
        const Clock& clock,
        telemetry::Logger& logger,
        const RecentLines* lines
    );

    // Watches the files until it is cancelled.
    Awaitable<> run() { return files_.run(); }

    // From now on --support-bundle finds the server of that port. `metrics` must outlive close().
    void open(
        std::uint16_t port,
        std::shared_ptr<const business::Status> status,
        const telemetry::MetricsRegistry& metrics
    );
    void close();

    // Credentials, certificates and authorities are read again when they are needed next, changed
    // or not; the log tells which have changed.
    void reload();

 private:
    const config::Loaded& loaded_;
    const Clock& clock_;
    telemetry::Logger& logger_;
    const RecentLines* lines_;
    const SystemTime started_;
    CredentialFiles files_;
    std::unique_ptr<SupportPort> support_;
};

}  // namespace meshscope::app
