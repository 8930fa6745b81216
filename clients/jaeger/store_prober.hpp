#pragma once

#include "async/awaitable.hpp"
#include "async/request_context.hpp"
#include "clients/trace_store.hpp"

#include <atomic>
#include <memory>
#include <utility>

namespace meshscope::clients::jaeger {

struct StoreCore;

// Keeps what is known of a store true, beside its calls. Usable from every thread.
class StoreProber {
 public:
    explicit StoreProber(std::shared_ptr<StoreCore> core) : core_(std::move(core)) {}

    // One look: a sign of life, and a better protocol at the same endpoint; now and then the
    // version, and a better protocol elsewhere.
    Awaitable<StoreState> look(RequestContext context);

 private:
    [[nodiscard]] bool is_due(const StoreState& before, bool alive);
    Awaitable<std::string> version(RequestContext context);
    Awaitable<> tell_version(RequestContext context);

    const std::shared_ptr<StoreCore> core_;
    std::atomic<int> looks_{0};  // since the last one with everything
};

}  // namespace meshscope::clients::jaeger
