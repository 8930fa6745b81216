#include "business/reconcile_rules.hpp"

#include "core/text.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace meshscope::business {

namespace {

using Basis = SamplingRate::Basis;

constexpr double kLeastLost = 3;
constexpr double kToleratedLoss = 0.02;
constexpr double kToleratedBegun = 0.05;
// Above it everything counts as sampled.
constexpr double kAllOfThem = 0.995;

struct Share {
    double of = 0;
    double all = 0;
    [[nodiscard]] bool above(double tolerated) const {
        return of >= kLeastLost && wilson_interval(of, all).low > tolerated;
    }
};

std::string count_text(double count) { return std::to_string(std::llround(count)); }

std::string percent_text(double share) {
    std::string text = std::to_string(share * 100);
    text.erase(share < 0.1 ? text.find('.') + 3 : text.find('.'));
    return text + " %";
}

template <std::size_t N>
bool any_flag(std::string_view flags, const std::array<std::string_view, N>& known) {
    return std::ranges::any_of(split(flags, ','), [&](std::string_view flag) {
        return std::ranges::find(known, flag) != known.end();
    });
}

// Calls that chance decides on, and the requests they are a sample of.
double sampled(const EdgeCounts& edge) {
    return edge.found ? static_cast<double>(edge.found->calls - edge.found->silent) : 0;
}
double drawn_from(const EdgeCounts& edge) { return std::max(0.0, edge.requests - edge.silent); }

double clustering_of(const EdgeCounts& edge) {
    return edge.found ? std::max(1.0, edge.found->clustering) : 1;
}

// What the workload's own spans are known to have lost, over all edges.
Share own_loss(std::span<const EdgeCounts> edges) {
    Share loss;
    for (const EdgeCounts& edge : edges) {
        if (edge.found) {
            const auto lost = static_cast<double>(edge.found->own_lost());
            loss.of += std::max(0.0, lost - edge.silent);
            loss.all += static_cast<double>(edge.found->peer + edge.found->hidden);
        }
    }
    return loss;
}

bool peer_tells(const EdgeCounts& edge) {
    return edge.found && edge.found->peer + edge.found->hidden > 0;
}

class Judge {
 public:
    Judge(std::span<const EdgeCounts> edges, const ReconcileTerms& terms)
        : edges_(edges), terms_(terms), own_loss_(own_loss(edges)), rate_(find_rate()) {}

    [[nodiscard]] const SamplingRate& rate() const { return rate_; }

    [[nodiscard]] EdgeVerdict judge(const EdgeCounts& edge) const {
        EdgeVerdict verdict;
        verdict.expected = drawn_from(edge) * rate_.rate;
        verdict.interval = interval(edge, rate_.interval);
        auto& reasons = verdict.reasons;
        if (!edge.found) {
            reasons.push_back({GapClass::kUnknown, "traces could not be searched", {}});
            verdict.gap = GapClass::kUnknown;
            return verdict;
        }
        add_drops(edge, verdict);
        add_context(edge, reasons);
        add_flags(edge, reasons);
        add_rights(edge, verdict);
        add_chance(edge, verdict);
        verdict.gap = reasons.empty() ? GapClass::kNone : reasons.front().gap;
        return verdict;
    }

 private:
    [[nodiscard]] double slack(double count) const {
        return count * terms_.slack_share + terms_.slack_requests;
    }

    [[nodiscard]] CountInterval interval(const EdgeCounts& edge, ShareInterval rate) const {
        const double clustering = clustering_of(edge);
        const double count = drawn_from(edge);
        const double fewest = std::max(0.0, count - slack(count));
        return {
            clustering * binomial_interval(fewest / clustering, rate.low).low,
            clustering * binomial_interval((count + slack(count)) / clustering, rate.high).high
        };
    }
    [[nodiscard]] bool within(const EdgeCounts& edge, ShareInterval rate) const {
        const CountInterval expected = interval(edge, rate);
        const double calls = sampled(edge);
        return calls >= expected.low && calls <= expected.high;
    }

    // Where only the workload's own spans could tell, and those are lost, nothing is told.
    [[nodiscard]] bool tells_rate(const EdgeCounts& edge) const {
        return edge.found && drawn_from(edge) > terms_.slack_requests &&
               (peer_tells(edge) || !own_loss_.above(kToleratedLoss));
    }

    static double rate_of(const EdgeCounts& edge) {
        return std::min(1.0, sampled(edge) / drawn_from(edge));
    }

    // Half of the requests are on edges with that rate or a lower one: of two the higher, since
    // spans get lost and do not come by themselves.
    [[nodiscard]] static double middle(std::vector<const EdgeCounts*> telling) {
        std::ranges::sort(telling, {}, [](const EdgeCounts* edge) { return rate_of(*edge); });
        double all = 0;
        for (const EdgeCounts* edge : telling) {
            all += drawn_from(*edge);
        }
        double so_far = 0;
        for (const EdgeCounts* edge : telling) {
            so_far += drawn_from(*edge);
            if (so_far > all / 2) {
                return rate_of(*edge);
            }
        }
        return rate_of(*telling.back());
    }

