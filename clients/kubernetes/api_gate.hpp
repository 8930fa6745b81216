#pragma once

#include "async/awaitable.hpp"
#include "clients/kubernetes/api_client.hpp"
#include "clients/kubernetes/patience.hpp"
#include "core/clock.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace meshscope::clients::kubernetes {

// One place that knows whether the API server is reached, so that twenty watches do not each knock:
// who fails to reach it closes the gate, one probe (GET /version) at a time opens it, all wait
// meanwhile. An HTTP answer of any status opens it. Used on the cluster's thread only.
class ApiGate {
 public:
    struct Seen {
        bool open = true;
        std::string version;          // of the last good answer: "v1.33.2"
        std::optional<Error> reason;  // why it is closed
        std::chrono::microseconds latency{0};
        std::optional<SystemTime> last_success;
        std::optional<SystemTime> last_probe;
    };
    // `on_change` is told after each probe and when the gate closes.
    ApiGate(ApiClient api, const Patience& patience, std::function<void(const Seen&)> on_change);

    // The probing, until cancelled: at once, then every look_every, every gate_every while closed.
    Awaitable<> run();

    void close(Error reason);  // idempotent
    // Returns when the gate is open, at once if it is; false when cancelled. Those that waited come
    // back over `spread`.
    Awaitable<bool> pass();

    [[nodiscard]] const Seen& seen() const;

 private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace meshscope::clients::kubernetes
