#pragma once

#include "async/awaitable.hpp"
#include "async/request_context.hpp"
#include "business/explain.hpp"
#include "business/service_name.hpp"
#include "business/trace_view.hpp"
#include "clients/trace_store.hpp"
#include "models/cluster_snapshot.hpp"

#include <cstdint>
#include <optional>

namespace meshscope::business {

// One explanation in the making: asks the upstreams, at most kMostExplainCalls, until the facts
// tell. What is given is referred to. For one thread.
class Investigation {
 public:
    // `query` is completed, `name` that of the workload; `cluster` may be null.
    Investigation(
        const Explain::Parts& parts,
        const RequestContext& context,
        const ExplainQuery& asked,
        clients::TraceQuery query,
        ResolvedName name,
        models::ClusterSnapshotPtr cluster
    );

    // False: the caller has gone.
    Awaitable<bool> run();

    [[nodiscard]] const ExplainFacts& facts() const { return facts_; }
    [[nodiscard]] std::uint64_t calls() const { return calls_; }

 private:
    struct Found {
        std::uint64_t traces = 0;
        std::uint64_t of_subject = 0;
        std::optional<SystemTime> newest;
        bool at_limit = false;
    };

    void know_workload();
    [[nodiscard]] bool may_ask(std::uint64_t cost = 1) const;
    [[nodiscard]] std::optional<Error> known_trouble() const;
    Awaitable<bool> ask_services();  // false: the caller has gone
    Awaitable<> try_others();
    Awaitable<Result<Found>> search(clients::TraceQuery query);
    Awaitable<bool> search_in_use();  // false: the caller has gone
    Awaitable<bool> look_around();    // true: traces were found somewhere
    Awaitable<bool> search_other_names();
    Awaitable<bool> search_without_tags();
    Awaitable<> search_elsewhere();
    Awaitable<> ask_metrics();

    const Explain::Parts& parts_;
    const RequestContext& context_;
    const ExplainQuery& asked_;
    clients::TraceQuery query_;
    ResolvedName name_;
    models::ClusterSnapshotPtr cluster_;
    CallersViews views_;
    ExplainFacts facts_;
    std::uint64_t calls_ = 0;
};

}  // namespace meshscope::business
