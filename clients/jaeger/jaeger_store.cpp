#include "clients/jaeger/jaeger_store.hpp"

#include "async/with_deadline.hpp"
#include "clients/http/look_pause.hpp"
#include "clients/jaeger/search_form.hpp"
#include "clients/jaeger/store_core.hpp"
#include "clients/jaeger/store_prober.hpp"

#include <algorithm>
#include <functional>
#include <string_view>
#include <tuple>
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

using Names = std::vector<std::string>;
using Operations = std::vector<Operation>;

Awaitable<Result<Names>> ask_services(std::shared_ptr<Protocol> protocol, RequestContext context) {
    auto names = co_await protocol->services(std::move(context));
    if (names) {
        std::sort(names->begin(), names->end());
        names->erase(std::unique(names->begin(), names->end()), names->end());
    }
    co_return names;
}

Awaitable<Result<Operations>> ask_operations(
    std::shared_ptr<Protocol> protocol,
    RequestContext context,
    std::string service,
    std::string span_kind
) {
    auto found =
        co_await protocol->operations(std::move(context), std::move(service), std::move(span_kind));
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
}

// In as many forms as the store needs.
Awaitable<Result<TraceBatch>> search(
    std::shared_ptr<StoreCore> core,
    std::shared_ptr<Protocol> protocol,
    RequestContext context,
    TraceQuery query
) {
    const StoreTraits traits{
        .ignores_tags = core->choice.is_last_resort(),
        .depth_limit = core->depth_limit.load(std::memory_order_relaxed),
        .errors = core->errors.load(std::memory_order_relaxed),
    };
    SearchForm form(std::move(query), traits);
    const SystemTime asked_at = core->clock.now();
    auto batch = co_await protocol->find_traces(context, form.query());
    while (batch ? form.look_again(*batch) : form.adapt(batch.error())) {
        batch = co_await protocol->find_traces(context, form.query());
    }
    if (!batch) {
        co_return form.explain(batch.error());
    }
    if (const auto depth = form.learned_depth()) {
        core->depth_limit.store(*depth, std::memory_order_relaxed);
    }
    form.finish(*batch);
    if (const auto errors = form.learned_errors(*batch, asked_at);
        errors != ErrorSearch::kUnknown) {
        core->errors.store(errors, std::memory_order_relaxed);
    }
    co_return batch;
}

}  // namespace

JaegerStore::JaegerStore(JaegerStoreOptions options, Governor& governor, const Clock& clock)
    : core_(std::make_shared<StoreCore>(std::move(options), governor, clock)),
      prober_(std::make_shared<StoreProber>(core_)) {}

JaegerStore::~JaegerStore() = default;

Awaitable<Result<TraceBatch>> JaegerStore::find_traces(RequestContext context, TraceQuery query) {
    const auto core = core_;
    query.limit = std::max<std::uint32_t>(1, query.limit);
    std::string key = key_of(query);
    StoreCore::Call<TraceBatch> call =
        [core, query = std::move(query)](std::shared_ptr<Protocol> protocol, RequestContext inner) {
            return search(core, std::move(protocol), std::move(inner), query);
        };
    co_return co_await StoreCore::ask<TraceBatch>(
        core, std::move(context), std::move(key), std::move(call)
    );
}

Awaitable<Result<TraceBatch>> JaegerStore::get_trace(
    RequestContext context, TraceId id, std::optional<TimeRange> near
) {
    const auto core = core_;
    Key key("get");
    key.add(id.to_hex());
    if (near) {
        key.add(*near);
    }
    StoreCore::Call<TraceBatch> call =
        [id, near](std::shared_ptr<Protocol> protocol, RequestContext inner) {
            return protocol->get_trace(std::move(inner), id, near);
        };
    co_return co_await StoreCore::ask<TraceBatch>(
        core, std::move(context), key.text(), std::move(call)
    );
}

Awaitable<Result<std::vector<std::string>>> JaegerStore::services(RequestContext context) {
    const auto core = core_;
    StoreCore::Call<Names> call = ask_services;
    co_return co_await StoreCore::ask<Names>(
        core, std::move(context), Key("services").text(), std::move(call)
    );
}

Awaitable<Result<std::vector<Operation>>> JaegerStore::operations(
    RequestContext context, std::string service, std::string span_kind
) {
    const auto core = core_;
    std::string key = Key("operations").add(service).add(span_kind).text();
    StoreCore::Call<Operations> call =
        [service = std::move(service), span_kind = std::move(span_kind)](
            std::shared_ptr<Protocol> protocol, RequestContext inner
        ) { return ask_operations(std::move(protocol), std::move(inner), service, span_kind); };
    co_return co_await StoreCore::ask<Operations>(
        core, std::move(context), std::move(key), std::move(call)
    );
}

StoreState JaegerStore::state() const { return core_->state.get(); }

Awaitable<StoreState> JaegerStore::probe(RequestContext context) {
    const auto prober = prober_;
    co_return co_await prober->look(std::move(context));
}

Awaitable<> JaegerStore::run_prober() {
    const auto core = core_;
    const auto prober = prober_;
    while (true) {
        RequestContext context;
        context.priority = Priority::kBackground;
        const StoreState seen = co_await prober->look(std::move(context));
        const bool cancelled = co_await is_cancelled();
        if (cancelled) {
            co_return;
        }
        const bool fine = seen.reachability == StoreState::Reachability::kReachable;
        // Early once a call has found that what the last look saw is gone.
        std::function<bool()> hurry = [core] {
            return core->suspicious.load(std::memory_order_relaxed) ||
                   core->state.get().reachability != StoreState::Reachability::kReachable;
        };
        const auto slice = core->options.probe_interval_failing;
        const bool rested = co_await rest_between_looks(
            fine ? core->options.probe_interval : slice, slice, std::move(hurry)
        );
        if (!rested) {
            co_return;
        }
    }
}

}  // namespace meshscope::clients::jaeger
