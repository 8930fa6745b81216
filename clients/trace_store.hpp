#pragma once

#include "async/awaitable.hpp"
#include "async/request_context.hpp"
#include "core/clock.hpp"
#include "core/result.hpp"
#include "models/trace.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace meshscope::clients {

// A search. `service` may be empty where the store can search without one.
struct TraceQuery {
    std::string service;
    std::string operation;                      // empty: any
    std::map<std::string, std::string> tags;    // all on one span; values compared as text
    TimeRange window;                           // of span starts
    std::chrono::microseconds min_duration{0};  // of a span; 0: no bound
    std::chrono::microseconds max_duration{0};  // of a span; 0: no bound
    std::uint32_t limit = 100;                  // traces, at least 1
};

// Why an answer ends where it ends: `meta.stoppedBy`.
enum class StoppedBy : std::uint8_t { kComplete, kLimit, kBytes, kTime, kRights, kBackend };

struct StoreWarning {
    std::string code;     // a stable word: "partial_timeout", "spans_dropped", "receive_limit", ...
    std::string message;  // one sentence, safe for clients
};

struct Dropped {
    std::string reason;  // "bad_trace_id", ...
    std::uint64_t count = 0;
};

// An item of Jaeger's own `errors` array (HTTP), passed on.
struct StoreError {
    std::int32_t code = 0;
    std::string message;
    std::string trace_id;
};

// Where a trace stands in the order of searches.
struct TracePlace {
    std::int64_t start_ns = 0;
    TraceId id;
};

// What a search or a look-up gave: traces newest first (by start, then id).
struct TraceBatch {
    std::vector<models::TracePtr> traces;
    StoppedBy stopped_by = StoppedBy::kComplete;  // kLimit: as many as asked, so there may be more
    std::vector<StoreWarning> warnings;
    std::vector<StoreError> errors;
    std::vector<Dropped> dropped;
    // How far a search has looked: the oldest whole trace before our filter, of those not cut off
    // by the limit, and how many traces the store was asked for (0: the query's limit).
    std::optional<TracePlace> oldest;
    std::uint32_t depth = 0;
    // A search that stopped at the limit may have left out newer traces than `oldest`.
    bool unordered = false;
};

struct Operation {
    std::string name;
    std::string span_kind;  // "" when the store does not know
};

// What is known of a trace store without asking it now (kept by a background prober).
struct StoreState {
    enum class Reachability : std::uint8_t { kUnknown, kReachable, kUnreachable };
    Reachability reachability = Reachability::kUnknown;
    std::string protocol;                  // "grpc api_v2", "http v1", ...
    std::string version;                   // "v2.20.0"; empty when unknown
    std::optional<Error> reason;           // set when unreachable
    std::chrono::microseconds latency{0};  // of the last probe
    std::optional<SystemTime> last_success;
    std::optional<SystemTime> last_probe;
};

// A store of traces. Implementations are usable from every thread; a call runs on the caller's.
//
// Errors: kInvalidArgument (the store refused the query), kNotFound (get_trace only),
// kUpstreamAuth, kUpstreamProtocol, kUpstreamUnavailable, kDeadline (nothing received), kCancelled,
// kUnavailable (overloaded). What arrived before a deadline or a cut is no error: it is returned
// with stopped_by kTime, kBytes or kBackend and a warning that says what is missing. Every answer
// is filtered and sorted the same over all protocols: tags, durations and window re-checked on our
// side (a trace stays when one span passes).
class TraceStore {
 public:
    virtual ~TraceStore() = default;

    virtual Awaitable<Result<TraceBatch>> find_traces(RequestContext context, TraceQuery query) = 0;

    // `near` narrows the search in stores that use it. Exactly one trace in the batch on success.
    virtual Awaitable<Result<TraceBatch>> get_trace(
        RequestContext context, TraceId id, std::optional<TimeRange> near
    ) = 0;

    // Ascending, unique; may be empty.
    virtual Awaitable<Result<std::vector<std::string>>> services(RequestContext context) = 0;

    // Ascending by name, then kind. An empty span_kind asks for all.
    virtual Awaitable<Result<std::vector<Operation>>> operations(
        RequestContext context, std::string service, std::string span_kind
    ) = 0;

    [[nodiscard]] virtual StoreState state() const = 0;
};

}  // namespace meshscope::clients
