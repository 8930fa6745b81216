#pragma once

#include "async/awaitable.hpp"
#include "business/meta.hpp"
#include "business/trace_view.hpp"
#include "handlers/parts.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace meshscope::handlers {

// What of an answer fits into Parts::response_limit_bytes: traces and spans from the front, in the
// order of the answer. The limit is of the JSON of the traces, before compression; what stands
// around them (errors, meta) comes on top.
//
// Whether something must go is told before the first byte is sent, so that `meta` may stand in a
// header. Most answers are let through after an estimate; one that may be too large is written once
// into nothing to be measured, on a worker. Rows of a waterfall have their `meta` at the end only
// and are counted while they are written (spans.cpp).

struct TraceFit {
    std::uint64_t left_traces = 0;  // after the last one that is shown
    std::uint64_t left_spans = 0;   // of that one, when a single trace is too large already
    std::size_t last_spans = 0;     // how many of its spans, from the first, are shown
};

// Takes from the end of `traces` what does not fit. The first one stays, with the spans that fit.
Awaitable<TraceFit> fit_traces(const Parts& parts, std::vector<business::TraceView>& traces);

// The same for spans; returns how many were taken.
Awaitable<std::uint64_t> fit_spans(
    const Parts& parts, std::vector<business::SelectedSpans>& traces
);

// Says in `meta` what was taken: stoppedBy, dropped and a warning; and in `errors`, where clients
// of old look. In lists of traces `left_traces` is dropped as "response_bytes" and the spans of a
// single trace as "response_bytes_spans"; `errors` may be null.
void declare_cut(
    const Parts& parts,
    std::uint64_t left,
    business::Meta& meta,
    std::vector<clients::StoreError>* errors
);
void declare_cut(
    const Parts& parts,
    const std::vector<business::TraceView>& shown,
    const TraceFit& fit,
    business::Meta& meta,
    std::vector<clients::StoreError>& errors
);

}  // namespace meshscope::handlers
