#pragma once

#include "clients/trace_store.hpp"

#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace meshscope::clients::jaeger {

// Keeps the StoreState and tells of changes. Thread-safe.
class StateKeeper {
 public:
    using OnChange = std::function<void(const StoreState&)>;
    explicit StateKeeper(OnChange on_change) : on_change_(std::move(on_change)) {}

    [[nodiscard]] StoreState get() const {
        const std::scoped_lock lock(mutex_);
        return state_;
    }

    // A call outside the prober was answered: a sign of life.
    void answered(std::string_view protocol, SystemTime now) {
        update([&](StoreState& state) {
            state.reachability = StoreState::Reachability::kReachable;
            state.reason.reset();
            state.protocol = protocol;
            state.last_success = now;
        });
    }

    void probed(std::string_view protocol, std::chrono::microseconds latency, SystemTime now) {
        update([&](StoreState& state) {
            state.reachability = StoreState::Reachability::kReachable;
            state.reason.reset();
            state.protocol = protocol;
            state.latency = latency;
            state.last_success = now;
            state.last_probe = now;
        });
    }

    // `protocol` may be "" when none is chosen.
    void failed(
        const Error& reason,
        std::string_view protocol,
        std::chrono::microseconds latency,
        SystemTime now
    ) {
        update([&](StoreState& state) {
            state.reachability = StoreState::Reachability::kUnreachable;
            state.reason = reason;
            state.protocol = protocol;
            state.latency = latency;
            state.last_probe = now;
        });
    }

    // Calls outside the prober found the store out of reach, again and again.
    void lost(const Error& reason) {
        update([&](StoreState& state) {
            state.reachability = StoreState::Reachability::kUnreachable;
            state.reason = reason;
        });
    }

    // "" keeps what is known.
    void version(std::string version) {
        update([&](StoreState& state) {
            if (!version.empty()) {
                state.version = std::move(version);
            }
        });
    }

 private:
    template <class Change>
    void update(const Change& change) {
        StoreState now;
        bool told = false;
        {
            const std::scoped_lock lock(mutex_);
            const StoreState before = state_;
            change(state_);
            told = !same(before, state_);
            now = state_;
        }
        if (told && on_change_) {
            on_change_(now);
        }
    }

    static bool same(const StoreState& a, const StoreState& b) {
        const auto reason = [](const StoreState& state) {
            return state.reason ? state.reason->code() + " " + state.reason->message()
                                : std::string();
        };
        return a.reachability == b.reachability && a.protocol == b.protocol &&
               a.version == b.version && reason(a) == reason(b);
    }

    OnChange on_change_;
    mutable std::mutex mutex_;
    StoreState state_;
};

}  // namespace meshscope::clients::jaeger
