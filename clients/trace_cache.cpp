#include "clients/trace_cache.hpp"

#include "async/with_deadline.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

namespace meshscope::clients {

namespace {

// What others work out from a trace stays beside it (models::Memo).
constexpr std::size_t kMemoBytesPerSpan = 64;
constexpr std::size_t kMostShared = 1024;  // traces that requests hold
constexpr std::chrono::seconds kExpireEvery{10};

std::size_t cost_of(const models::Trace& trace) {
    return trace.memory_bytes() + trace.spans.size() * kMemoBytesPerSpan;
}

}  // namespace

std::string_view to_string(CacheOutcome outcome) {
    switch (outcome) {
        case CacheOutcome::kKept:
            return "kept";
        case CacheOutcome::kShared:
            return "shared";
        case CacheOutcome::kMissed:
            break;
    }
    return "missed";
}

// The answers by trace. Thread-safe; large traces are destroyed outside the lock.
struct CachingTraceStore::Memory {
    struct Kept {
        TraceId id;
        TraceBatch batch;
        std::size_t bytes = 0;
        SteadyTime until;
    };
    struct Shared {
        TraceBatch batch;  // without its trace
        std::weak_ptr<const models::Trace> trace;
        SteadyTime until;
    };
    using Line = std::list<Kept>;
    struct Found {
        TraceBatch batch;
        CacheOutcome outcome;
    };

    Memory(const Clock& the_clock, TraceCacheOptions the_options)
        : clock(the_clock), options(std::move(the_options)) {}

    std::optional<Found> find(TraceId id) {
        const SteadyTime now = clock.steady_now();
        const std::scoped_lock lock(mutex);
        if (const auto at = places.find(id); at != places.end() && at->second->until > now) {
            line.splice(line.begin(), line, at->second);
            return Found{at->second->batch, CacheOutcome::kKept};
        }
        const auto at = shared.find(id);
        if (at == shared.end() || at->second.until <= now) {
            return std::nullopt;
        }
        auto trace = at->second.trace.lock();
        if (!trace) {
            return std::nullopt;
        }
        Found found{at->second.batch, CacheOutcome::kShared};
        found.batch.traces.push_back(std::move(trace));
        return found;
    }

    [[nodiscard]] bool is_settled(const TraceBatch& batch) const {
        const SystemTime end = from_micros(batch.traces.front()->end_ns() / 1000);
        const auto age = std::chrono::duration_cast<SystemTime::duration>(options.settled_after);
        return batch.stopped_by == StoppedBy::kComplete && batch.errors.empty() &&
               end <= clock.now() - age;
    }

    void add(const TraceBatch& batch) {
        const models::TracePtr& trace = batch.traces.front();
        const SteadyTime now = clock.steady_now();
        const bool settled = is_settled(batch);
        const SteadyTime until = now + (settled ? options.time_to_live : options.shared_for);
        const std::size_t bytes = settled ? cost_of(*trace) : 0;
        const TraceId id = trace->id;
        Line gone;
        const std::scoped_lock lock(mutex);
        remove(id, gone);
        if (!settled || bytes > options.max_bytes) {
            share(batch, until, now);
            return;
        }
        while (kept_bytes + bytes > options.max_bytes) {
            remove(line.back().id, gone);
            share(gone.back().batch, gone.back().until, now);
        }
        line.push_front({id, batch, bytes, until});
        places[id] = line.begin();
        kept_bytes += bytes;
    }

    // Under the lock.
    void remove(TraceId id, Line& gone) {
        shared.erase(id);
        const auto at = places.find(id);
        if (at == places.end()) {
            return;
        }
        kept_bytes -= at->second->bytes;
        gone.splice(gone.end(), line, at->second);
        places.erase(at);
    }

    // Under the lock.
    void share(const TraceBatch& batch, SteadyTime until, SteadyTime now) {
        forget_shared(now);
        if (shared.size() >= kMostShared) {
            return;
        }
        Shared entry;
        entry.trace = batch.traces.front();
        entry.until = until;
        entry.batch = batch;
        entry.batch.traces.clear();
        shared[batch.traces.front()->id] = std::move(entry);
    }

    // Under the lock.
    void forget_shared(SteadyTime now) {
        std::erase_if(shared, [now](const auto& entry) {
            return entry.second.until <= now || entry.second.trace.expired();
        });
    }

    void expire() {
        const SteadyTime now = clock.steady_now();
        Line gone;
        const std::scoped_lock lock(mutex);
        forget_shared(now);
        for (auto it = line.begin(); it != line.end();) {
            const auto at = it++;
            if (at->until <= now) {
                remove(at->id, gone);
            }
        }
    }

    const Clock& clock;
    const TraceCacheOptions options;
    mutable std::mutex mutex;
    Line line;  // most lately used first
    // Sorted, not hashed: ids come from outside.
    std::map<TraceId, Line::iterator> places;
    std::map<TraceId, Shared> shared;
    std::size_t kept_bytes = 0;
};

CachingTraceStore::CachingTraceStore(
    TraceStore& store, const Clock& clock, TraceCacheOptions options
)
    : store_(store), memory_(std::make_unique<Memory>(clock, std::move(options))) {}

CachingTraceStore::~CachingTraceStore() = default;

Awaitable<Result<TraceBatch>> CachingTraceStore::get_trace(
    RequestContext context, TraceId id, std::optional<TimeRange> near
) {
    auto found = memory_->find(id);
    const CacheOutcome outcome = found ? found->outcome : CacheOutcome::kMissed;
    if (memory_->options.on_lookup) {
        memory_->options.on_lookup(outcome);
    }
    if (found) {
        if (context.bill) {
            ++context.bill->of(memory_->options.upstream).cached;
        }
        co_return std::move(found->batch);
    }
    auto batch = co_await store_.get_trace(std::move(context), id, near);
    const bool whole_question = !near;
    if (batch && whole_question && batch->traces.size() == 1 && batch->traces.front()->id == id) {
        memory_->add(*batch);
    }
    co_return batch;
}

Awaitable<Result<TraceBatch>> CachingTraceStore::find_traces(
    RequestContext context, TraceQuery query
) {
    return store_.find_traces(std::move(context), std::move(query));
}

Awaitable<Result<std::vector<std::string>>> CachingTraceStore::services(RequestContext context) {
    return store_.services(std::move(context));
}

Awaitable<Result<std::vector<Operation>>> CachingTraceStore::operations(
    RequestContext context, std::string service, std::string span_kind
) {
    return store_.operations(std::move(context), std::move(service), std::move(span_kind));
}

StoreState CachingTraceStore::state() const { return store_.state(); }

void CachingTraceStore::expire() { memory_->expire(); }

Awaitable<> CachingTraceStore::run_expiry() {
    SteadyTimer timer(co_await boost::asio::this_coro::executor);
    while (true) {
        timer.expires_after(kExpireEvery);
        const auto [error] = co_await timer.async_wait(boost::asio::as_tuple(use_awaitable));
        const bool cancelled = co_await is_cancelled();  // the time may be over at that moment
        if (error || cancelled) {
            co_return;
        }
        expire();
    }
}

CachingTraceStore::Stats CachingTraceStore::stats() const {
    const std::scoped_lock lock(memory_->mutex);
    return {memory_->line.size(), memory_->kept_bytes};
}

}  // namespace meshscope::clients
