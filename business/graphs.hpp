#pragma once

#include "async/awaitable.hpp"
#include "async/request_context.hpp"
#include "business/access.hpp"
#include "business/discovery.hpp"
#include "business/graph_appender.hpp"
#include "business/graph_request.hpp"
#include "business/traffic_queries.hpp"
#include "clients/cluster.hpp"
#include "clients/metric_store.hpp"
#include "core/clock.hpp"
#include "core/result.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace meshscope {
class WorkerPool;
}

namespace meshscope::business {

// The traffic graphs of namespaces and around one node. Usable from every thread.
//
// All questions of a graph are asked at once, kQuestionsAtOnce of them at a time. Their number
// depends on what the graph is to show and on how many different ranges its namespaces have
// (namespaces younger than the duration have a shorter one), not on the number of namespaces. What
// has been asked is not kept here: the store joins equal questions in flight and keeps their
// answers for some seconds, for everybody, so there is nothing to keep for each session.
//
// Errors: `unavailable` without metrics; kForbidden for a namespace that the caller may not see or
// this server does not show; kNotFound for one that is visible and not there; kInvalidArgument for
// one that did not exist at the end of the window; those of unknown_namespaces(); those of the
// metric store when a question of traffic fails, never kInvalidArgument.
class Graphs {
 public:
    static constexpr std::size_t kQuestionsAtOnce = 10;

    struct Parts {
        clients::MetricStore* metrics = nullptr;  // null: every call fails with `unavailable`
        Error unavailable;
        clients::Cluster* cluster = nullptr;  // null: graphs of traffic alone
        const Access* access = nullptr;
        const Clock* clock = nullptr;
        Discovery discovery{{}};
        std::vector<std::shared_ptr<const GraphAppender>> appenders;  // in their order
        WorkerPool* workers = nullptr;  // takes large graphs; null: nothing is handed over
    };
    explicit Graphs(Parts parts);

    Awaitable<Result<std::shared_ptr<const GraphWork>>> of(
        RequestContext context, GraphRequest request
    ) const;

 private:
    [[nodiscard]] Result<std::shared_ptr<GraphWork>> open(
        const RequestContext& context, GraphRequest request
    ) const;
    [[nodiscard]] Result<GraphNamespace> find(const GraphWork& work, const std::string& ns) const;

    Parts parts_;
};

// What an appender gets for its questions; none of the answers failed.
struct AppenderAnswers {
    const GraphAppender* appender = nullptr;
    std::vector<clients::VectorAnswerPtr> answers;
};

// The graph, out of the answers to traffic_questions() in their order and those of the appenders.
// Waits for nothing.
void build_graph(
    GraphWork& work,
    std::span<const TrafficQuestion> questions,
    std::span<const clients::VectorAnswerPtr> answers,
    std::span<const AppenderAnswers> appended
);

}  // namespace meshscope::business
