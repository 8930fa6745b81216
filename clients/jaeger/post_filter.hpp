#pragma once

#include "clients/trace_store.hpp"

namespace meshscope::clients::jaeger {

// Stores search differently: some scan only, some match tags over a whole trace, some treat values
// as patterns, some know no error=false. These functions make every answer look the same.

// Whether one span of `trace` may pass all of `query` at once: service, operation, tags, durations,
// window. False only when that is certain; a trace that is known to be incomplete always passes.
//  - a tag is looked up in span tags, process tags and log fields, its value compared as text
//    ("200" finds the number 200);
//  - `error`=true fails on a span without any sign of failure, `error`=false on one that says it
//  failed;
//  - keys that some stores map to native fields (span.status, scope.*, resource.*) pass when
//  absent;
//  - the start of a span with warnings is not held against it (the store may have moved it).
[[nodiscard]] bool may_match(const models::Trace& trace, const TraceQuery& query);

// Newest first: by start descending, then by id ascending.
void sort_newest_first(std::vector<models::TracePtr>& traces);

// What a search gave, made ready: kLimit when as many as asked came, filtered, sorted, cut to the
// limit. In a batch that ends early (kTime, kBytes, kBackend) the last trace may be cut and is
// kept. Tells how far the store has looked (`oldest`, `depth`). `asked`: the depth the store was
// asked for; 0: the query's limit.
void finish_search(TraceBatch& batch, const TraceQuery& query, std::uint32_t asked = 0);

}  // namespace meshscope::clients::jaeger
