#include "business/explain_investigation.hpp"

#include "async/with_deadline.hpp"
#include "business/explain_names.hpp"
#include "business/mesh_sampling.hpp"
#include "business/search_answer.hpp"
#include "business/store_url.hpp"
#include "business/subject_filter.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

namespace meshscope::business {

namespace {

using clients::promql::Matcher;

constexpr std::size_t kMostAttempts = 2;
constexpr std::size_t kMostOtherNames = 2;
constexpr std::chrono::seconds kFresh{10};
constexpr std::uint32_t kDepth = 100;
constexpr std::uint32_t kElsewhereDepth = 20;
constexpr std::chrono::hours kBack{24 * 30};
constexpr std::chrono::hours kAhead{24};
constexpr std::chrono::hours kLongBack{24 * 365};

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

std::uint64_t wire_calls(const RequestContext& context) {
    std::uint64_t calls = 0;
    for (const auto& [name, cost] : context.bill->by_name) {
        calls += cost.calls;
    }
    return calls;
}

}  // namespace

Investigation::Investigation(
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
    know_workload();
}

void Investigation::know_workload() {
    const models::Workload* workload =
        cluster_ == nullptr ? nullptr : cluster_->find_workload(asked_.name_space, asked_.workload);
    if (workload != nullptr) {
        const MeshSampling sampling = sampling_of(*workload, cluster_.get());
        const auto key = [&](const MeshSampling::Source& by, const char* field) {
            if (by.name.empty()) {
                return std::string("annotation proxy.istio.io/config tracing.sampling");
            }
            const bool told = parts_.access->visible(context_.caller, by.ns);
            return "Telemetry " + (told ? by.ns + "/" + by.name + " " : std::string()) + field;
        };
        facts_.sampling = sampling.percent;
        if (sampling.percent) {
            facts_.sampling_key = key(sampling.percent_by, "randomSamplingPercentage");
        }
        if (!sampling.reports) {
            facts_.reporting_off_key = key(sampling.reports_by, "disableSpanReporting");
        }
        facts_.has_proxy = workload->sidecar || workload->ambient;
    }
}

Awaitable<bool> Investigation::run() {
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

bool Investigation::may_ask(std::uint64_t cost) const {
    return std::max(calls_, wire_calls(context_)) + cost <= kMostExplainCalls;
}

// What the prober saw a moment ago costs nothing.
std::optional<Error> Investigation::known_trouble() const {
    using Reachability = clients::StoreState::Reachability;
    const clients::StoreState state = parts_.store->state();
    const bool fresh = state.last_probe && facts_.now - *state.last_probe < kFresh;
    return state.reachability == Reachability::kUnreachable && fresh ? state.reason : std::nullopt;
}

Awaitable<bool> Investigation::ask_services() {
    facts_.store_error = known_trouble();
    if (facts_.store_error) {
        co_return true;
    }
    ++calls_;
    const SteadyTime before = parts_.clock->steady_now();
    auto names = co_await parts_.store->services(context_);
    facts_.latency =
        std::chrono::duration_cast<std::chrono::microseconds>(parts_.clock->steady_now() - before);
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

Awaitable<> Investigation::try_others() {
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

Awaitable<Result<Investigation::Found>> Investigation::search(clients::TraceQuery query) {
    ++calls_;
    auto batch = co_await parts_.store->find_traces(context_, query);
    if (!batch) {
        co_return batch.error();
    }
    if (auto error = emptiness_error(*batch)) {
        co_return std::move(*error);
    }
    SubjectFilter::Parts of_filter{
        Subject::What::kWorkload, asked_.name_space, asked_.workload, name_, query.service, cluster_
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

Awaitable<bool> Investigation::search_in_use() {
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

Awaitable<bool> Investigation::look_around() {
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

Awaitable<bool> Investigation::search_other_names() {
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

Awaitable<bool> Investigation::search_without_tags() {
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

Awaitable<> Investigation::search_elsewhere() {
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

Awaitable<> Investigation::ask_metrics() {
    const auto seconds =
        std::chrono::duration_cast<std::chrono::seconds>(query_.window.end - query_.window.start);
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

}  // namespace meshscope::business
