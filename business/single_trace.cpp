#include "business/offload.hpp"
#include "business/search_answer.hpp"
#include "business/traces.hpp"

#include <algorithm>
#include <utility>

namespace meshscope::business {

namespace {

using clients::StoppedBy;

Error not_found(TraceId id) {
    return Error(ErrorKind::kNotFound, "Trace " + id.to_hex() + " not found");
}

}  // namespace

const SpanIdentity* TraceRows::identity_of(std::uint32_t span) const {
    const SpanIdentity& identity = identities->of(span);
    if (view.hides(span) || identity.evidence == Evidence::kNone) {
        return nullptr;
    }
    const bool visible = identity.ns == identity.rights_ns || identity.ns == identity.also_ns;
    return sees_all || visible ? &identity : nullptr;
}

Awaitable<Result<SingleTrace>> Traces::by_id(RequestContext context, TraceId id) const {
    if (auto refused = refuse(context.caller, "")) {
        co_return std::move(*refused);
    }
    auto batch = co_await parts_.store->get_trace(context, id, std::nullopt);
    if (!batch) {
        const bool missing = batch.error().kind() == ErrorKind::kNotFound;
        co_return missing ? not_found(id) : batch.error();
    }
    if (auto error = emptiness_error(*batch)) {
        co_return std::move(*error);
    }
    if (batch->traces.empty()) {
        co_return not_found(id);
    }
    SingleTrace single;
    const bool sees_all = parts_.access->sees_all(context.caller);
    const std::size_t spans = sees_all ? 0 : batch->traces.front()->spans.size();
    auto look = [this, &context, &batch] {
        models::TracePtr trace = std::move(batch->traces.front());
        return view_for(*parts_.access, context.caller, std::move(trace), snapshot());
    };
    single.view = co_await offload(parts_.workers, spans, std::move(look));
    if (single.view.all_hidden()) {
        co_return not_found(id);
    }
    single.meta.returned = 1;
    single.meta.scanned = 1;
    single.meta.stopped_by = batch->stopped_by;
    single.meta.order = "startTime:asc,spanID:asc";
    single.meta.covered = TimeRange{
        from_micros(single.view.trace->start_ns() / 1000),
        from_micros(single.view.trace->end_ns() / 1000)
    };
    SourceNotes notes{
        std::move(batch->dropped), std::move(batch->warnings), std::move(batch->errors)
    };
    describe_source(sees_all, context, std::move(notes), single.meta, single.errors);
    single.meta.drop("hidden_spans", single.view.hidden_spans());
    add_partial_error(single.meta, single.errors);
    co_return single;
}

Awaitable<Result<TraceRows>> Traces::rows(RequestContext context, TraceId id, PageRequest request)
    const {
    auto single = co_await by_id(context, id);
    if (!single) {
        co_return single.error();
    }
    TraceRows rows;
    rows.sees_all = parts_.access->sees_all(context.caller);
    rows.meta = std::move(single->meta);
    rows.view = std::move(single->view);
    rows.meta.asked.limit = request.count;
    request.count = std::clamp(request.count, 1U, kMaxPageRows);
    rows.request = std::move(request);
    auto work = [this, &rows] {
        rows.identities = identities_of(*rows.view.trace, snapshot());
        return make_page(rows.view, *parts_.masker, rows.request);
    };
    const std::size_t spans = rows.view.trace->spans.size();
    rows.page = co_await offload(parts_.workers, spans, std::move(work));
    rows.meta.used.limit = rows.request.count;
    rows.meta.returned = rows.page.rows.size();
    rows.meta.scanned = rows.view.trace->spans.size();
    rows.meta.order = "tree:preorder,startTime:asc";
    const bool last = rows.request.from + rows.page.rows.size() >= rows.page.total_rows;
    if (!last && rows.meta.stopped_by == StoppedBy::kComplete) {
        rows.meta.stopped_by = StoppedBy::kLimit;
    }
    co_return rows;
}

}  // namespace meshscope::business
