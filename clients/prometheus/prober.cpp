#include "clients/prometheus/prober.hpp"

#include "clients/prometheus/store_core.hpp"
#include "clients/prometheus/store_facts.hpp"

#include <string>
#include <utility>

namespace meshscope::clients::prometheus {

namespace {

constexpr int kEverythingEvery = 20;  // looks
constexpr std::chrono::seconds kFactsTimeout{10};

Result<bool> is_there(const Result<HttpResponse>& response) {
    return response ? Result<bool>(true) : Result<bool>(response.error());
}

// The page that the configuration names.
Awaitable<Result<bool>> named_page(std::shared_ptr<StoreCore> core, RequestContext context) {
    HttpRequest request;
    request.target = core->options.health->target;
    const auto response = co_await core->health->send(std::move(context), std::move(request));
    if (response && response->status >= 400) {
        co_return Error(
            ErrorKind::kUpstreamUnavailable,
            core->options.health->http.base.to_string() + " answers " +
                std::to_string(response->status)
        )
            .with_upstream("prometheus")
            .with_hint(
                {"external_services.prometheus.health_check_url",
                 "Leave it out, or name a page that says whether Prometheus is healthy."}
            );
    }
    co_return is_there(response);
}

Awaitable<Result<bool>> small_query(std::shared_ptr<StoreCore> core, RequestContext context) {
    QueryForm form;
    form.add("query", "vector(1)");
    auto response = co_await core->calls.ask(std::move(context), "/api/v1/query", std::move(form));
    if (!response) {
        co_return response.error();
    }
    const auto answer = decode_vector(std::move(response->body), core->options.limits);
    co_return answer ? Result<bool>(true) : Result<bool>(answer.error());
}

Awaitable<Result<bool>> health_page(std::shared_ptr<StoreCore> core, RequestContext context) {
    if (core->health) {
        co_return co_await named_page(std::move(core), std::move(context));
    }
    co_return is_there(co_await core->calls.get(std::move(context), "/-/healthy"));
}

// Whether something that answers queries may stand behind this outcome of the health page.
bool is_worth_a_query(const Result<bool>& page) {
    return page || page.error().kind() == ErrorKind::kUpstreamProtocol ||
           page.error().kind() == ErrorKind::kUpstreamAuth ||
           page.error().kind() == ErrorKind::kInvalidArgument;
}

Awaitable<Result<bool>> sign_of_life(
    std::shared_ptr<StoreCore> core, RequestContext context, bool thorough
) {
    auto page = co_await health_page(core, context);
    if (is_worth_a_query(page) && (thorough || !page)) {
        co_return co_await small_query(std::move(core), std::move(context));
    }
    co_return page;
}

Awaitable<Result<bool>> governed_look(
    std::shared_ptr<StoreCore> core, RequestContext context, bool thorough
) {
    std::function<Awaitable<Result<bool>>(RequestContext)> operation =
        [core, thorough](RequestContext inner) -> Awaitable<Result<bool>> {
        const std::shared_ptr<StoreCore> own = core;
        const CircuitBreaker::Attempt attempt = own->breaker.begin_anyway();
        const SteadyTime begun = own->clock.steady_now();
        auto alive = co_await sign_of_life(own, std::move(inner), thorough);
        own->counted(begun, alive);
        own->told(attempt, alive);
        co_return alive;
    };
    auto alive = co_await core->governor.call<bool>(
        std::move(context), "probe", core->options.probe_timeout, std::move(operation)
    );
    co_return alive ? Result<bool>(true) : Result<bool>(alive.error());
}

Awaitable<std::string> page_of(
    std::shared_ptr<StoreCore> core, RequestContext context, std::string path
) {
    auto response = co_await core->calls.get(std::move(context), std::move(path));
    co_return response ? std::move(response->body) : std::string();
}

// What may be forbidden or missing is left unknown.
Awaitable<> tell_settings(std::shared_ptr<StoreCore> core, RequestContext context) {
    auto retention =
        retention_of_runtime(co_await page_of(core, context, "/api/v1/status/runtimeinfo"));
    if (!retention) {
        retention = retention_of_flags(co_await page_of(core, context, "/api/v1/status/flags"));
    }
    const auto interval = scrape_interval_of_config(
        co_await page_of(core, std::move(context), "/api/v1/status/config")
    );
    core->state.update([&](MetricStoreState& state) {
        state.retention = retention;
        state.scrape_interval = interval;
    });
}

Awaitable<> tell_facts(std::shared_ptr<StoreCore> core, RequestContext context) {
    context = context.with_deadline(Deadline::after(core->clock.steady_now(), kFactsTimeout));
    auto response = co_await core->calls.get(context, "/api/v1/status/buildinfo");
    if (response) {
        const bool is_victoria = !response->header("x-server-hostname").empty();
        const BuildInfo build = decode_build_info(std::move(response->body), is_victoria);
        core->state.update([&](MetricStoreState& state) {
            state.product = build.product;
            state.version = build.version;
            state.flattens_small_deltas = flattens_small_deltas(build);
        });
    }
    if (!core->options.known) {
        co_await tell_settings(std::move(core), std::move(context));
    }
}

}  // namespace

Awaitable<MetricStoreState> look_at(std::shared_ptr<StoreCore> core, RequestContext context) {
    using Reachability = MetricStoreState::Reachability;
    const MetricStoreState before = core->state.get();
    const bool was_lost = core->suspicious.exchange(false, std::memory_order_relaxed);
    const bool thorough = was_lost || !before.last_probe ||
                          before.reachability != Reachability::kReachable ||
                          core->looks.load() % kEverythingEvery == 0;
    const SteadyTime begun = core->clock.steady_now();
    const auto alive = co_await governed_look(core, context, thorough);
    if (!alive && (alive.error().kind() == ErrorKind::kCancelled ||
                   alive.error().kind() == ErrorKind::kUnavailable)) {
        co_return core->state.get();  // not asked: says nothing about the store
    }
    const auto took = core->clock.steady_now() - begun;
    core->looks.store(thorough ? 1 : core->looks.load() + 1);
    if (alive && thorough) {
        co_await tell_facts(core, std::move(context));
    }
    core->state.update([&](MetricStoreState& state) {
        const SystemTime now = core->clock.now();
        state.reachability = alive ? Reachability::kReachable : Reachability::kUnreachable;
        state.reason = alive ? std::nullopt : std::optional(alive.error());
        state.last_success = alive ? std::optional(now) : state.last_success;
        state.last_probe = now;
        state.latency = std::chrono::duration_cast<std::chrono::microseconds>(took);
    });
    co_return core->state.get();
}

}  // namespace meshscope::clients::prometheus
