#pragma once

#include "async/awaitable.hpp"
#include "async/request_context.hpp"
#include "business/access.hpp"
#include "business/discovery.hpp"
#include "business/expiring_map.hpp"
#include "business/explain_facts.hpp"
#include "business/explain_rules.hpp"
#include "business/meta.hpp"
#include "business/trace_request.hpp"
#include "clients/cluster.hpp"
#include "clients/metric_store.hpp"
#include "clients/store_finder.hpp"
#include "clients/trace_store.hpp"
#include "core/clock.hpp"
#include "core/result.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace meshscope::business {

inline constexpr std::uint64_t kMostExplainCalls = 8;  // to upstreams
inline constexpr std::chrono::seconds kExplanationKept{30};

struct ExplainQuery {
    std::string name_space;
    std::string workload;
    std::optional<SystemTime> start;  // as of the page's list
    std::optional<SystemTime> end;
    std::string cluster_name;
};

struct ExplainAnswer {
    Explanation explanation;
    std::vector<NameTried> tried;  // the name in use first
    std::uint64_t calls = 0;       // questions to upstreams
    Meta meta;
};
using ExplainAnswerPtr = std::shared_ptr<const ExplainAnswer>;  // never null

// Why the page of a workload has no traces: asks upstreams as much as it takes, at most
// kMostExplainCalls, and judges what it found (explain_rules.hpp). An answer is kept for
// kExplanationKept for the caller it was made for. Usable from every thread; outlives its calls.
//
// Callers with limited rights learn what they could find out by searching: counts are of traces of
// which they see a matching span, the list of services is not used, values of settings are left
// out.
//
// Errors: kForbidden for a namespace that the caller may not see, kNotFound for a workload that is
// not there, kInvalidArgument for an empty window, kCancelled. What the store fails with is no
// error here but the explanation.
class Explain {
 public:
    struct Parts {
        clients::TraceStore* store = nullptr;  // null: `unavailable` is the explanation
        Error unavailable{ErrorKind::kUnavailable, "tracing is not available"};
        clients::StoreFinder* finder = nullptr;   // null: no other settings are tried
        clients::MetricStore* metrics = nullptr;  // null: nothing is said of traffic
        clients::Cluster* cluster = nullptr;      // null: the workload is taken at its word
        const Access* access = nullptr;
        const Clock* clock = nullptr;
        Discovery discovery{{}};
        TracingSettings settings;
        StoreSetup setup;
    };
    explicit Explain(Parts parts);

    Awaitable<Result<ExplainAnswerPtr>> workload(RequestContext context, ExplainQuery query) const;

 private:
    [[nodiscard]] std::optional<Error> refuse(const Caller& caller, const std::string& name_space)
        const;

    Parts parts_;
    std::unique_ptr<ExpiringMap<ExplainAnswerPtr>> kept_;
};

}  // namespace meshscope::business
