#pragma once

#include "clients/metric_store.hpp"

#include <functional>
#include <mutex>
#include <string>
#include <utility>

namespace meshscope::clients::prometheus {

// Keeps the MetricStoreState and tells of changes. Thread-safe.
class StateKeeper {
 public:
    using OnChange = std::function<void(const MetricStoreState&)>;
    explicit StateKeeper(OnChange on_change) : on_change_(std::move(on_change)) {}

    [[nodiscard]] MetricStoreState get() const {
        const std::scoped_lock lock(mutex_);
        return state_;
    }

    // `change` gets the state and alters it.
    template <class Change>
    void update(const Change& change) {
        MetricStoreState now;
        bool told = false;
        {
            const std::scoped_lock lock(mutex_);
            const MetricStoreState before = state_;
            change(state_);
            told = !same(before, state_);
            now = state_;
        }
        if (told && on_change_) {
            on_change_(now);
        }
    }

    // A call was answered: a sign of life.
    void answered(SystemTime now) {
        update([&](MetricStoreState& state) {
            state.reachability = MetricStoreState::Reachability::kReachable;
            state.reason.reset();
            state.last_success = now;
        });
    }

    // Calls found the store out of reach, again and again.
    void lost(const Error& reason) {
        update([&](MetricStoreState& state) {
            state.reachability = MetricStoreState::Reachability::kUnreachable;
            state.reason = reason;
        });
    }

 private:
    static bool same(const MetricStoreState& a, const MetricStoreState& b) {
        const auto reason = [](const MetricStoreState& state) {
            return state.reason ? state.reason->code() + " " + state.reason->message()
                                : std::string();
        };
        return a.reachability == b.reachability && a.product == b.product &&
               a.version == b.version && reason(a) == reason(b);
    }

    OnChange on_change_;
    mutable std::mutex mutex_;
    MetricStoreState state_;
};

}  // namespace meshscope::clients::prometheus
