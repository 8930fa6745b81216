#include "clients/jaeger/jaeger_store.hpp"

#include "async/with_deadline.hpp"
#include "clients/jaeger/post_filter.hpp"
#include "clients/jaeger/protocol_choice.hpp"
#include "clients/jaeger/store_state.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <mutex>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace meshscope::clients::jaeger {

namespace {

// A key of parts: each with its length, so that no two lists of parts give the same key.
class Key {
 public:
    explicit Key(std::string_view call) { add(call); }
    Key& add(std::string_view part) {
        text_ += std::to_string(part.size());
        text_ += ':';
        text_ += part;
        return *this;
    }
    Key& add(std::int64_t number) { return add(std::to_string(number)); }
    Key& add(TimeRange range) { return add(to_micros(range.start)).add(to_micros(range.end)); }
    [[nodiscard]] std::string text() const { return text_; }

 private:
    std::string text_;
};

std::string key_of(const TraceQuery& query) {
    Key key("find");
    key.add(query.service).add(query.operation).add(query.window);
    key.add(query.min_duration.count()).add(query.max_duration.count()).add(query.limit);
    for (const auto& [name, value] : query.tags) {
        key.add(name).add(value);
    }
    return key.text();
}

constexpr int kVersionEvery = 20;  // probes

using Names = std::vector<std::string>;
using Operations = std::vector<Operation>;

}  // namespace

struct JaegerStore::Impl {
    Impl(JaegerStoreOptions the_options, Governor& the_governor, const Clock& the_clock)
        : options(std::move(the_options)),
          governor(the_governor),
          clock(the_clock),
          choice(options.candidates, the_clock),
          state(options.on_change) {}

    template <class T>
    using Call = std::function<Awaitable<Result<T>>(std::shared_ptr<Protocol>, RequestContext)>;

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
        std::shared_ptr<Impl> impl,
        std::shared_ptr<Protocol> protocol,
        RequestContext context,
        const Call<T>& call
    ) {
        const SteadyTime before = impl->clock.steady_now();
        Result<T> result = co_await call(std::move(protocol), std::move(context));
        if (impl->options.on_call) {
            impl->options.on_call(outcome_of(result), impl->clock.steady_now() - before);
        }
        co_return result;
    }

    // One call on the chosen protocol; on another one when that turns out to be wrong.
    template <class T>
    static Awaitable<Result<T>> attempt(
        std::shared_ptr<Impl> impl, RequestContext context, Call<T> call
    ) {
        auto chosen = co_await impl->choice.get(context);
        if (!chosen) {
            co_return chosen.error();
        }
        Result<T> result = co_await counted<T>(impl, *chosen, context, call);
        if (!result && result.error().kind() == ErrorKind::kUpstreamProtocol) {
            auto other = co_await impl->choice.instead_of(*chosen, context);
            if (other) {
                result = co_await counted<T>(impl, other, std::move(context), call);
                chosen = std::move(other);
            }
        }
        if (result) {
            impl->state.answered((*chosen)->name(), impl->clock.now());
        }
        co_return result;
    }

    template <class T>
    static Awaitable<Result<T>> governed(
        std::shared_ptr<Impl> impl, RequestContext context, std::string key, Call<T> call
    ) {
        std::function<Awaitable<Result<T>>(RequestContext)> operation =
            [impl, call = std::move(call)](RequestContext inner) {
                return attempt<T>(impl, std::move(inner), call);
            };
        auto shared = co_await impl->governor.template call<T>(
            std::move(context), std::move(key), impl->options.query_timeout, std::move(operation)
        );
        if (!shared) {
            co_return shared.error();
        }
        co_return T(**shared);
    }

    static Awaitable<Result<Names>> services(std::shared_ptr<Impl> impl, RequestContext context) {
        Call<Names> call = [](std::shared_ptr<Protocol> protocol,
                              RequestContext inner) -> Awaitable<Result<Names>> {
            auto names = co_await protocol->services(std::move(inner));
            if (names) {
                std::sort(names->begin(), names->end());
                names->erase(std::unique(names->begin(), names->end()), names->end());
            }
            co_return names;
        };
        co_return co_await governed<Names>(
            impl, std::move(context), Key("services").text(), std::move(call)
        );
    }

    static Awaitable<StoreState> probe(std::shared_ptr<Impl> impl, RequestContext context) {
        const StoreState known = impl->state.get();
        const SteadyTime before = impl->clock.steady_now();
        auto names = co_await services(impl, context);
        const auto latency = std::chrono::duration_cast<std::chrono::microseconds>(
            impl->clock.steady_now() - before
        );
        const auto protocol = impl->choice.current();
        const std::string_view name = protocol ? protocol->name() : std::string_view();
        if (!names && (names.error().kind() == ErrorKind::kCancelled ||
                       names.error().kind() == ErrorKind::kUnavailable)) {
            co_return impl->state.get();  // not asked: says nothing about Jaeger
        }
        if (!names) {
            impl->state.failed(names.error(), name, latency, impl->clock.now());
            co_return impl->state.get();
        }
        const bool ask =
            impl->options.check_version && protocol && impl->version_is_due(known, name);
        impl->state.probed(name, latency, impl->clock.now());
        if (ask) {
            const Deadline deadline =
                Deadline::after(impl->clock.steady_now(), impl->options.query_timeout);
            impl->state.version(co_await protocol->version(context.with_deadline(deadline)));
        }
        co_return impl->state.get();
    }

    // After an outage, a change of the protocol, and now and then.
    bool version_is_due(const StoreState& known, std::string_view protocol_name) {
        const bool changed = known.reachability != StoreState::Reachability::kReachable ||
                             known.protocol != protocol_name || !known.last_probe;
        const std::scoped_lock lock(mutex);
        probes_since_version = changed ? 0 : (probes_since_version + 1) % kVersionEvery;
        return probes_since_version == 0;
    }

    JaegerStoreOptions options;
    Governor& governor;
    const Clock& clock;
    ProtocolChoice choice;
    StateKeeper state;
    std::mutex mutex;
    int probes_since_version = 0;
};

