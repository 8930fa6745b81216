#include "business/explain.hpp"

#include "async/with_deadline.hpp"
#include "business/explain_names.hpp"
#include "business/mesh_names.hpp"
#include "business/search_answer.hpp"
#include "business/store_url.hpp"
#include "business/subject_filter.hpp"
#include "business/trace_view.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace meshscope::business {

namespace {

using clients::promql::Matcher;

constexpr std::size_t kMostKept = 1000;
constexpr std::size_t kMostAttempts = 2;
// What one attempt may cost: both protocols of a transport, over HTTP with a look around where a
// path is unknown, and the list.
std::uint64_t cost_of(clients::StoreTarget::Transport transport) {
    switch (transport) {
        case clients::StoreTarget::Transport::kGrpc:
            return 3;
        case clients::StoreTarget::Transport::kHttp:
            return 6;
        case clients::StoreTarget::Transport::kGrpcThenHttp:
            break;
    }
    return 9;
}

constexpr std::size_t kMostOtherNames = 2;
constexpr std::chrono::seconds kFresh{10};
constexpr std::uint32_t kDepth = 100;
constexpr std::uint32_t kElsewhereDepth = 20;
constexpr std::chrono::hours kBack{24 * 30};
constexpr std::chrono::hours kAhead{24};
constexpr std::chrono::hours kLongBack{24 * 365};

std::uint64_t wire_calls(const RequestContext& context) {
    std::uint64_t calls = 0;
    for (const auto& [name, cost] : context.bill->by_name) {
        calls += cost.calls;
    }
    return calls;
}

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

// One explanation in the making.
class Investigation {
 public:
    Investigation(
        const Explain::Parts& parts,
        const RequestContext& context,
        const ExplainQuery& asked,
        clients::TraceQuery query,
        ResolvedName name,
        models::ClusterSnapshotPtr cluster
    )
        : parts_(parts),
          context_(context),
          asked_(asked),
          query_(std::move(query)),
          name_(std::move(name)),
          cluster_(std::move(cluster)),
          views_(*parts.access, context.caller, cluster_) {
        facts_.setup = parts.setup;
        facts_.now = parts.clock->now();
        facts_.window = query_.window;
        facts_.limited_rights = !views_.all();
        facts_.names = names_of(name_, parts.settings.naming, cluster_.get(), asked.workload);
        if (const auto url = read_store_url(parts.setup.url)) {
            facts_.service_ports = ports_of_host(url->host, cluster_.get());
        }
        query_.limit = kDepth;
        facts_.limit = kDepth;
        facts_.tags = query_.tags;
        const models::Workload* workload =
            cluster_ == nullptr ? nullptr
                                : cluster_->find_workload(asked.name_space, asked.workload);
        if (workload != nullptr) {
            facts_.sampling = annotated_sampling(*workload);
            facts_.has_proxy = workload->sidecar || workload->ambient;
        }
    }

    // False: the caller has gone.
    Awaitable<bool> run() {
        if (parts_.store == nullptr) {
            facts_.off = parts_.unavailable;
            co_return true;
        }
        const bool asked = co_await ask_services();
        if (!asked) {
            co_return false;
        }
        if (facts_.store_error) {
            co_await try_others();
            co_return true;
        }
        const bool searched = co_await search_in_use();
        if (!searched) {
            co_return false;
        }
        const NameTried& used = facts_.names.front();
        if (facts_.search_error || used.traces.value_or(0) > 0) {
            co_return true;
        }
        const bool explained = co_await look_around();
        if (!explained) {
            co_await ask_metrics();
        }
        const bool gone = co_await is_cancelled();
        co_return !gone;
    }

    [[nodiscard]] const ExplainFacts& facts() const { return facts_; }
    [[nodiscard]] std::uint64_t calls() const { return calls_; }

 private:
    struct Found {
        std::uint64_t traces = 0;
        std::uint64_t of_subject = 0;
        std::optional<SystemTime> newest;
        bool at_limit = false;
    };

    [[nodiscard]] bool may_ask(std::uint64_t cost = 1) const {
        return std::max(calls_, wire_calls(context_)) + cost <= kMostExplainCalls;
    }

    // What the prober saw a moment ago costs nothing.
    [[nodiscard]] std::optional<Error> known_trouble() const {
        using Reachability = clients::StoreState::Reachability;
        const clients::StoreState state = parts_.store->state();
        const bool fresh = state.last_probe && facts_.now - *state.last_probe < kFresh;
        return state.reachability == Reachability::kUnreachable && fresh ? state.reason
                                                                         : std::nullopt;
    }

    Awaitable<bool> ask_services() {
        facts_.store_error = known_trouble();
        if (facts_.store_error) {
            co_return true;
        }
        ++calls_;
        const SteadyTime before = parts_.clock->steady_now();
        auto names = co_await parts_.store->services(context_);
        facts_.latency = std::chrono::duration_cast<std::chrono::microseconds>(
            parts_.clock->steady_now() - before
        );
        facts_.protocol = parts_.store->state().protocol;
        if (!names) {
            facts_.store_error = names.error();
            co_return names.error().kind() != ErrorKind::kCancelled;
        }
        if (views_.all()) {
            facts_.services_known = names->size();
            for (NameTried& name : facts_.names) {
                name.listed = std::binary_search(names->begin(), names->end(), name.service);
            }
        }
        co_return true;
    }

