#pragma once

#include "async/awaitable.hpp"
#include "async/request_context.hpp"
#include "business/access.hpp"
#include "business/discovery.hpp"
#include "business/identity.hpp"
#include "business/meta.hpp"
#include "business/trace_page.hpp"
#include "business/trace_request.hpp"
#include "business/trace_search.hpp"
#include "business/trace_summary.hpp"
#include "business/trace_view.hpp"
#include "clients/cluster.hpp"
#include "clients/trace_store.hpp"
#include "core/clock.hpp"
#include "core/result.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace meshscope {
class WorkerPool;
}

namespace meshscope::business {

// The page of one application, service or workload.
struct SubjectQuery {
    Subject::What what = Subject::What::kApp;
    std::string name_space;
    std::string name;
    TraceRequest request;
};

struct ErrorCountQuery {
    std::string name_space;
    std::string app;
    std::chrono::seconds duration{0};  // before now
    std::string cluster_name;          // empty: not given
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

struct SpanList {
    std::vector<SelectedSpans> traces;  // newest first
    Meta meta;
};

struct SingleTrace {
    TraceView view;  // with a visible span
    std::vector<clients::StoreError> errors;
    Meta meta;
};

struct TraceRows {
    TraceView view;
    PageRequest request;  // as used
    TracePage page;
    std::shared_ptr<const TraceIdentities> identities;
    bool sees_all = false;  // nothing is hidden from the caller
    Meta meta;

    // Who a span belongs to. Null when it is hidden or nothing tells, and where the caller might
    // learn of a namespace that only a guess leads to.
    [[nodiscard]] const SpanIdentity* identity_of(std::uint32_t span) const;
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
// caller may not see or this server does not show, kInvalidArgument for an empty window, and the
// store's own.
class Traces {
 public:
    struct Parts {
        clients::TraceStore* store = nullptr;  // null: every call fails with `unavailable`
        Error unavailable{ErrorKind::kUnavailable, "tracing is not available"};
        const Access* access = nullptr;
        const Clock* clock = nullptr;
        const Masker* masker = nullptr;
        WorkerPool* workers =
            nullptr;  // takes what would hold up its thread; null: nothing is handed over
        clients::Cluster* cluster = nullptr;  // null: spans are taken at their word
        Discovery discovery{{}};              // of the namespaces that are asked for, not of spans
        TracingSettings settings;
        std::size_t search_bytes = 64UL << 20U;  // SearchPlan::max_bytes of every search
    };
    explicit Traces(Parts parts) : parts_(std::move(parts)) {}

    // Traces with a span of the subject, and the spans themselves (SubjectFilter). kNotFound: no
    // such workload or service in a cluster that is known; an unknown application has no traces.
    Awaitable<Result<TraceList>> of(RequestContext context, SubjectQuery query) const;
    Awaitable<Result<SpanList>> spans_of(RequestContext context, SubjectQuery query) const;
    // Traces of the application with a span tagged error=true that began in the last `duration`.
    Awaitable<Result<TraceCount>> count_errors(RequestContext context, ErrorCountQuery query) const;
    Awaitable<Result<SummaryList>> search(RequestContext context, SearchQuery query) const;
    // kNotFound when there is no such trace or the caller may see none of its spans.
    Awaitable<Result<SingleTrace>> by_id(RequestContext context, TraceId id) const;
    // The facts of a trace and the rows of its waterfall. Errors as by_id.
    Awaitable<Result<TraceRows>> rows(RequestContext context, TraceId id, PageRequest request)
        const;
    Awaitable<Result<ServiceList>> services(RequestContext context) const;
    Awaitable<Result<OperationList>> operations(
        RequestContext context, std::string service, std::string span_kind
    ) const;

 private:
    struct SubjectSearch;
    Awaitable<Result<SubjectSearch>> search_subject(RequestContext context, SubjectQuery query)
        const;
    [[nodiscard]] models::ClusterSnapshotPtr snapshot() const;  // null without a cluster
    [[nodiscard]] std::optional<Error> refuse(const Caller& caller, const std::string& name_space)
        const;
    [[nodiscard]] bool may_see_service(const Caller& caller, std::string_view service) const;

    Parts parts_;
};

}  // namespace meshscope::business
