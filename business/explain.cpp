#include "business/explain.hpp"

#include "business/explain_investigation.hpp"
#include "business/mesh_names.hpp"
#include "business/search_answer.hpp"

#include <utility>

namespace meshscope::business {

namespace {

constexpr std::size_t kMostKept = 1000;

std::string key_of(const Caller& caller, const ExplainQuery& query) {
    const auto micros = [](const std::optional<SystemTime>& time) {
        return time ? std::to_string(to_micros(*time)) : std::string("-");
    };
    std::string key = caller.credentials ? caller.credentials->key : caller.name;
    key += caller.cluster_wide ? "\nall" : "\nsome";
    for (const std::string& part :
         {query.name_space,
          query.workload,
          query.cluster_name,
          micros(query.start),
          micros(query.end)}) {
        key.append(1, '\n').append(part);
    }
    return key;
}

// What a setting is set to is for who sees all.
void leave_out_values(Explanation& explanation) {
    if (auto& change = explanation.verdict.change) {
        change->from.clear();
        change->to.clear();
    }
}

}  // namespace

Explain::Explain(Parts parts)
    : parts_(std::move(parts)),
      kept_(std::make_unique<ExpiringMap<ExplainAnswerPtr>>(*parts_.clock, kMostKept)) {}

std::optional<Error> Explain::refuse(const Caller& caller, const std::string& name_space) const {
    if (auto refused = refuse_namespace(*parts_.access, caller, name_space)) {
        return refused;
    }
    const models::ClusterSnapshotPtr cluster =
        parts_.cluster == nullptr ? nullptr : parts_.cluster->snapshot();
    return cluster == nullptr ? std::nullopt : parts_.discovery.refuse(*cluster, name_space);
}

Awaitable<Result<ExplainAnswerPtr>> Explain::workload(RequestContext context, ExplainQuery query)
    const {
    if (auto refused = refuse(context.caller, query.name_space)) {
        co_return std::move(*refused);
    }
    TraceRequest request;
    request.start = query.start;
    request.end = query.end;
    request.cluster_name = query.cluster_name;
    auto completed = complete(request, parts_.settings, parts_.clock->now());
    if (!completed) {
        co_return completed.error();
    }
    const models::ClusterSnapshotPtr cluster =
        parts_.cluster == nullptr ? nullptr : parts_.cluster->snapshot();
    auto name = name_of_workload(
        cluster.get(),
        query.name_space,
        query.workload,
        parts_.settings.naming,
        parts_.settings.use_waypoint_name
    );
    if (!name) {
        co_return name.error();
    }
    const std::string key = key_of(context.caller, query);
    if (auto kept = kept_->find(key)) {
        co_return std::move(*kept);
    }
    auto answer = std::make_shared<ExplainAnswer>();
    describe_limits(answer->meta, request, *completed);
    Investigation investigation(
        parts_, context, query, std::move(*completed), std::move(*name), cluster
    );
    const bool ended = co_await investigation.run();
    if (!ended) {
        co_return Error(ErrorKind::kCancelled, "the request was cancelled");
    }
    answer->explanation = explain(investigation.facts());
    answer->tried = investigation.facts().names;
    std::erase_if(answer->tried, [](const NameTried& one) { return !one.traces; });
    answer->calls = investigation.calls();
    if (parts_.access->sees_all(context.caller)) {
        answer->meta.upstream = context.bill->by_name;
    } else {
        leave_out_values(answer->explanation);
        tell_of_visible_only(answer->meta);
    }
    kept_->put(key, answer, parts_.clock->steady_now() + kExplanationKept);
    co_return answer;
}

}  // namespace meshscope::business