    Awaitable<> try_others() {
        if (parts_.finder == nullptr) {
            co_return;
        }
        for (Proposal& proposal : proposals_after(parts_.setup, *facts_.store_error)) {
            if (facts_.attempts.size() == kMostAttempts) {
                co_return;
            }
            if (!may_ask(cost_of(proposal.target.transport))) {
                continue;
            }
            ++calls_;
            auto found = co_await parts_.finder->try_one(context_, proposal.target);
            Attempt attempt;
            attempt.proposal = std::move(proposal);
            if (!found) {
                attempt.error = found.error();
            }
            facts_.attempts.push_back(std::move(attempt));
            if (found) {
                co_return;
            }
        }
    }

    Awaitable<Result<Found>> search(clients::TraceQuery query) {
        ++calls_;
        auto batch = co_await parts_.store->find_traces(context_, query);
        if (!batch) {
            co_return batch.error();
        }
        if (auto error = emptiness_error(*batch)) {
            co_return std::move(*error);
        }
        SubjectFilter::Parts of_filter{
            Subject::What::kWorkload,
            asked_.name_space,
            asked_.workload,
            name_,
            query.service,
            cluster_
        };
        const SubjectFilter filter(std::move(of_filter));
        Found found;
        found.at_limit = batch->stopped_by == clients::StoppedBy::kLimit;
        for (const models::TracePtr& trace : batch->traces) {
            const TraceView& view = views_.of(trace);
            if (views_.all() || shows_match(view, query)) {
                ++found.traces;
                found.of_subject += filter.keeps(view) ? 1 : 0;
                const SystemTime start = from_micros(position_of(*trace).start_ns / 1000);
                found.newest = std::max(found.newest.value_or(start), start);
            }
            views_.forget(trace);
        }
        co_return found;
    }

    // False: the caller has gone.
    Awaitable<bool> search_in_use() {
        NameTried& name = facts_.names.front();
        clients::TraceQuery query = query_;
        query.service = name.service;
        auto found = co_await search(std::move(query));
        if (!found) {
            facts_.search_error = found.error();
            co_return found.error().kind() != ErrorKind::kCancelled;
        }
        name.traces = found->traces;
        name.of_subject = found->of_subject;
        // What the limit cut off is not told to who sees less than all of it.
        facts_.at_limit = found->at_limit && views_.all();
        co_return true;
    }

    // True: traces were found somewhere.
    Awaitable<bool> look_around() {
        const bool named = co_await search_other_names();
        if (named) {
            co_return true;
        }
        const bool tagged = co_await search_without_tags();
        if (tagged) {
            co_return true;
        }
        co_await search_elsewhere();
        co_return false;
    }

    Awaitable<bool> search_other_names() {
        std::size_t asked = 0;
        bool any = false;
        for (std::size_t i = 1; i < facts_.names.size(); ++i) {
            NameTried& name = facts_.names[i];
            if (!name.listed.value_or(true) || asked == kMostOtherNames || !may_ask()) {
                continue;
            }
            ++asked;
            clients::TraceQuery query = query_;
            query.service = name.service;
            const auto found = co_await search(std::move(query));
            if (found) {
                name.traces = found->traces;
                name.of_subject = found->of_subject;
                any = any || found->traces > 0;
            }
        }
        co_return any;
    }

    Awaitable<bool> search_without_tags() {
        if (facts_.tags.empty() || !may_ask()) {
            co_return false;
        }
        clients::TraceQuery query = query_;
        query.service = facts_.names.front().service;
        query.tags.clear();
        const auto found = co_await search(std::move(query));
        if (found) {
            facts_.without_tags = found->traces;
        }
        co_return found && found->traces > 0;
    }

    Awaitable<> search_elsewhere() {
        if (!may_ask()) {
            co_return;
        }
        clients::TraceQuery query = query_;
        query.service = facts_.names.front().service;
        query.tags.clear();
        query.limit = kElsewhereDepth;
        query.window = {facts_.now - kBack, facts_.now + kAhead};
        auto found = co_await search(query);
        if (!found) {
            co_return;
        }
        facts_.looked_elsewhere = true;
        facts_.newest = found->newest;
        if (!facts_.newest || *facts_.newest < facts_.window.end || !may_ask()) {
            co_return;
        }
        query.window = {facts_.now - kLongBack, facts_.window.end};
        query.limit = 1;
        found = co_await search(std::move(query));
        if (found) {
            facts_.any_before = found->traces > 0;
        }
    }

    Awaitable<> ask_metrics() {
        const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(
            query_.window.end - query_.window.start
        );
        if (parts_.metrics == nullptr || seconds.count() < 1 || !may_ask()) {
            co_return;
        }
        ++calls_;
        const clients::promql::Matchers matchers{
            Matcher::equals("destination_workload_namespace", asked_.name_space),
            Matcher::equals("destination_workload", asked_.workload),
            Matcher::one_of("reporter", {"destination", "waypoint"}),
        };
        auto rate = clients::promql::rate("istio_requests_total", matchers, seconds);
        const auto answer = co_await parts_.metrics->instant(
            context_, clients::promql::sum(rate), std::min(query_.window.end, facts_.now)
        );
        if (!answer) {
            co_return;
        }
        double requests = 0;
        for (const double value : (*answer)->data.values) {
            requests += std::isfinite(value) ? value * static_cast<double>(seconds.count()) : 0;
        }
        facts_.requests = requests;
    }

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
