#include "app/upkeep.hpp"

#include "app/support_bundle.hpp"
#include "clients/credentials/read_again.hpp"
#include "server/read_again.hpp"

#include <string_view>
#include <utility>

namespace meshscope::app {

Upkeep::Upkeep(
    const config::Loaded& loaded,
    const Clock& clock,
    telemetry::Logger& logger,
    const RecentLines* lines
)
    : loaded_(loaded),
      clock_(clock),
      logger_(logger),
      lines_(lines),
      started_(clock.now()),
      files_(loaded, clock, logger) {}

void Upkeep::open(
    std::uint16_t port,
    std::shared_ptr<const business::Status> status,
    const telemetry::MetricsRegistry& metrics
) {
    const auto bytes = [this, status = std::move(status), &metrics] {
        RunningParts parts;
        parts.status = status.get();
        parts.metrics = &metrics;
        parts.lines = lines_;
        parts.files = &files_;
        parts.started = started_;
        parts.now = clock_.now();
        return tar_entries(files_of_running(parts), Scrubber(loaded_), parts.now);
    };
    auto opened = SupportPort::open(port, bytes);
    if (opened) {
        support_ = std::move(*opened);
    } else {
        logger_.warn(
            "--support-bundle will not find this server",
            {{"reason", std::string_view(opened.error().message())}}
        );
    }
}

void Upkeep::close() { support_.reset(); }

void Upkeep::reload() {
    clients::read_files_again(clock_);
    server::read_certificates_again();
    files_.look();
    logger_.info(
        "credentials and certificates are read again",
        {{"files", static_cast<std::int64_t>(files_.states().size())}}
    );
}

}  // namespace meshscope::app
