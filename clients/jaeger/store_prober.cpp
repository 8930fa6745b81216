#include "clients/jaeger/store_prober.hpp"

#include "clients/jaeger/store_core.hpp"

#include <string>
#include <utility>

namespace meshscope::clients::jaeger {

namespace {

constexpr int kEverythingEvery = 20;  // looks

using Candidate = ProtocolChoice::Candidate;

// One look at a time over all callers, in a slot of the governor like every call.
Awaitable<Result<Candidate>> sign_of_life(std::shared_ptr<StoreCore> core, RequestContext context) {
    std::function<Awaitable<Result<Candidate>>(RequestContext)> operation =
        [core](RequestContext inner) -> Awaitable<Result<Candidate>> {
        const std::shared_ptr<StoreCore> own = core;
        const CircuitBreaker::Attempt attempt = own->breaker.begin_anyway();
        const SteadyTime before = own->clock.steady_now();
        auto alive = co_await own->choice.verify(std::move(inner));
        if (own->options.on_call) {
            own->options.on_call(
                alive ? "ok" : alive.error().code(), own->clock.steady_now() - before
            );
        }
        own->told(attempt, alive);
        co_return alive;
    };
    co_return co_await StoreCore::governed<Candidate>(
        core, std::move(context), "probe", std::move(operation)
    );
}

}  // namespace

// After an outage or the loss of a connection, after a change of the protocol, and now and then.
bool StoreProber::is_due(const StoreState& before, bool alive) {
    const Candidate chosen = core_->choice.current();
    const bool changed = before.reachability != StoreState::Reachability::kReachable ||
                         !before.last_probe || !chosen || before.protocol != chosen->name();
    if (!alive) {
        return false;
    }
    const bool lost = core_->suspicious.exchange(false, std::memory_order_relaxed);
    const int looks = changed || lost ? 0 : (looks_.load() + 1) % kEverythingEvery;
    looks_.store(looks);
    return looks == 0;
}

// From the chosen protocol, or from one elsewhere that can tell.
Awaitable<std::string> StoreProber::version(RequestContext context) {
    const Candidate chosen = core_->choice.current();
    if (!core_->options.check_version || !chosen) {
        co_return std::string();
    }
    const Deadline deadline =
        Deadline::after(core_->clock.steady_now(), core_->options.query_timeout);
    const RequestContext limited = context.with_deadline(deadline);
    std::string version = co_await chosen->version(limited);
    for (const Candidate& other : core_->choice.elsewhere(chosen)) {
        if (!version.empty()) {
            break;
        }
        version = co_await other->version(limited);
    }
    co_return version;
}

Awaitable<> StoreProber::tell_version(RequestContext context) {
    // What was learned may have been of another storage.
    core_->depth_limit.store(0, std::memory_order_relaxed);
    core_->errors.store(ErrorSearch::kUnknown, std::memory_order_relaxed);
    core_->state.version(co_await version(std::move(context)));
}

Awaitable<StoreState> StoreProber::look(RequestContext context) {
    const auto core = core_;
    const StoreState before = core->state.get();
    const SteadyTime begun = core->clock.steady_now();
    const auto alive = co_await sign_of_life(core, context);
    const auto latency =
        std::chrono::duration_cast<std::chrono::microseconds>(core->clock.steady_now() - begun);
    if (!alive && (alive.error().kind() == ErrorKind::kCancelled ||
                   alive.error().kind() == ErrorKind::kUnavailable)) {
        co_return core->state.get();  // not asked: says nothing about Jaeger
    }
    const bool due = is_due(before, alive.has_value());
    if (!alive) {
        const Candidate chosen = core->choice.current();
        const std::string_view name = chosen ? chosen->name() : std::string_view();
        core->state.failed(alive.error(), name, latency, core->clock.now());
        co_return core->state.get();
    }
    core->state.probed((*alive)->name(), latency, core->clock.now());
    if (due) {
        co_await tell_version(context);
    }
    using Where = ProtocolChoice::Where;
    const bool changed = co_await core->choice.look_for_better(
        std::move(context), due ? Where::kEverywhere : Where::kSameEndpoint
    );
    const Candidate chosen = core->choice.current();
    if (changed && chosen) {
        core->state.answered(chosen->name(), core->clock.now());
    }
    co_return core->state.get();
}

}  // namespace meshscope::clients::jaeger
