#pragma once

#include "clients/trace_store.hpp"

namespace meshscope::clients::jaeger {

// Stores search differently: some scan only, some match tags over a whole trace, some treat values
// as patterns, some know no error=false. These functions make every answer look the same.

// Whether one span of `trace` may pass all of `query` at once (span_match.hpp, Strictness::kMay).
// False only when that is certain; a trace that is known to be incomplete always passes.
[[nodiscard]] bool may_match(const models::Trace& trace, const TraceQuery& query);

// Newest first: by start descending, then by id ascending.
void sort_newest_first(std::vector<models::TracePtr>& traces);

// What a search gave, made ready: kLimit when as many as asked came, filtered, sorted, cut to the
// limit. In a batch that ends early (kTime, kBytes, kBackend) the last trace may be cut and is
// kept. Tells how far the store has looked (`oldest`, `depth`). `asked`: the depth the store was
// asked for; 0: the query's limit.
void finish_search(TraceBatch& batch, const TraceQuery& query, std::uint32_t asked = 0);

}  // namespace meshscope::clients::jaeger
