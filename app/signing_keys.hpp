#pragma once

#include "clients/credentials/secret.hpp"
#include "core/clock.hpp"

#include <chrono>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

namespace meshscope::app {

// The keys of session cookies. The first seals: the configured one, whose file is read again when
// it changes. All open: also what that file held before, until every session sealed with it has
// ended, and the previous keys of the configuration. A value that is no key is passed over and
// told once; the one before stays. Thread-safe.
class SigningKeys {
 public:
    using OnEvent = std::function<void(const std::string& text)>;

    SigningKeys(
        clients::Secret key,
        std::vector<clients::Secret> previous,
        std::chrono::seconds session_life,
        const Clock& clock,
        OnEvent on_event
    );

    // Empty as long as there was no key to be read.
    [[nodiscard]] std::vector<std::string> all();

 private:
    struct Retired {
        std::string key;
        SteadyTime until;
    };
    void refresh();

    clients::Secret secret_;
    std::vector<clients::Secret> previous_;
    std::chrono::seconds session_life_;
    const Clock& clock_;
    OnEvent on_event_;
    std::mutex mutex_;
    std::string key_;
    std::string refused_;  // what was passed over last
    std::vector<Retired> retired_;
};

}  // namespace meshscope::app
