#include "business/reconcile.hpp"

#include "async/fan_out.hpp"
#include "async/worker_pool.hpp"
#include "business/offload.hpp"
#include "business/reconcile_calls.hpp"
#include "business/reconcile_lines.hpp"
#include "business/reconcile_metrics.hpp"
#include "business/search_answer.hpp"
#include "business/traces.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <tuple>
#include <utility>

namespace meshscope::business {

namespace {

using std::chrono::seconds;

// Calls under way when the window begins have begun before it.
constexpr seconds kUnderWay{10};
// At each end of a window a count may be wrong by what happens between two scrapes.
constexpr seconds kScrapeInterval{15};
constexpr std::array kDirections{TrafficDirection::kInbound, TrafficDirection::kOutbound};

SystemTime whole(SystemTime time) { return std::chrono::floor<seconds>(time); }

seconds length_of(TimeRange window) {
    return std::chrono::duration_cast<seconds>(window.end - window.start);
}

bool was_cut(const Meta& meta) {
    return meta.stopped_by != clients::StoppedBy::kComplete &&
           meta.stopped_by != clients::StoppedBy::kRights;
}

}  // namespace

// One request and what came of it.
struct Reconcile::Run {
    explicit Run(EdgeBook::Parts parts) : book(std::move(parts)), found(book) {}

    ReconcileQuery query;
    std::string cluster;
    TimeRange window;
    EdgeBook book;
    std::vector<CountedEdge> counted;
    FoundCalls found;
    std::optional<Error> no_traces;
    // Since then all traces were looked at; later than the window's start where a search was cut.
    SystemTime covered;
    bool cut_unseen = false;  // one was cut, and did not say where
    std::uint64_t scanned = 0;
    std::optional<CountedLines> lines;
    std::string no_lines;
    Meta meta;

    [[nodiscard]] std::vector<EdgeCounts> counts(const Access& access, const Caller& caller) const;
    // The busiest peers first, of edges with fewer spans than requests.
    [[nodiscard]] std::vector<EdgePeer> peers_in_doubt(const Access& access, const Caller& caller)
        const;
};

std::vector<EdgeCounts> Reconcile::Run::counts(const Access& access, const Caller& caller) const {
    const std::vector<EdgeCalls> calls = found.within(window);
    std::vector<EdgeCounts> out(book.edges().size());
    for (std::size_t i = 0; i < out.size(); ++i) {
        const EdgePeer& peer = book.edges()[i];
        out[i].direction = peer.direction;
        out[i].peer_visible = peer.workload.empty() || access.visible(caller, peer.ns);
        if (!no_traces) {
            out[i].found = calls[i];
        }
    }
    for (const CountedEdge& edge : counted) {
        EdgeCounts& one = out[edge.edge];
        one.requests = edge.requests;
        one.errors = edge.errors;
        one.silent = edge.silent;
        one.peer_silent = edge.peer_silent;
        one.silent_flags = edge.silent_flags;
        one.peer_counts = edge.peer_counts;
    }
    return out;
}

std::vector<EdgePeer> Reconcile::Run::peers_in_doubt(const Access& access, const Caller& caller)
    const {
    std::vector<EdgeCounts> all = counts(access, caller);
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < all.size(); ++i) {
        const double most = all[i].requests - all[i].silent - 2;
        const bool fewer = static_cast<double>(all[i].found->own) < most * 0.98;
        if (fewer && all[i].peer_visible && !book.edges()[i].workload.empty()) {
            order.push_back(i);
        }
    }
    std::ranges::sort(order, std::ranges::greater(), [&](std::size_t i) {
        return all[i].requests;
    });
    std::vector<EdgePeer> peers;
    for (const std::size_t i : order) {
        const EdgePeer& peer = book.edges()[i];
        const bool twice = std::ranges::any_of(peers, [&](const EdgePeer& one) {
            return one.ns == peer.ns && one.workload == peer.workload;
        });
        if (!twice && peers.size() < kMostPeers) {
            peers.push_back(peer);
        }
    }
    return peers;
}

Reconcile::Reconcile(Parts parts) : parts_(std::move(parts)) {}