    [[nodiscard]] SamplingRate find_rate() const {
        if (terms_.given_rate) {
            return {Basis::kGiven, *terms_.given_rate, {*terms_.given_rate, *terms_.given_rate}};
        }
        return estimate();
    }

    [[nodiscard]] SamplingRate estimate() const {
        std::vector<const EdgeCounts*> telling;
        for (const EdgeCounts& edge : edges_) {
            if (tells_rate(edge)) {
                telling.push_back(&edge);
            }
        }
        if (telling.empty()) {
            return {};
        }
        const double common = middle(telling);
        SamplingRate rate{Basis::kEstimated};
        double independent = 0;
        for (const EdgeCounts* edge : telling) {
            const double count = drawn_from(*edge) / clustering_of(*edge);
            const ShareInterval own = wilson_interval(rate_of(*edge) * count, count);
            if (own.low <= common + terms_.slack_share && own.high >= common - terms_.slack_share) {
                rate.requests += drawn_from(*edge);
                rate.calls += static_cast<std::uint64_t>(sampled(*edge));
                independent += count;
            }
        }
        if (rate.calls == 0) {
            return {};
        }
        rate.rate = std::min(1.0, static_cast<double>(rate.calls) / rate.requests);
        // A count of metrics that is a little too large is no sampling.
        if (rate.rate >= kAllOfThem - slack(rate.requests) / rate.requests) {
            rate.rate = 1;
            rate.interval = {1, 1};
            return rate;
        }
        rate.interval = wilson_interval(rate.rate * independent, independent);
        return rate;
    }

    // The workload's exporter, then the peer's.
    void add_drops(const EdgeCounts& edge, EdgeVerdict& verdict) const {
        const EdgeCalls& found = *edge.found;
        const double own_lost = std::max(0.0, static_cast<double>(found.own_lost()) - edge.silent);
        const double told = static_cast<double>(found.peer + found.hidden);
        const bool by_others = !peer_tells(edge) && own_loss_.above(kToleratedLoss) &&
                               sampled(edge) < verdict.interval.low;
        if (Share{own_lost, told}.above(kToleratedLoss)) {
            verdict.reasons.push_back(
                {GapClass::kExporterDrops,
                 "of " + count_text(told) + " calls that the other end reported " +
                     count_text(own_lost) +
                     " have no span of this workload: its spans are lost on their way",
                 {{"reportedByPeer", told}, {"withoutOwnSpan", own_lost}}}
            );
        } else if (by_others) {
            verdict.reasons.push_back(
                {GapClass::kExporterDrops,
                 "nothing but this workload reports these calls, and on its other edges its spans "
                 "are lost on their way",
                 {{"lostOnOtherEdges", own_loss_.of}, {"reportedByPeers", own_loss_.all}}}
            );
        }
        const double both = static_cast<double>(found.peer + found.hidden);
        const double arrived = static_cast<double>(found.peer_lost) + both;
        const double peer_lost =
            std::max(0.0, static_cast<double>(found.peer_lost) - edge.peer_silent);
        if (edge.peer_counts && Share{peer_lost, arrived}.above(kToleratedLoss)) {
            verdict.reasons.push_back(
                {GapClass::kExporterDrops,
                 "of " + count_text(arrived) + " calls that this workload reported " +
                     count_text(peer_lost) +
                     " have no span of the other end: its spans are lost on their way",
                 {{"reported", arrived}, {"withoutPeerSpan", peer_lost}}}
            );
        }
    }

    void add_context(const EdgeCounts& edge, std::vector<GapReason>& reasons) const {
        const EdgeCalls& found = *edge.found;
        const Share begun{static_cast<double>(found.begun), static_cast<double>(found.own)};
        const bool serves = terms_.served > terms_.slack_requests;
        if (edge.direction != TrafficDirection::kOutbound || !serves ||
            !begun.above(kToleratedBegun)) {
            return;
        }
        reasons.push_back(
            {GapClass::kContextNotForwarded,
             count_text(begun.of) + " of " + count_text(begun.all) +
                 " calls begin a trace of their own, though the workload makes them while it "
                 "serves: the application does not forward the trace headers",
             {{"calls", begun.all}, {"beginTraces", begun.of}, {"served", terms_.served}}}
        );
    }

    void add_flags(const EdgeCounts& edge, std::vector<GapReason>& reasons) const {
        const EdgeCalls& found = *edge.found;
        const double clustering = clustering_of(edge);
        const double surely = std::max(0.0, edge.silent - slack(edge.silent));
        const double least =
            clustering * binomial_interval(surely / clustering, rate_.interval.low).low;
        const bool own = static_cast<double>(found.silent) < least;
        // The peer's proxy cut them off: this end has reported, the other has not.
        const double peer_lost = static_cast<double>(found.peer_lost);
        const bool at_peer = edge.peer_silent >= kLeastLost && peer_lost >= kLeastLost &&
                             peer_lost <= edge.peer_silent + slack(edge.peer_silent);
        if (!own && !at_peer) {
            return;
        }
        const double count = own ? edge.silent : edge.peer_silent;
        reasons.push_back(
            {GapClass::kFlagsWithoutSpan,
             count_text(count) + " requests ended with " + edge.silent_flags +
                 ", which may leave no span, and " +
                 (found.silent == 0 ? std::string("none") : "only " + std::to_string(found.silent)
                 ) +
                 " of them did" + (own ? "" : " at the other end"),
             {{"requests", count}, {"spans", static_cast<double>(found.silent)}}}
        );
    }

