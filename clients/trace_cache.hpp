#pragma once

#include "clients/trace_store.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace meshscope::clients {

enum class CacheOutcome : std::uint8_t {
    kKept,    // answered with a trace that the cache keeps
    kShared,  // with one that another request still holds
    kMissed,  // asked the store
};

std::string_view to_string(CacheOutcome outcome);  // kept, shared, missed

struct TraceCacheOptions {
    std::string upstream = "jaeger";              // whose bill says `cached`
    std::size_t max_bytes = 256UL * 1024 * 1024;  // of traces kept; 0: none is kept
    std::chrono::nanoseconds time_to_live = std::chrono::minutes(5);  // since it was fetched
    // A trace that ended later than this may still be written to.
    std::chrono::nanoseconds settled_after = std::chrono::minutes(1);
    // How long an answer that is not kept may be shared while somebody holds it.
    std::chrono::nanoseconds shared_for = std::chrono::seconds(2);
    // Called for each look-up of a trace, from any thread. Must not block.
    std::function<void(CacheOutcome)> on_lookup;
};

// A trace store with a memory for traces that were looked up by id; everything else is passed on.
//
// Kept are complete answers about traces that have ended a while ago, the least lately used ones
// are given up when the bytes are used up. A trace that is younger, too large or whose answer was
// cut is only shared: for a moment, and while a request holds it. Errors are never kept, so an
// unknown trace is asked for again. Holds what the store said, nothing of a caller's rights: views
// are made of it for each caller. Looking up one trace twice at the same time is left to the store
// beneath (its governor joins the calls).
class CachingTraceStore final : public TraceStore {
 public:
    // `store` and `clock` outlive this.
    CachingTraceStore(TraceStore& store, const Clock& clock, TraceCacheOptions options);
    ~CachingTraceStore() override;

    Awaitable<Result<TraceBatch>> find_traces(RequestContext context, TraceQuery query) override;
    // What is kept serves every `near`; an answer to a narrowed question is not kept.
    Awaitable<Result<TraceBatch>> get_trace(
        RequestContext context, TraceId id, std::optional<TimeRange> near
    ) override;
    Awaitable<Result<std::vector<std::string>>> services(RequestContext context) override;
    Awaitable<Result<std::vector<Operation>>> operations(
        RequestContext context, std::string service, std::string span_kind
    ) override;
    [[nodiscard]] StoreState state() const override;

    // Gives up what has outlived its time.
    void expire();
    // Does that every few seconds until cancelled, so that an idle server holds no traces. For a
    // TaskGroup.
    Awaitable<> run_expiry();

    struct Stats {
        std::size_t traces = 0;  // kept
        std::size_t bytes = 0;
    };
    [[nodiscard]] Stats stats() const;

 private:
    struct Memory;
    TraceStore& store_;
    std::unique_ptr<Memory> memory_;
};

}  // namespace meshscope::clients