std::optional<Error> Reconcile::open(const RequestContext& context, Run& run) const {
    const ReconcileQuery& query = run.query;
    if (auto refused = refuse_namespace(*parts_.access, context.caller, query.ns)) {
        return refused;
    }
    const models::ClusterSnapshotPtr& known = run.book.parts().snapshot;
    run.cluster = known ? known->cluster : parts_.home_cluster;
    if (!query.cluster.empty() && query.cluster != run.cluster) {
        return Error(ErrorKind::kNotFound, "the cluster '" + query.cluster + "' is not known here");
    }
    if (known != nullptr) {
        if (auto refused = parts_.discovery.refuse(*known, query.ns)) {
            return refused;
        }
        if (known->find_workload(query.ns, query.workload) == nullptr) {
            return Error(
                ErrorKind::kNotFound,
                "there is no workload '" + query.workload + "' in namespace '" + query.ns + "'"
            );
        }
    }
    if (parts_.metrics == nullptr) {
        return parts_.unavailable;
    }
    run.window.end = whole(query.end.value_or(parts_.clock->now() - kSettled));
    run.window.start = whole(query.start.value_or(run.window.end - kReconcileWindow));
    if (run.window.start >= run.window.end || length_of(run.window) > kLongestReconcile) {
        return Error(
            ErrorKind::kInvalidArgument,
            "parameter 'startMicros' must be before 'endMicros' by 1 s to 24 h"
        );
    }
    run.covered = run.window.start;
    run.meta.asked.start = query.start;
    run.meta.asked.end = query.end;
    return std::nullopt;
}

Awaitable<std::optional<Error>> Reconcile::count_requests(RequestContext context, Run& run) const {
    std::array<Result<clients::VectorAnswerPtr>, 2> answers{
        Error(ErrorKind::kCancelled, "another query failed"),
        Error(ErrorKind::kCancelled, "another query failed")
    };
    const seconds range = length_of(run.window);
    std::function<Awaitable<bool>(std::size_t)> ask = [&](std::size_t i) -> Awaitable<bool> {
        auto query =
            requests_query(kDirections[i], run.query.ns, run.query.workload, run.cluster, range);
        answers[i] = co_await parts_.metrics->instant(context, std::move(query), run.window.end);
        co_return answers[i].has_value();
    };
    static_cast<void>(co_await fan_out(answers.size(), answers.size(), std::move(ask)));
    std::size_t left_out = 0;
    run.counted.clear();
    for (const auto& answer : answers) {
        const bool why = !answer && answer.error().kind() != ErrorKind::kCancelled;
        if (why && answer.error().kind() == ErrorKind::kInvalidArgument) {
            // What the store calls a bad query is none of the caller's doing.
            co_return Error(ErrorKind::kUpstreamProtocol, answer.error().message())
                .with_detail(answer.error().detail())
                .with_upstream(answer.error().upstream());
        }
        if (why) {
            co_return answer.error();
        }
    }
    for (std::size_t i = 0; i < answers.size(); ++i) {
        if (!answers[i]) {
            co_return answers[i].error();
        }
        const auto edges = read_requests(
            kDirections[i], (*answers[i])->data, range, kMostEdges, run.book, left_out
        );
        run.counted.insert(run.counted.end(), edges.begin(), edges.end());
        for (const std::string& warning : (*answers[i])->warnings) {
            run.meta.warn("metric_store", warning);
        }
    }
    if (left_out > 0) {
        run.meta.drop("edges", left_out);
        run.meta.stopped_by = clients::StoppedBy::kLimit;
    }
    co_return std::nullopt;
}

// Of the workload, or of a peer of its; false: traces cannot be had.
Awaitable<bool> Reconcile::search(RequestContext context, Run& run, const EdgePeer* peer) const {
    SubjectQuery query;
    query.what = Subject::What::kWorkload;
    query.name_space = peer == nullptr ? run.query.ns : peer->ns;
    query.name = peer == nullptr ? run.query.workload : peer->workload;
    query.request.start = run.window.start - kUnderWay;
    query.request.end = run.window.end + std::chrono::microseconds(1);
    query.request.limit = run.query.limit;
    auto list = co_await parts_.traces->of(std::move(context), std::move(query));
    if (!list) {
        // A peer that is not among the cluster's objects has nothing to look for.
        const ErrorKind kind = list.error().kind();
        const bool skip =
            peer != nullptr && (kind == ErrorKind::kNotFound || kind == ErrorKind::kForbidden);
        if (!skip) {
            run.no_traces = list.error();
        }
        co_return skip;
    }
    auto read = [&run, &list] {
        for (const TraceView& view : list->traces) {
            run.found.add(view);
        }
        return true;
    };
    static_cast<void>(co_await offload(parts_.workers, spans_in(list->traces), std::move(read)));
    run.scanned += list->meta.scanned;
    if (was_cut(list->meta)) {
        const bool told = list->meta.covered.has_value();
        run.cut_unseen = run.cut_unseen || !told;
        run.covered = std::max(run.covered, told ? list->meta.covered->start : run.covered);
    }
    co_return true;
}

Awaitable<> Reconcile::find_calls(RequestContext context, Run& run) const {
    // The answers say themselves what they cost, as far as this caller may know.
    if (!co_await search(context, run, nullptr)) {
        co_return;
    }
    for (const EdgePeer& peer : run.peers_in_doubt(*parts_.access, context.caller)) {
        if (!co_await search(context, run, &peer)) {
            co_return;
        }
    }
}