    void add_rights(const EdgeCounts& edge, EdgeVerdict& verdict) const {
        const EdgeCalls& found = *edge.found;
        const bool fewer = sampled(edge) < interval(edge, assumed()).low;
        if (found.hidden > 0) {
            verdict.reasons.push_back(
                {GapClass::kRights,
                 "the spans of the other end of " + std::to_string(found.hidden) +
                     " calls are in a namespace that you may not see",
                 {{"calls", static_cast<double>(found.calls)},
                  {"hidden", static_cast<double>(found.hidden)}}}
            );
        } else if (!edge.peer_visible && fewer) {
            verdict.reasons.push_back(
                {GapClass::kRights,
                 "what the other end reports is in a namespace that you may not see, so that "
                 "lost spans cannot be told from calls that were not sampled",
                 {{"calls", static_cast<double>(found.calls)}, {"hidden", 0}}}
            );
        }
    }

    // The rate that holds until something tells another one.
    [[nodiscard]] ShareInterval assumed() const {
        const double rate = terms_.given_rate.value_or(1);
        return {rate, rate};
    }

    void add_chance(const EdgeCounts& edge, EdgeVerdict& verdict) const {
        if (within(edge, assumed())) {
            return;
        }
        const SamplingRate told = terms_.given_rate ? estimate() : rate_;
        const bool one_rate = told.basis == Basis::kEstimated && within(edge, told.interval);
        const bool other = told.rate < 1 || terms_.given_rate;
        if (one_rate && other) {
            verdict.reasons.push_back(
                {GapClass::kSampling,
                 "about " + percent_text(told.rate) + " of the requests are sampled" +
                     (terms_.given_rate ? ", not " + percent_text(*terms_.given_rate)
                                        : std::string()),
                 {{"rate", told.rate}, {"requests", drawn_from(edge)}, {"calls", sampled(edge)}}}
            );
        } else if (verdict.reasons.empty()) {
            verdict.reasons.push_back(unexplained(edge, verdict));
        }
    }

    static GapReason unexplained(const EdgeCounts& edge, const EdgeVerdict& verdict) {
        const double calls = sampled(edge);
        std::string summary;
        if (edge.requests <= 0) {
            summary = "these calls are in traces, but no metrics count them";
        } else if (calls == 0) {
            summary =
                "no call left a span: nothing tells whether they are not sampled, not "
                "reported or not traced at all";
        } else if (calls > verdict.interval.high) {
            summary = "more calls are in traces than the metrics count";
        } else {
            summary = "fewer calls are in traces than sampling leaves, and nothing tells why";
        }
        return {
            GapClass::kUnknown,
            std::move(summary),
            {{"requests", drawn_from(edge)}, {"expected", verdict.expected}, {"calls", calls}}
        };
    }

    std::span<const EdgeCounts> edges_;
    const ReconcileTerms& terms_;
    Share own_loss_;
    SamplingRate rate_;
};

}  // namespace

std::string_view to_string(GapClass gap) {
    switch (gap) {
        case GapClass::kExporterDrops:
            return "exporter_drops";
        case GapClass::kContextNotForwarded:
            return "context_not_forwarded";
        case GapClass::kFlagsWithoutSpan:
            return "flags_without_span";
        case GapClass::kRights:
            return "rights";
        case GapClass::kSampling:
            return "sampling";
        case GapClass::kUnknown:
            return "unknown";
        case GapClass::kNone:
            return "none";
    }
    return "unknown";
}

std::string_view to_string(SamplingRate::Basis basis) {
    switch (basis) {
        case Basis::kGiven:
            return "given";
        case Basis::kEstimated:
            return "estimated";
        case Basis::kUnknown:
            return "unknown";
    }
    return "unknown";
}

bool may_leave_no_span(std::string_view flags, std::string_view code) {
    constexpr std::array<std::string_view, 3> kCut{"DC", "UC", "DPE"};
    return code == "0" || any_flag(flags, kCut);
}

bool never_arrived(std::string_view flags) {
    constexpr std::array<std::string_view, 9> kStayed{
        "DF", "FI", "NC", "NR", "RL", "UAEX", "UF", "UH", "UO"
    };
    return any_flag(flags, kStayed);
}

Reconciliation reconcile(std::span<const EdgeCounts> edges, const ReconcileTerms& terms) {
    const Judge judge(edges, terms);
    Reconciliation out;
    out.rate = judge.rate();
    for (const EdgeCounts& edge : edges) {
        out.edges.push_back(judge.judge(edge));
    }
    return out;
}

}  // namespace meshscope::business
