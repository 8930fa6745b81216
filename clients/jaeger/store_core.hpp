#pragma once

#include "async/governor.hpp"
#include "async/pause.hpp"
#include "clients/http/circuit_breaker.hpp"
#include "clients/http/retry_after.hpp"
#include "clients/jaeger/jaeger_store.hpp"
#include "clients/jaeger/protocol_choice.hpp"
#include "clients/jaeger/search_form.hpp"
#include "clients/jaeger/store_state.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace meshscope::clients::jaeger {

// The way of a call from JaegerStore to a protocol and back: governor, breaker, choice, one
// repetition when the server is busy, another protocol when this one turns out to be wrong.
// Kept alive by the calls.
struct StoreCore {
    using Candidate = ProtocolChoice::Candidate;
    template <class T>
    using Call = std::function<Awaitable<Result<T>>(Candidate, RequestContext)>;

    StoreCore(JaegerStoreOptions the_options, Governor& the_governor, const Clock& the_clock)
        : options(std::move(the_options)),
          governor(the_governor),
          clock(the_clock),
          choice(options.candidates, the_clock, options.query_timeout),
          breaker(options.breaker),
          state(options.on_change) {}

    // `operation` in a slot of the governor, joined with equal calls in flight.
    template <class T>
    static Awaitable<Result<T>> governed(
        std::shared_ptr<StoreCore> core,
        RequestContext context,
        std::string key,
        std::function<Awaitable<Result<T>>(RequestContext)> operation
    ) {
        auto shared = co_await core->governor.template call<T>(
            std::move(context), std::move(key), core->options.query_timeout, std::move(operation)
        );
        if (!shared) {
            co_return shared.error();
        }
        co_return T(**shared);
    }

    // One governed call of the chosen protocol.
    template <class T>
    static Awaitable<Result<T>> ask(
        std::shared_ptr<StoreCore> core, RequestContext context, std::string key, Call<T> call
    ) {
        std::function<Awaitable<Result<T>>(RequestContext)> operation =
            [core, call = std::move(call)](RequestContext inner) {
                return guarded<T>(core, std::move(inner), call);
            };
        co_return co_await governed<T>(
            core, std::move(context), std::move(key), std::move(operation)
        );
    }

    // What the outcome of every call means for those after it.
    template <class T>
    void told(CircuitBreaker::Attempt attempt, const Result<T>& result) {
        if (result) {
            breaker.succeeded(attempt);
            return;
        }
        const Error& error = result.error();
        if (error.kind() == ErrorKind::kUpstreamUnavailable) {
            suspicious.store(true, std::memory_order_relaxed);
        }
        if (breaker.failed(attempt, error, clock.steady_now())) {
            state.lost(error);
        }
    }

    JaegerStoreOptions options;
    Governor& governor;
    const Clock& clock;
    ProtocolChoice choice;
    CircuitBreaker breaker;
    StateKeeper state;
    // A call lost its connection or changed the protocol since the last look around.
    std::atomic<bool> suspicious{false};
    std::atomic<std::uint32_t> depth_limit{0};  // of a search, as the store has shown; 0: unknown
    std::atomic<ErrorSearch> errors{ErrorSearch::kUnknown};  // likewise

 private:
    template <class T>
    static std::string outcome_of(const Result<T>& result) {
        if (!result) {
            return result.error().code();
        }
        if constexpr (std::is_same_v<T, TraceBatch>) {
            const StoppedBy end = result->stopped_by;
            if (end != StoppedBy::kComplete && end != StoppedBy::kLimit) {
                return "partial";
            }
        }
        return "ok";
    }

    template <class T>
    static Awaitable<Result<T>> counted(
        std::shared_ptr<StoreCore> core,
        Candidate protocol,
        RequestContext context,
        const Call<T>& call
    ) {
        const SteadyTime before = core->clock.steady_now();
        Result<T> result = co_await call(std::move(protocol), std::move(context));
        if (core->options.on_call) {
            core->options.on_call(outcome_of(result), core->clock.steady_now() - before);
        }
        co_return result;
    }

    // Once more when the server says that it is busy.
    template <class T>
    static Awaitable<Result<T>> patient(
        std::shared_ptr<StoreCore> core,
        Candidate protocol,
        RequestContext context,
        const Call<T>& call
    ) {
        Result<T> result = co_await counted<T>(core, protocol, context, call);
        if (result || result.error().code() != kBusyCode) {
            co_return result;
        }
        const auto pause =
            retry_pause(std::nullopt, context.deadline, core->clock.steady_now(), random_jitter());
        const bool rested = pause && co_await pause_for(*pause);
        if (rested) {
            result = co_await counted<T>(core, std::move(protocol), std::move(context), call);
        }
        co_return result;
    }

    template <class T>
    static Awaitable<Result<T>> guarded(
        std::shared_ptr<StoreCore> core, RequestContext context, Call<T> call
    ) {
        const auto attempt = core->breaker.begin(core->clock.steady_now());
        if (!attempt) {
            co_return attempt.error();
        }
        Result<T> result = co_await chosen<T>(core, std::move(context), call);
        core->told(*attempt, result);
        co_return result;
    }

    static bool is_code(const Error& error, std::string_view code) { return error.code() == code; }

    // On another protocol when the chosen one turns out to be wrong.
    template <class T>
    static Awaitable<Result<T>> chosen(
        std::shared_ptr<StoreCore> core, RequestContext context, const Call<T>& call
    ) {
        auto got = co_await core->choice.get(context);
        if (!got) {
            co_return got.error();
        }
        ProtocolChoice::Chosen chosen = std::move(*got);
        Candidate protocol = chosen.protocol;
        Result<T> result = co_await patient<T>(core, protocol, context, call);
        for (std::size_t i = 1; i < core->choice.candidate_count(); ++i) {
            if (result || result.error().kind() != ErrorKind::kUpstreamProtocol ||
                is_code(result.error(), "receive_limit")) {
                break;
            }
            chosen = co_await core->choice.instead_of(std::move(chosen), context);
            if (!chosen.protocol) {
                break;
            }
            protocol = chosen.protocol;
            core->suspicious.store(true, std::memory_order_relaxed);
            result = co_await patient<T>(core, protocol, context, call);
        }
        if (!result && is_code(result.error(), "receive_limit")) {
            result = co_await in_smaller_pieces<T>(core, protocol, context, call, result.error());
        }
        if (result) {
            core->state.answered(protocol->name(), core->clock.now());
        }
        co_return result;
    }

    // Whether an older protocol failed for a reason that has nothing to do with the trace's size.
    static bool is_beside_the_size(const Error& error) {
        const ErrorKind kind = error.kind();
        return kind == ErrorKind::kCancelled || kind == ErrorKind::kDeadline ||
               kind == ErrorKind::kUpstreamUnavailable;
    }

    // A trace that is too large for one message comes in many over an older protocol of the same
    // endpoint.
    template <class T>
    static Awaitable<Result<T>> in_smaller_pieces(
        std::shared_ptr<StoreCore> core,
        Candidate protocol,
        RequestContext context,
        const Call<T>& call,
        Error too_large
    ) {
        for (const Candidate& other : core->choice.older_than(protocol)) {
            Result<T> result = co_await counted<T>(core, other, context, call);
            if (result || is_beside_the_size(result.error())) {
                co_return result;
            }
        }
        co_return too_large;
    }
};

}  // namespace meshscope::clients::jaeger
