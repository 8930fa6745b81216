#pragma once

#include "business/sampling_interval.hpp"
#include "business/traffic_direction.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Why fewer calls left spans than the metrics count. Pure; usable from every thread.
//
// Sampling is decided once for a trace, so what a call left at its two ends tells one cause from
// the other: a call that one end reported was sampled, and when the other end's span is missing it
// was lost. Only calls that neither end reported are a matter of chance: their number is held
// against the interval of binomial_interval(), for calls in as many independent traces
// (EdgeCalls::clustering), widened by what metrics may be wrong by (ReconcileTerms::slack).
namespace meshscope::business {

enum class GapClass : std::uint8_t {
    kExporterDrops,        // spans of one end are missing where the other end reported
    kContextNotForwarded,  // calls made while serving begin traces of their own
    kFlagsWithoutSpan,     // requests that ended with flags known to leave no span left none
    kRights,               // spans of one end are hidden from the caller
    kSampling,             // sampled at another rate than assumed, and nothing else is missing
    kUnknown,
    kNone,  // within the interval of the rate
};
// exporter_drops, context_not_forwarded, flags_without_span, rights, sampling, unknown, none
std::string_view to_string(GapClass gap);

// Whether a request that ended so may leave no span at the proxy that counted it: connections that
// were cut at either side (DC, UC, DPE), and no response at all. Not each of them does: whether
// spans are there is looked at. `flags` as in the metrics, "-" none.
bool may_leave_no_span(std::string_view flags, std::string_view code);
// Whether a client's request that ended so has reached no server: no route, no host, no connection,
// refused by the client's own proxy.
bool never_arrived(std::string_view flags);

// Calls of one edge in the traces that were found, each once. "Own": of the workload that is asked
// about.
struct EdgeCalls {
    std::uint64_t calls = 0;   // that either end's span tells of, hidden ones included
    std::uint64_t traces = 0;  // with one of them
    // Calls in one trace are sampled together: sum of squares of calls in a trace by sum of calls;
    // at least 1. n calls vary like n / clustering independent ones.
    double clustering = 1;
    std::uint64_t own = 0;        // with a span of the workload's
    std::uint64_t peer = 0;       // with a visible span of the peer's
    std::uint64_t hidden = 0;     // with a span of the peer's that is hidden
    std::uint64_t peer_lost = 0;  // own, arrived, and without any span of the peer's
    std::uint64_t errors = 0;     // with a span that is an error
    std::uint64_t silent = 0;     // ended with flags of may_leave_no_span
    std::uint64_t begun = 0;      // the workload's call has no parent: it begins a trace
    [[nodiscard]] std::uint64_t own_lost() const { return calls - own; }
};

struct EdgeCounts {
    TrafficDirection direction = TrafficDirection::kInbound;
    // By metrics, in the window; fractions come of extrapolation.
    double requests = 0;
    double errors = 0;
    double silent = 0;               // ended as may_leave_no_span says, at the workload's proxy
    double peer_silent = 0;          // likewise at the peer's
    std::string silent_flags;        // "UC, DC": those of them that there are, at either
    bool peer_counts = false;        // the peer's proxy counts them, too: it should report spans
    bool peer_visible = true;        // the caller may see the peer's namespace
    std::optional<EdgeCalls> found;  // nullopt: traces could not be searched
};

struct SamplingRate {
    enum class Basis : std::uint8_t {
        kGiven,      // by who asks
        kEstimated,  // calls found by calls counted, of edges whose spans are not known to be lost
        kUnknown,    // no such edge
    };
    Basis basis = Basis::kUnknown;
    double rate = 1;  // of 1; what expected counts are made with
    ShareInterval interval{1, 1};
    double requests = 0;  // it was estimated from
    std::uint64_t calls = 0;
};
// given, estimated, unknown
std::string_view to_string(SamplingRate::Basis basis);

struct ReconcileTerms {
    std::optional<double> given_rate;  // 0 to 1
    // By how much a count of metrics may be wrong: a share of it, and some requests besides.
    double slack_share = 0;
    double slack_requests = 2;
    // Requests that the workload serves, by metrics.
    double served = 0;
};

struct GapReason {
    GapClass gap = GapClass::kUnknown;
    std::string summary;                                        // one sentence
    std::vector<std::pair<std::string_view, double>> evidence;  // names are static
};

struct EdgeVerdict {
    GapClass gap = GapClass::kNone;  // that of the first reason; kNone without one
    std::vector<GapReason> reasons;  // in the order of GapClass
    double expected = 0;             // sampled calls, without those that may leave no span
    CountInterval interval;          // of that, slack included
};

struct Reconciliation {
    SamplingRate rate;
    std::vector<EdgeVerdict> edges;  // parallel to those given
};

// All edges of one workload together: what is lost on one tells of the others. A loss counts from
// three calls on, when its share is above 2 % with 99 % confidence; calls that begin traces from
// 5 % on, of workloads that serve requests.
Reconciliation reconcile(std::span<const EdgeCounts> edges, const ReconcileTerms& terms);

}  // namespace meshscope::business
