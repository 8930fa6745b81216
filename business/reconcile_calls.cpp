#include "business/reconcile_calls.hpp"

#include "business/identity.hpp"
#include "business/span_reader.hpp"
#include "business/trace_calls.hpp"

#include <algorithm>
#include <memory>
#include <string_view>

namespace meshscope::business {

namespace {

using models::kNoSpan;

constexpr auto kIn = TrafficDirection::kInbound;
constexpr auto kOut = TrafficDirection::kOutbound;

}  // namespace

// The calls of one trace.
class FoundCalls::Reader {
 public:
    Reader(EdgeBook& book, const TraceView& view, std::uint32_t number)
        : book_(book),
          view_(view),
          trace_(*view.trace),
          number_(number),
          identities_(identities_of(trace_, book.parts().snapshot)),
          told_(trace_calls(trace_)),
          reader_(trace_) {}

    void run(std::vector<Call>& out) {
        for (std::uint32_t span = 0; span < trace_.spans.size(); ++span) {
            if (view_.hides(span)) {
                continue;
            }
            const SpanCall& told = told_[span];
            if (!told.calls() && !told.serves()) {
                continue;
            }
            if (is_home(span)) {
                out.push_back(told.calls() ? made(span) : served(span));
            } else if (told.calls() && told.other == kNoSpan) {
                add_lost_server(span, out);
            } else if (told.serves() && trace_.spans[span].orphan) {
                add_lost_client(span, out);
            }
        }
    }

 private:
    [[nodiscard]] bool is_home(std::uint32_t span) const {
        const SpanIdentity& identity = identities_->of(span);
        const EdgeBook::Parts& home = book_.parts();
        return identity.certainty != Certainty::kUnknown &&
               belongs_to(identity, {Subject::What::kWorkload, home.ns, home.workload});
    }

    [[nodiscard]] Call start(std::uint32_t span, TrafficDirection direction) {
        const models::Span& from = trace_.spans[span];
        const Attributes attributes = reader_.read(span);
        const std::string_view flags = attributes.text(Concept::kResponseFlags);
        Call call;
        call.end_ns = from.start_ns + from.duration_ns;
        call.trace = number_;
        call.error = told_[span].error;
        call.silent = may_leave_no_span(flags, attributes.text(Concept::kHttpStatus));
        clue_ = {};
        clue_.direction = direction;
        clue_.address = told_[span].address;
        clue_.time = from_micros(from.start_ns / 1000);
        clue_.service = told_[span].service;
        clue_.ns = told_[span].ns;
        clue_.arrived = !told_[span].calls() || !never_arrived(flags);
        return call;
    }

    // The other end has a span: its own edge when it can be seen, else that of the clue.
    void join(Call& call, std::uint32_t other, TrafficDirection direction) {
        call.hidden = view_.hides(other);
        call.peer = !call.hidden;
        const SpanIdentity& identity = identities_->of(other);
        const bool named = call.peer && !identity.workload.empty() &&
                           book_.parts().access->visible(*book_.parts().caller, identity.ns);
        call.edge = static_cast<std::uint32_t>(
            named ? book_.of_workload(direction, identity.ns, identity.workload)
                  : book_.of_clue(clue_)
        );
    }

    // A call that the workload has made and reported.
    Call made(std::uint32_t span) {
        Call call = start(span, kOut);
        call.own = true;
        call.begun = trace_.spans[span].references.empty();
        if (const std::uint32_t other = told_[span].other; other != kNoSpan) {
            join(call, other, kOut);
        } else {
            call.peer_lost = clue_.arrived;
            call.edge = static_cast<std::uint32_t>(book_.of_clue(clue_));
        }
        return call;
    }

    // One that it has served and reported.
    Call served(std::uint32_t span) {
        Call call = start(span, kIn);
        call.own = true;
        const std::uint32_t parent = trace_.spans[span].parent;
        if (parent != kNoSpan && !is_home(parent)) {
            join(call, parent, kIn);
        } else {
            call.peer_lost = trace_.spans[span].orphan;
            call.edge = static_cast<std::uint32_t>(book_.of_clue(clue_));
        }
        return call;
    }

    // Somebody has called and nobody has reported that it was served: the workload, perhaps.
    void add_lost_server(std::uint32_t span, std::vector<Call>& out) {
        Call call = start(span, kOut);
        const SpanIdentity& caller = identities_->of(span);
        const bool known = !caller.workload.empty() && caller.certainty != Certainty::kUnknown;
        if (caller.object != nullptr && book_.at_address(clue_) == caller.object) {
            clue_.address = {};  // of its own connection
        }
        if (!known || !clue_.arrived || !book_.leads_home(clue_)) {
            return;
        }
        call.peer = true;
        call.edge = static_cast<std::uint32_t>(book_.of_workload(kIn, caller.ns, caller.workload));
        out.push_back(call);
    }

    // Somebody has served whose caller has not reported: the workload, if the address is its own.
    void add_lost_client(std::uint32_t span, std::vector<Call>& out) {
        Call call = start(span, kIn);
        const SpanIdentity& server = identities_->of(span);
        clue_.service = {};  // which is the server's
        if (server.workload.empty() || clue_.address.empty() || !book_.leads_home(clue_)) {
            return;
        }
        call.peer = true;
        call.edge = static_cast<std::uint32_t>(book_.of_workload(kOut, server.ns, server.workload));
        out.push_back(call);
    }

    EdgeBook& book_;
    const TraceView& view_;
    const models::Trace& trace_;
    const std::uint32_t number_;
    const std::shared_ptr<const TraceIdentities> identities_;
    const std::vector<SpanCall> told_;
    SpanReader reader_;
    PeerClue clue_;  // of the span that was started with
};

void FoundCalls::add(const TraceView& view) {
    const auto number = static_cast<std::uint32_t>(seen_.size());
    if (seen_.insert(view.trace->id).second) {
        Reader(book_, view, number).run(calls_);
    }
}

std::vector<EdgeCalls> FoundCalls::within(TimeRange window) const {
    const std::int64_t from = to_micros(window.start) * 1000;
    const std::int64_t to = to_micros(window.end) * 1000;
    struct Cluster {
        std::uint64_t trace = 0;
        std::uint64_t calls = 0;
        double squares = 0;
    };
    std::vector<EdgeCalls> edges(book_.edges().size());
    std::vector<Cluster> clusters(edges.size());
    const auto close = [](Cluster& cluster) {
        const auto calls = static_cast<double>(cluster.calls);
        cluster.squares += calls * calls;
        cluster.calls = 0;
    };
    for (const Call& call : calls_) {
        if (call.end_ns <= from || call.end_ns > to) {
            continue;
        }
        EdgeCalls& edge = edges[call.edge];
        Cluster& cluster = clusters[call.edge];
        if (cluster.calls == 0 || cluster.trace != call.trace) {
            close(cluster);
            cluster.trace = call.trace;
            ++edge.traces;
        }
        ++cluster.calls;
        ++edge.calls;
        edge.own += call.own ? 1 : 0;
        edge.peer += call.peer ? 1 : 0;
        edge.hidden += call.hidden ? 1 : 0;
        edge.peer_lost += call.peer_lost ? 1 : 0;
        edge.errors += call.error ? 1 : 0;
        edge.silent += call.silent ? 1 : 0;
        edge.begun += call.begun ? 1 : 0;
    }
    for (std::size_t i = 0; i < edges.size(); ++i) {
        close(clusters[i]);
        if (edges[i].calls > 0) {
            edges[i].clustering = clusters[i].squares / static_cast<double>(edges[i].calls);
        }
    }
    return edges;
}

}  // namespace meshscope::business
