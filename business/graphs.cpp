#include "business/graphs.hpp"

#include "async/fan_out.hpp"
#include "async/worker_pool.hpp"
#include "business/cluster_known.hpp"
#include "business/graph_shape.hpp"
#include "business/mesh.hpp"
#include "business/offload.hpp"
#include "business/traffic_builder.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace meshscope::business {

namespace {

using clients::VectorAnswerPtr;

// A question and what came of it.
struct Asked {
    clients::promql::Expr query;
    const GraphAppender* appender = nullptr;  // null: traffic, without which there is no graph
    VectorAnswerPtr answer;
    std::optional<Error> error;
};

Awaitable<bool> ask(
    clients::MetricStore* metrics, RequestContext context, SystemTime at, Asked* asked
) {
    auto answer = co_await metrics->instant(std::move(context), asked->query, at);
    if (answer) {
        asked->answer = std::move(*answer);
        co_return true;
    }
    asked->error = answer.error();
    co_return asked->appender != nullptr&& answer.error().kind() != ErrorKind::kCancelled;
}

// A query that the store refuses is no fault of the caller's.
Error of_store(const Error& error) {
    if (error.kind() != ErrorKind::kInvalidArgument) {
        return error;
    }
    return Error(ErrorKind::kUpstreamUnavailable, "the metric store refused a query of the graph")
        .with_detail(error.detail().empty() ? error.message() : error.detail())
        .with_upstream("prometheus");
}

// The error that leaves no graph.
Error failure_of(const std::vector<Asked>& asked) {
    const Error* found = nullptr;
    for (const Asked& one : asked) {
        const bool counts = one.error && one.appender == nullptr;
        if (counts && (found == nullptr || found->kind() == ErrorKind::kCancelled)) {
            found = &*one.error;  // those that were cancelled failed because of another
        }
    }
    return found == nullptr ? Error(ErrorKind::kCancelled, "the request was cancelled")
                            : of_store(*found);
}

void tell_warnings(Meta& meta, const std::vector<Asked>& asked) {
    std::vector<std::string_view> told;
    for (const Asked& one : asked) {
        if (one.answer == nullptr) {
            continue;
        }
        for (const std::string& warning : one.answer->warnings) {
            if (std::ranges::find(told, warning) == told.end()) {
                told.push_back(warning);
                meta.warn("metrics", warning);
            }
        }
    }
}

// Appenders in their order, without those one of whose questions failed: the warnings name them.
std::vector<AppenderAnswers> answers_of_appenders(
    Meta& meta, const std::vector<const GraphAppender*>& wanted, const std::vector<Asked>& asked
) {
    std::vector<AppenderAnswers> all;
    for (const GraphAppender* appender : wanted) {
        AppenderAnswers own{appender, {}};
        const Error* error = nullptr;
        for (const Asked& one : asked) {
            if (one.appender == appender) {
                own.answers.push_back(one.answer);
                error = error == nullptr && one.error ? &*one.error : error;
            }
        }
        if (error == nullptr) {
            all.push_back(std::move(own));
        } else {
            meta.warn(
                "graph_part_missing", std::string(appender->name()) + ": " + error->message()
            );
        }
    }
    return all;
}

void apply(GraphWork& work, std::span<const AppenderAnswers> appended, bool last) {
    for (const AppenderAnswers& one : appended) {
        if (one.appender->finishes() == last) {
            one.appender->apply(work, one.answers);
        }
    }
}

std::vector<GraphRange> ranges_of(const std::vector<GraphNamespace>& namespaces) {
    std::vector<GraphRange> ranges;
    for (const GraphNamespace& one : namespaces) {
        auto range = std::ranges::find(ranges, one.range, &GraphRange::range);
        if (range == ranges.end()) {
            ranges.push_back({one.range, {}, {}});
            range = ranges.end() - 1;
        }
        range->namespaces.push_back(one.name);
        if (one.ambient) {
            range->ambient.push_back(one.name);
        }
    }
    std::ranges::sort(ranges, std::greater<>(), &GraphRange::range);
    return ranges;
}

std::vector<std::string> names_of(const GraphRequest& request) {
    std::vector<std::string> names = request.namespaces;
    if (request.focus) {
        names = {request.focus->ns};
    }
    std::ranges::sort(names);
    const auto twice = std::ranges::unique(names);
    names.erase(twice.begin(), twice.end());
    return names;
}

}  // namespace

void build_graph(
    GraphWork& work,
    std::span<const TrafficQuestion> questions,
    std::span<const VectorAnswerPtr> answers,
    std::span<const AppenderAnswers> appended
) {
    TrafficBuilder builder(work);
    for (std::size_t i = 0; i < questions.size(); ++i) {
        builder.add(questions[i].kind, answers[i]->data);
    }
    builder.report();
    apply(work, appended, false);
    mark_outside(work);
    apply(work, appended, true);
    mark_roots(work.graph);
    if (work.request.type == GraphType::kService && !work.request.focus) {
        reduce_to_services(work.graph);
    }
    strip_inaccessible(work.graph);
    add_boxes(work.graph, work.request);
    for (const AppenderAnswers& one : appended) {
        one.appender->apply_to_boxes(work);
    }
    work.meta.returned = work.graph.node_count();
}

