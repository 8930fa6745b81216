#pragma once

#include "async/awaitable.hpp"
#include "business/meta.hpp"
#include "clients/trace_store.hpp"
#include "core/clock.hpp"
#include "models/trace.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace meshscope {
class WorkerPool;
}

namespace meshscope::business {

// A place in the order of every list of traces: newest start first, equal starts by ascending id.
struct TracePosition {
    std::int64_t start_ns = 0;
    TraceId id;

    // The opaque text of a cursor: letters, digits, '-' and '_'.
    [[nodiscard]] std::string to_cursor() const;
    static std::optional<TracePosition> from_cursor(std::string_view text);
    friend bool operator==(const TracePosition&, const TracePosition&) = default;
};

TracePosition position_of(const models::Trace& trace);
// True when `a` comes before `b` in the order of lists.
bool comes_before(const TracePosition& a, const TracePosition& b);

struct SearchPlan {
    clients::TraceQuery query;  // `limit`: the matches wanted
    // Whether the caller gets a trace of the store; empty: all. Never called twice for a trace.
    std::function<bool(const models::TracePtr&)> judge;
    std::optional<TracePosition> after;  // only traces that come after this place
    // No further round once so much memory of traces has come, kept or not; 0: no bound.
    std::size_t max_bytes = 0;
    // The caller has limited rights: what judge leaves out may be hidden and shows in nothing. An
    // end of data is kRights, `next` and `covered` are those of a trace that is kept or round
    // times, and an answer that failed with nothing kept is the same error as one without traces.
    bool limited_rights = false;
};

// The warning of a search that gave up before it had found enough.
inline constexpr std::string_view kScanLimit = "scan_limit";

struct SearchOutcome {
    std::vector<models::TracePtr> traces;  // at most plan.query.limit, in the order of lists
    std::uint64_t scanned = 0;             // different traces received
    clients::StoppedBy stopped_by = clients::StoppedBy::kComplete;
    // Where the next older page begins; set with kLimit, and where max_bytes ended it.
    std::optional<TracePosition> next;
    std::optional<TimeRange> covered;
    std::vector<clients::StoreWarning> warnings;
    std::vector<clients::StoreError> errors;
    std::vector<clients::Dropped> dropped;
};

// Searches until the wanted number of matches is found: when `judge` or `after` leave too few of a
// full answer, asks again, deeper in the same window four times, then for what is older. Ends with
// the limit, the window (kComplete), the deadline (kTime), `max_bytes` (kBytes, with a warning and
// where to go on), a round that fails (kTime, kBackend, with a warning), or where the store can
// look no deeper (kLimit, with the warning scan_limit). One round asks for 10 000 traces at most.
// Errors are the store's; a store that answered with errors and not one trace is an error too.
// Many spans are judged on `workers` (may be null).
Awaitable<Result<SearchOutcome>> search_traces(
    clients::TraceStore& store,
    const Clock& clock,
    WorkerPool* workers,
    RequestContext context,
    SearchPlan plan
);

// The error of an answer that holds no trace though the store did not say "nothing found": it
// reported errors, or was cut before the first trace. nullopt: the answer may stand as it is.
std::optional<Error> emptiness_error(const clients::TraceBatch& batch);

}  // namespace meshscope::business