JaegerStore::JaegerStore(JaegerStoreOptions options, Governor& governor, const Clock& clock)
    : impl_(std::make_shared<Impl>(std::move(options), governor, clock)) {}

JaegerStore::~JaegerStore() = default;

Awaitable<Result<TraceBatch>> JaegerStore::find_traces(RequestContext context, TraceQuery query) {
    const auto impl = impl_;
    query.limit = std::max<std::uint32_t>(1, query.limit);
    std::string key = key_of(query);
    Impl::Call<TraceBatch> call = [query](
                                      std::shared_ptr<Protocol> protocol, RequestContext inner
                                  ) -> Awaitable<Result<TraceBatch>> {
        const TraceQuery kept = query;
        auto batch = co_await protocol->find_traces(std::move(inner), kept);
        if (batch) {
            finish_search(*batch, kept);
        }
        co_return batch;
    };
    co_return co_await Impl::governed<TraceBatch>(
        impl, std::move(context), std::move(key), std::move(call)
    );
}

Awaitable<Result<TraceBatch>> JaegerStore::get_trace(
    RequestContext context, TraceId id, std::optional<TimeRange> near
) {
    const auto impl = impl_;
    Key key("get");
    key.add(id.to_hex());
    if (near) {
        key.add(*near);
    }
    Impl::Call<TraceBatch> call = [id, near](
                                      std::shared_ptr<Protocol> protocol, RequestContext inner
                                  ) { return protocol->get_trace(std::move(inner), id, near); };
    co_return co_await Impl::governed<TraceBatch>(
        impl, std::move(context), key.text(), std::move(call)
    );
}

Awaitable<Result<std::vector<std::string>>> JaegerStore::services(RequestContext context) {
    const auto impl = impl_;
    co_return co_await Impl::services(impl, std::move(context));
}

Awaitable<Result<std::vector<Operation>>> JaegerStore::operations(
    RequestContext context, std::string service, std::string span_kind
) {
    const auto impl = impl_;
    std::string key = Key("operations").add(service).add(span_kind).text();
    Impl::Call<Operations> call = [service, span_kind](
                                      std::shared_ptr<Protocol> protocol, RequestContext inner
                                  ) -> Awaitable<Result<Operations>> {
        auto found = co_await protocol->operations(std::move(inner), service, span_kind);
        if (found) {
            const auto parts = [](const Operation& operation) {
                return std::tie(operation.name, operation.span_kind);
            };
            std::sort(found->begin(), found->end(), [&](const auto& a, const auto& b) {
                return parts(a) < parts(b);
            });
            const auto end =
                std::unique(found->begin(), found->end(), [&](const auto& a, const auto& b) {
                    return parts(a) == parts(b);
                });
            found->erase(end, found->end());
        }
        co_return found;
    };
    co_return co_await Impl::governed<Operations>(
        impl, std::move(context), std::move(key), std::move(call)
    );
}

StoreState JaegerStore::state() const { return impl_->state.get(); }

Awaitable<StoreState> JaegerStore::probe(RequestContext context) {
    const auto impl = impl_;
    co_return co_await Impl::probe(impl, std::move(context));
}

Awaitable<> JaegerStore::run_prober() {
    const auto impl = impl_;
    SteadyTimer timer(co_await boost::asio::this_coro::executor);
    while (true) {
        RequestContext context;
        context.priority = Priority::kBackground;
        const StoreState seen = co_await Impl::probe(impl, std::move(context));
        const auto cancellation = co_await boost::asio::this_coro::cancellation_state;
        if (cancellation.cancelled() != boost::asio::cancellation_type::none) {
            co_return;
        }
        const bool fine = seen.reachability == StoreState::Reachability::kReachable;
        timer.expires_after(
            fine ? impl->options.probe_interval : impl->options.probe_interval_failing
        );
        const auto [error] = co_await timer.async_wait(boost::asio::as_tuple(use_awaitable));
        if (error) {
            co_return;
        }
    }
}

}  // namespace meshscope::clients::jaeger