Graphs::Graphs(Parts parts) : parts_(std::move(parts)) {}

Result<GraphNamespace> Graphs::find(const GraphWork& work, const std::string& ns) const {
    if (auto refused = refuse_namespace(*work.access, work.caller, ns)) {
        return std::move(*refused);
    }
    GraphNamespace found{ns, work.request.duration, false};
    if (work.snapshot == nullptr) {
        return found;
    }
    const models::NamespaceView* view = work.snapshot->find(ns);
    if (view == nullptr) {
        return Error(ErrorKind::kNotFound, "there is no namespace '" + ns + "' in the cluster");
    }
    if (!parts_.discovery.shows(*view)) {
        return *refuse_namespace(CallerAccess(), Caller(), ns);
    }
    const SystemTime created = view->object.meta.created;
    if (work.request.at && created > work.at) {
        return Error(
            ErrorKind::kInvalidArgument, "the namespace '" + ns + "' did not exist at queryTime"
        );
    }
    const auto age = std::chrono::floor<std::chrono::seconds>(work.at - created);
    found.range = std::clamp(age, std::chrono::seconds(1), work.request.duration);
    found.ambient = describe_namespace(*view).ambient;
    return found;
}

Result<std::shared_ptr<GraphWork>> Graphs::open(const RequestContext& context, GraphRequest request)
    const {
    auto work = std::make_shared<GraphWork>();
    work->caller = context.caller;
    work->access = parts_.access;
    work->discovery = &parts_.discovery;
    work->at = std::chrono::floor<std::chrono::seconds>(request.at.value_or(parts_.clock->now()));
    work->request = std::move(request);
    if (parts_.cluster != nullptr) {
        work->snapshot = parts_.cluster->snapshot();
        work->home_cluster = work->snapshot->cluster;
        if (auto error = unknown_namespaces(parts_.cluster->state(), *work->snapshot)) {
            return std::move(*error);
        }
    }
    for (const std::string& ns : names_of(work->request)) {
        auto found = find(*work, ns);
        if (!found) {
            return found.error();
        }
        work->namespaces.push_back(std::move(*found));
    }
    work->ranges = ranges_of(work->namespaces);
    Meta& meta = work->meta;
    meta.order = "nodes: box,cluster,namespace,app,version,service,workload; edges: source,target";
    for (const std::string& name : work->request.ignored) {
        meta.warn("parameter_ignored", "the parameter '" + name + "' has no effect on graphs");
    }
    meta.used.start = work->at - work->request.duration;
    meta.used.end = work->at;
    if (!parts_.access->sees_all(context.caller)) {
        meta.stopped_by = clients::StoppedBy::kRights;
    }
    if (parts_.cluster != nullptr) {
        meta.cluster = describe_cluster(
            parts_.cluster->state(),
            *work->snapshot,
            parts_.clock->now(),
            *parts_.access,
            context.caller
        );
    }
    return work;
}

Awaitable<Result<std::shared_ptr<const GraphWork>>> Graphs::of(
    RequestContext context, GraphRequest request
) const {
    if (parts_.metrics == nullptr) {
        co_return parts_.unavailable;
    }
    auto opened = open(context, std::move(request));
    if (!opened) {
        co_return opened.error();
    }
    const std::shared_ptr<GraphWork> work = std::move(*opened);
    const std::vector<TrafficQuestion> questions = traffic_questions(*work);
    std::vector<Asked> asked;
    for (const TrafficQuestion& question : questions) {
        asked.push_back({question.query, nullptr, nullptr, std::nullopt});
    }
    std::vector<const GraphAppender*> wanted;
    for (const auto& appender : parts_.appenders) {
        if (!appender->wanted(*work)) {
            continue;
        }
        wanted.push_back(appender.get());
        for (clients::promql::Expr& query : appender->questions(*work)) {
            asked.push_back({std::move(query), appender.get(), nullptr, std::nullopt});
        }
    }
    std::function<Awaitable<bool>(std::size_t)> one = [&](std::size_t i) {
        return ask(parts_.metrics, context, work->at, &asked[i]);
    };
    const bool all = co_await fan_out(asked.size(), kQuestionsAtOnce, std::move(one));
    if (!all) {
        co_return failure_of(asked);
    }
    tell_warnings(work->meta, asked);
    const auto appended = answers_of_appenders(work->meta, wanted, asked);
    std::vector<VectorAnswerPtr> answers;
    std::size_t rows = 0;
    for (std::size_t i = 0; i < asked.size(); ++i) {
        rows += asked[i].answer ? asked[i].answer->data.labels.rows() : 0;
        if (i < questions.size()) {
            answers.push_back(asked[i].answer);
        }
    }
    auto build = [&] {
        build_graph(*work, questions, answers, appended);
        return true;
    };
    co_await offload(parts_.workers, rows, std::move(build));
    // What was looked at for others would tell of what is hidden.
    if (parts_.access->sees_all(context.caller)) {
        work->meta.upstream = context.bill->by_name;
    } else {
        work->meta.scanned = work->meta.returned;
    }
    co_return std::shared_ptr<const GraphWork>(work);
}

}  // namespace meshscope::business
