#pragma once

#include "async/awaitable.hpp"
#include "async/request_context.hpp"
#include "business/access.hpp"
#include "business/meta.hpp"
#include "business/trace_request.hpp"
#include "business/trace_search.hpp"
#include "business/trace_summary.hpp"
#include "business/trace_view.hpp"
#include "clients/trace_store.hpp"
#include "core/clock.hpp"
#include "core/result.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace meshscope::business {

struct AppQuery {
    std::string name_space;
    std::string app;
    TraceRequest request;
};

struct SearchQuery {
    std::string service;    // may be empty where the store can search without one
    std::string operation;  // empty: any
    bool errors = false;    // only traces with a visible span that is an error
    std::optional<TracePosition> after;
    TraceRequest request;
};

// Traces newest first, each as the caller may see it.
struct TraceList {
    std::vector<TraceView> traces;
    std::vector<clients::StoreError>
        errors;           // what makes the list partial, and the store's own errors
    std::string service;  // the name that was asked for
    Meta meta;
};

struct SelectedSpans {
    TraceView view;
    std::vector<std::uint32_t> spans;  // ascending, visible, at least one
};

struct SpanList {
    std::vector<SelectedSpans> traces;  // newest first
    Meta meta;
};

struct SingleTrace {
    TraceView view;  // with a visible span
    std::vector<clients::StoreError> errors;
    Meta meta;
};

struct TraceCount {
    std::uint64_t count = 0;  // at least that many unless meta says complete
    Meta meta;
};

struct SummaryList {
    std::vector<TraceSummary> traces;  // newest first
    std::string cursor;                // of the next older page; empty when there is none
    std::vector<clients::StoreError> errors;
    Meta meta;
};

struct ServiceList {
    std::vector<std::string> names;  // ascending
    Meta meta;
};

struct OperationList {
    std::vector<clients::Operation> operations;  // ascending by name, then kind
    Meta meta;
};

// The use cases over one trace store. Usable from every thread; outlives its calls.
// Errors of every call: `unavailable` when there is no store, kForbidden for a namespace that the
// caller may not see, kInvalidArgument for an empty window, and the store's own.
class Traces {
 public:
    struct Parts {
        clients::TraceStore* store = nullptr;  // null: every call fails with `unavailable`
        Error unavailable{ErrorKind::kUnavailable, "tracing is not available"};
        const Access* access = nullptr;
        const Clock* clock = nullptr;
        TracingSettings settings;
    };
    explicit Traces(Parts parts) : parts_(std::move(parts)) {}

    Awaitable<Result<TraceList>> of_app(RequestContext context, AppQuery query) const;
    Awaitable<Result<SpanList>> spans_of_app(RequestContext context, AppQuery query) const;
    // Traces of the application with a span tagged error=true that began in the last `duration`.
    Awaitable<Result<TraceCount>> count_errors(
        RequestContext context,
        std::string name_space,
        std::string app,
        std::chrono::seconds duration
    ) const;
    Awaitable<Result<SummaryList>> search(RequestContext context, SearchQuery query) const;
    // kNotFound when there is no such trace or the caller may see none of its spans.
    Awaitable<Result<SingleTrace>> by_id(RequestContext context, TraceId id) const;
    Awaitable<Result<ServiceList>> services(RequestContext context) const;
    Awaitable<Result<OperationList>> operations(
        RequestContext context, std::string service, std::string span_kind
    ) const;

 private:
    struct AppSearch;
    Awaitable<Result<AppSearch>> search_app(RequestContext context, AppQuery query) const;
    [[nodiscard]] std::optional<Error> refuse(const Caller& caller, const std::string& name_space)
        const;
    [[nodiscard]] bool may_see_service(const Caller& caller, std::string_view service) const;

    Parts parts_;
};

}  // namespace meshscope::business
