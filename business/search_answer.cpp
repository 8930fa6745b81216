#include "business/search_answer.hpp"

#include "clients/span_match.hpp"

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>

namespace meshscope::business {

namespace {

using clients::StoppedBy;
using clients::Strictness;

constexpr std::string_view kTraceOrder = "startTime:desc,traceID:asc";

// Empty for ends that are no cut.
std::string_view cut_by(StoppedBy stopped_by) {
    switch (stopped_by) {
        case StoppedBy::kTime:
            return "the time was up";
        case StoppedBy::kBytes:
            return "the answer of the backend is too large";
        case StoppedBy::kBackend:
            return "the backend broke off";
        case StoppedBy::kComplete:
        case StoppedBy::kLimit:
        case StoppedBy::kRights:
            break;
    }
    return {};
}

std::string_view code_of_cut(StoppedBy stopped_by) {
    return stopped_by == StoppedBy::kTime    ? "partial_timeout"
           : stopped_by == StoppedBy::kBytes ? "receive_limit"
                                             : "partial_body";
}

}  // namespace

bool shows_match(const TraceView& view, const clients::TraceQuery& query) {
    // Where stores differ, all being visible, the store is right; else a hidden span may be what
    // it saw.
    const Strictness strictness = view.hidden ? Strictness::kMust : Strictness::kMay;
    const models::Trace& trace = *view.trace;
    for (std::size_t i = 0; i < trace.spans.size(); ++i) {
        if (!view.hides(i) && clients::span_matches(trace, trace.spans[i], query, strictness)) {
            return true;
        }
    }
    return false;
}

std::vector<TraceView> take_views(
    CallersViews& views, const std::vector<models::TracePtr>& traces, Meta& meta
) {
    std::vector<TraceView> out;
    out.reserve(traces.size());
    std::uint64_t hidden = 0;
    for (const models::TracePtr& trace : traces) {
        out.push_back(views.of(trace));
        hidden += out.back().hidden_spans();
    }
    meta.drop("hidden_spans", hidden);
    return out;
}

std::size_t spans_in(const std::vector<TraceView>& views) {
    std::size_t spans = 0;
    for (const TraceView& view : views) {
        spans += view.trace->spans.size();
    }
    return spans;
}

void describe_outcome(
    bool sees_all,
    const RequestContext& context,
    SearchOutcome& outcome,
    Meta& meta,
    std::vector<clients::StoreError>& errors
) {
    meta.returned = outcome.traces.size();
    meta.scanned = outcome.scanned;
    meta.stopped_by = outcome.stopped_by;
    meta.covered = outcome.covered;
    meta.order = kTraceOrder;
    if (!sees_all) {
        tell_of_visible_only(meta);
    }
    SourceNotes notes{
        std::move(outcome.dropped), std::move(outcome.warnings), std::move(outcome.errors)
    };
    describe_source(sees_all, context, std::move(notes), meta, errors);
}

void describe_source(
    bool sees_all,
    const RequestContext& context,
    SourceNotes notes,
    Meta& meta,
    std::vector<clients::StoreError>& errors
) {
    errors = std::move(notes.errors);
    if (sees_all) {
        for (const clients::Dropped& entry : notes.dropped) {
            meta.drop(entry.reason, entry.count);
        }
        std::move(notes.warnings.begin(), notes.warnings.end(), std::back_inserter(meta.warnings));
        meta.upstream = context.bill->by_name;
        return;
    }
    if (!errors.empty()) {
        errors.assign(1, {errors.front().code, "the tracing backend reported an error", ""});
    }
    std::erase_if(notes.warnings, [](const clients::StoreWarning& warning) {
        return warning.code != kScanLimit;
    });
    std::move(notes.warnings.begin(), notes.warnings.end(), std::back_inserter(meta.warnings));
    const std::string_view cut = cut_by(meta.stopped_by);
    if (!cut.empty()) {
        meta.warn(
            std::string(code_of_cut(meta.stopped_by)), std::string(cut) + ": something is missing"
        );
    }
}

void tell_of_visible_only(Meta& meta) {
    meta.scanned = meta.returned;
    meta.upstream.clear();
    if (meta.stopped_by == StoppedBy::kComplete) {
        meta.stopped_by = StoppedBy::kRights;
    }
}

void add_partial_error(const Meta& meta, std::vector<clients::StoreError>& errors) {
    const std::string_view cut = cut_by(meta.stopped_by);
    if (cut.empty()) {
        return;
    }
    const std::string why = meta.warnings.empty() ? std::string(cut) : meta.warnings.back().message;
    errors.push_back({0, "partial result: " + why, ""});
}

}  // namespace meshscope::business