Awaitable<> Reconcile::read_lines(RequestContext context, Run& run) const {
    if (!run.query.lines) {
        run.no_lines = "not asked for";
        co_return;
    }
    Result<CountedLines> lines =
        co_await count_lines(*parts_.logs, std::move(context), run.window, run.book);
    if (!lines) {
        run.no_lines = lines.error().message();
        co_return;
    }
    if (!lines->complete) {
        run.no_lines = "there are more lines in this time than are read";
    }
    run.lines = std::move(*lines);
}

WorkloadReconciliation Reconcile::answer(const RequestContext& context, Run& run) const {
    const std::vector<EdgeCounts> counts = run.counts(*parts_.access, context.caller);
    ReconcileTerms terms;
    terms.given_rate = run.query.sampling;
    terms.slack_share = static_cast<double>(kScrapeInterval.count()) /
                        static_cast<double>(length_of(run.window).count());
    for (const EdgeCounts& edge : counts) {
        terms.served += edge.direction == TrafficDirection::kInbound ? edge.requests : 0;
    }
    Reconciliation judged = reconcile(counts, terms);
    WorkloadReconciliation out;
    out.cluster = run.cluster;
    out.rate = judged.rate;
    out.no_lines = run.no_lines;
    for (std::size_t i = 0; i < counts.size(); ++i) {
        ReconciledEdge edge;
        edge.peer = run.book.edges()[i];
        edge.counts = counts[i];
        edge.verdict = std::move(judged.edges[i]);
        const auto counted = std::ranges::find(run.counted, i, &CountedEdge::edge);
        if (counted != run.counted.end()) {
            edge.outcomes = counted->outcomes;
        }
        if (run.lines && run.lines->complete) {
            edge.lines = i < run.lines->edges.size() ? run.lines->edges[i] : LineCounts();
        }
        const bool anything = edge.counts.requests > 0 ||
                              (edge.counts.found && edge.counts.found->calls > 0) ||
                              (edge.lines && edge.lines->lines > 0);
        if (anything) {
            out.edges.push_back(std::move(edge));
        }
    }
    std::ranges::sort(out.edges, {}, [](const ReconciledEdge& edge) {
        const EdgePeer& peer = edge.peer;
        return std::tuple(
            peer.direction,
            peer.ns,
            peer.workload,
            peer.services.empty() ? std::string() : peer.services.front().name
        );
    });
    out.meta = std::move(run.meta);
    out.meta.used.start = run.window.start;
    out.meta.used.end = run.window.end;
    out.meta.used.limit = run.query.limit;
    out.meta.returned = out.edges.size();
    out.meta.order = "direction,namespace,workload,service";
    // A search tells callers with limited rights nothing of what it cost.
    const bool sees_all = parts_.access->sees_all(context.caller);
    out.meta.scanned = sees_all ? run.scanned : out.meta.returned;
    if (!sees_all && out.meta.stopped_by == clients::StoppedBy::kComplete) {
        out.meta.stopped_by = clients::StoppedBy::kRights;
    }
    for (const auto& [name, cost] : context.bill->by_name) {
        if (sees_all || name == "prometheus") {
            out.meta.upstream.emplace(name, cost);
        }
    }
    return out;
}

Awaitable<Result<WorkloadReconciliation>> Reconcile::of(
    RequestContext context, ReconcileQuery query
) const {
    const bool read = parts_.cluster != nullptr && parts_.cluster->state().synced;
    Run run(
        {query.ns,
         query.workload,
         read ? parts_.cluster->snapshot() : nullptr,
         parts_.access,
         &context.caller}
    );
    run.query = std::move(query);
    if (auto refused = open(context, run)) {
        co_return std::move(*refused);
    }
    if (auto failed = co_await count_requests(context, run)) {
        co_return std::move(*failed);
    }
    co_await find_calls(context, run);
    if (run.no_traces) {
        if (run.no_traces->kind() == ErrorKind::kCancelled) {
            co_return std::move(*run.no_traces);
        }
        run.meta.warn("traces_unavailable", run.no_traces->message());
    }
    const SystemTime covered = std::chrono::ceil<seconds>(run.covered);
    if (!run.no_traces && covered > run.window.start && covered < run.window.end) {
        // All is held against the part of the window whose traces were all seen.
        run.window.start = covered;
        run.meta.stopped_by = clients::StoppedBy::kLimit;
        run.meta.warn("window_cut", "there are more traces than 'limit': the window begins later");
        if (auto failed = co_await count_requests(context, run)) {
            co_return std::move(*failed);
        }
    } else if (run.cut_unseen || covered >= run.window.end) {
        run.meta.stopped_by = clients::StoppedBy::kBackend;
        run.no_traces = Error(ErrorKind::kTooLarge, "not all traces of the window could be read");
        run.meta.warn("traces_cut", run.no_traces->message());
    }
    co_await read_lines(context, run);
    co_return answer(context, run);
}

}  // namespace meshscope::business
