#pragma once

#include "async/awaitable.hpp"
#include "clients/credentials/watched_file.hpp"
#include "config/load.hpp"
#include "core/clock.hpp"
#include "telemetry/logger.hpp"

#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace meshscope::app {

// The files that the configuration names for credentials, certificates and authorities. Who uses
// one reads it by itself when it has changed; this tells the log when that is so. Thread-safe.
class CredentialFiles {
 public:
    // Both must outlive it.
    CredentialFiles(const config::Loaded& loaded, const Clock& clock, telemetry::Logger& logger);

    // Looks at each, the first time without a word; then a line for each whose content is another
    // one, which is there again, or which cannot be read any more.
    void look();
    // look() every few seconds, until it is cancelled.
    Awaitable<> run();

    struct State {
        std::string setting;  // the key that names it
        std::string path;
        std::string problem;  // why it cannot be read; "" it can
        std::size_t bytes = 0;
    };
    [[nodiscard]] std::vector<State> states() const;

 private:
    struct Watched {
        State state;
        clients::WatchedFile file;
        std::optional<std::size_t> content;  // its hash; nullopt: not read yet
    };
    void look_at(Watched& watched);

    telemetry::Logger& logger_;
    mutable std::mutex mutex_;
    std::vector<Watched> files_;
};

}  // namespace meshscope::app
