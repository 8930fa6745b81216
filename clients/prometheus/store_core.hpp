#pragma once

#include "async/worker_pool.hpp"
#include "clients/prometheus/prometheus_store.hpp"
#include "clients/prometheus/query_calls.hpp"
#include "clients/prometheus/state_keeper.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace meshscope::clients::prometheus {

// What the calls of a PrometheusStore share, and their way: breaker, question, decoder. Kept alive
// by the calls.
struct StoreCore {
    StoreCore(PrometheusStoreOptions the_options, Governor& the_governor, const Clock& the_clock)
        : options(std::move(the_options)),
          governor(the_governor),
          clock(the_clock),
          calls(options.http, the_clock),
          health(
              options.health ? std::make_unique<HttpClient>(options.health->http, the_clock)
                             : nullptr
          ),
          breaker(options.breaker),
          state(options.on_change),
          cache(options.cache, the_clock) {}

    // What the outcome of a call means for those after it.
    template <class T>
    void told(CircuitBreaker::Attempt attempt, const Result<T>& result) {
        if (result) {
            breaker.succeeded(attempt);
            return;
        }
        if (result.error().kind() == ErrorKind::kUpstreamUnavailable) {
            suspicious.store(true, std::memory_order_relaxed);
        }
        if (breaker.failed(attempt, result.error(), clock.steady_now())) {
            state.lost(result.error());
        }
    }

    template <class T>
    void counted(SteadyTime begun, const Result<T>& result) const {
        if (options.on_call) {
            const std::string outcome = result ? std::string("ok") : result.error().code();
            options.on_call(outcome, clock.steady_now() - begun);
        }
    }

    // Warnings of ours about an answer: `oldest` is the first moment it is about.
    [[nodiscard]] std::vector<std::string> remarks(const HttpResponse& response, SystemTime oldest)
        const;

    template <class Answer>
    using Decoder = std::function<Result<Answer>(std::string body)>;

    template <class Answer>
    static Awaitable<Result<Answer>> ask(
        std::shared_ptr<StoreCore> core,
        RequestContext context,
        std::string path,
        QueryForm form,
        SystemTime oldest,
        Decoder<Answer> decoder
    ) {
        const auto attempt = core->breaker.begin(core->clock.steady_now());
        if (!attempt) {
            co_return attempt.error();
        }
        const SteadyTime begun = core->clock.steady_now();
        auto answer = co_await ask_anyway<Answer>(
            core, std::move(context), std::move(path), std::move(form), oldest, std::move(decoder)
        );
        core->counted(begun, answer);
        core->told(*attempt, answer);
        if (answer) {
            core->state.answered(core->clock.now());
        }
        co_return answer;
    }

    const PrometheusStoreOptions options;
    Governor& governor;
    const Clock& clock;
    QueryCalls calls;
    const std::unique_ptr<HttpClient> health;  // null: the store's own page
    CircuitBreaker breaker;
    StateKeeper state;
    AnswerCache cache;
    std::atomic<bool> suspicious{false};  // a call lost the store since the last look
    std::atomic<int> looks{0};            // since the last one with everything

 private:
    template <class Answer>
    static Awaitable<Result<Answer>> ask_anyway(
        std::shared_ptr<StoreCore> core,
        RequestContext context,
        std::string path,
        QueryForm form,
        SystemTime oldest,
        Decoder<Answer> decoder
    ) {
        constexpr std::size_t kDecodeHere = 128UL * 1024;  // more takes about a millisecond
        auto response =
            co_await core->calls.ask(std::move(context), std::move(path), std::move(form));
        if (!response) {
            co_return response.error();
        }
        std::vector<std::string> remarks = core->remarks(*response, oldest);
        const bool is_long = response->body.size() > kDecodeHere;
        auto work = [decoder = std::move(decoder), body = std::move(response->body)]() mutable {
            return decoder(std::move(body));
        };
        Result<Answer> answer = Error();
        if (core->options.workers != nullptr && is_long) {
            answer = co_await core->options.workers->run(std::move(work));
        } else {
            answer = work();
        }
        if (answer) {
            answer->warnings.insert(answer->warnings.end(), remarks.begin(), remarks.end());
        }
        co_return answer;
    }
};

}  // namespace meshscope::clients::prometheus
