#include "business/reconcile_rules.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <string>
#include <vector>

using namespace meshscope::business;

namespace {

constexpr auto kIn = TrafficDirection::kInbound;
constexpr auto kOut = TrafficDirection::kOutbound;

EdgeCalls calls(std::uint64_t all) {
    EdgeCalls found;
    found.calls = found.traces = found.own = found.peer = all;
    return found;
}

// An edge of two proxies that both report.
EdgeCounts edge(double requests, EdgeCalls found, TrafficDirection direction = kIn) {
    EdgeCounts out;
    out.direction = direction;
    out.requests = requests;
    out.peer_counts = true;
    out.found = found;
    return out;
}

struct Row {
    const char* what;
    std::vector<EdgeCounts> edges;
    std::vector<std::vector<GapClass>> classes;  // of each edge, in their order
    std::optional<double> given = std::nullopt;
    double served = 0;
};

using enum GapClass;

std::vector<GapClass> classes_of(const EdgeVerdict& verdict) {
    std::vector<GapClass> out;
    for (const GapReason& reason : verdict.reasons) {
        if (out.empty() || out.back() != reason.gap) {
            out.push_back(reason.gap);
        }
    }
    return out;
}

void check(const Row& row) {
    INFO(row.what);
    ReconcileTerms terms;
    terms.given_rate = row.given;
    terms.served = row.served;
    terms.slack_share = 0.01;
    const Reconciliation out = reconcile(row.edges, terms);
    REQUIRE(out.edges.size() == row.classes.size());
    for (std::size_t i = 0; i < row.classes.size(); ++i) {
        INFO(
            "edge " << i << ", rate " << out.rate.rate << ", between " << out.edges[i].interval.low
                    << " and " << out.edges[i].interval.high
        );
        CHECK(classes_of(out.edges[i]) == row.classes[i]);
        CHECK(out.edges[i].gap == (row.classes[i].empty() ? kNone : row.classes[i].front()));
    }
}

EdgeCounts with(EdgeCounts edge, auto change) {
    change(edge);
    return edge;
}

}  // namespace

TEST_CASE("the central interval of the binomial distribution", "[reconcile]") {
    struct Interval {
        double trials;
        double chance;
        double low;
        double high;
    };
    // Sums of exact fractions, and a normal approximation for the last.
    for (const auto& [trials, chance, low, high] : std::vector<Interval>{
             {0, 0.5, 0, 0},
             {10, 0, 0, 0},
             {10, 1, 10, 10},
             {1, 0.5, 0, 1},
             {10, 0.5, 1, 9},
             {100, 0.5, 37, 63},
             {100, 0.1, 3, 18},
             {450, 0.01, 0, 11},
             {1'000'000, 0.1, 99'227, 100'773},
         }) {
        INFO(trials << " with " << chance);
        const CountInterval found = binomial_interval(trials, chance);
        CHECK(found.low == low);
        CHECK(found.high == high);
    }
    // Both ways of computing agree where they meet.
    const CountInterval exact = binomial_interval(10'000, 0.4);
    const CountInterval other = binomial_interval(10'500, 0.4);
    CHECK(std::abs((exact.high - exact.low) - (other.high - other.low)) < 10);
}

TEST_CASE("Wilson's interval", "[reconcile]") {
    const ShareInterval half = wilson_interval(50, 100);
    CHECK(half.low == Approx(0.3753).margin(0.0005));
    CHECK(half.high == Approx(0.6247).margin(0.0005));
    CHECK(wilson_interval(0, 20).low == 0);
    CHECK(wilson_interval(0, 20).high == Approx(0.2491).margin(0.0005));
    CHECK(wilson_interval(20, 20).high == 1);
    CHECK(wilson_interval(0, 0).low == 0);
    CHECK(wilson_interval(0, 0).high == 1);
}

TEST_CASE("nothing is said within the interval of the rate", "[reconcile]") {
    check({"every call is there", {edge(450, calls(450)), edge(300, calls(300))}, {{}, {}}});
    check(
        {"metrics extrapolate a little", {edge(455.3, calls(450)), edge(296, calls(300))}, {{}, {}}}
    );
    check({"no traffic, no calls", {edge(0, calls(0))}, {{}}});
    check({"the rate that was given", {edge(1000, calls(97)), edge(500, calls(66))}, {{}, {}}, 0.1}
    );
    check({"a small one", {edge(450, calls(2)), edge(1200, calls(19))}, {{}, {}}, 0.01});
    check({"none of few", {edge(100, calls(0))}, {{}}, 0.01});
}

TEST_CASE("calls of one trace are sampled together", "[reconcile]") {
    EdgeCalls found = calls(170);
    found.traces = 17;
    found.clustering = 10;
    check({"ten in each trace", {edge(1000, found)}, {{}}, 0.1});
    check({"one in each", {edge(1000, calls(170))}, {{kSampling}}, 0.1});
}

TEST_CASE("sampling at another rate than assumed", "[reconcile]") {
    check(
        {"10 %, nobody says",
         {edge(1000, calls(104)), edge(500, calls(44))},
         {{kSampling}, {kSampling}}}
    );
    check(
        {"1 %",
         {edge(1200, calls(14)), edge(400, calls(2)), edge(300, calls(0))},
         {{kSampling}, {kSampling}, {kSampling}}}
    );
    check({"not what was given", {edge(1000, calls(100))}, {{kSampling}}, 1.0});
    check({"more than was given", {edge(1000, calls(1000))}, {{kSampling}}, 0.1});
    ReconcileTerms terms;
    const Reconciliation out =
        reconcile(std::vector{edge(1000, calls(104)), edge(500, calls(46))}, terms);
    CHECK(out.rate.basis == SamplingRate::Basis::kEstimated);
    CHECK(out.rate.rate == Approx(0.1));
    CHECK(out.rate.requests == 1500);
    CHECK(out.rate.calls == 150);
    CHECK(out.edges[0].expected == Approx(100));
    CHECK(out.edges[0].interval.low < 80);
    CHECK(out.edges[0].interval.high > 120);
}

TEST_CASE("spans that are lost on their way", "[reconcile]") {
    const auto own_lost = [](std::uint64_t all, std::uint64_t own) {
        EdgeCalls found = calls(all);
        found.own = own;
        return found;
    };
    const auto peer_lost = [](std::uint64_t all, std::uint64_t peer) {
        EdgeCalls found = calls(all);
        found.peer = peer;
        found.peer_lost = all - peer;
        return found;
    };
    check(
        {"all of the workload's",
         {edge(450, own_lost(450, 0)), edge(300, own_lost(300, 0), kOut)},
         {{kExporterDrops}, {kExporterDrops}}}
    );
    check({"half of them", {edge(450, own_lost(450, 230))}, {{kExporterDrops}}});
    check(
        {"of the peer's",
         {edge(450, peer_lost(450, 0)), edge(300, calls(300))},
         {{kExporterDrops}, {}}}
    );
    check({"two are on their way", {edge(450, own_lost(450, 448))}, {{}}});
    check(
        {"and sampled",
         {edge(1000, own_lost(100, 0)), edge(1000, calls(100))},
         {{kExporterDrops, kSampling}, {kSampling}}}
    );
    check({"sampled as given", {edge(1000, own_lost(100, 0))}, {{kExporterDrops}}, 0.1});
    // From outside comes what nobody else reports; the other edge tells why.
    const auto outside = [](double requests, EdgeCalls found) {
        found.peer = 0;
        return with(edge(requests, found), [](EdgeCounts& one) { one.peer_counts = false; });
    };
    check(
        {"told by another edge",
         {outside(300, calls(148)), edge(300, own_lost(300, 152), kOut)},
         {{kExporterDrops}, {kExporterDrops}}}
    );
    check(
        {"told by none", {outside(300, calls(148)), edge(300, calls(300), kOut)}, {{kUnknown}, {}}}
    );
    check({"a peer without a proxy", {outside(300, calls(300))}, {{}}});
}

TEST_CASE("calls that begin traces of their own", "[reconcile]") {
    EdgeCalls begun = calls(300);
    begun.begun = 300;
    EdgeCalls few = calls(300);
    few.begun = 2;
    check({"while serving", {edge(300, begun, kOut)}, {{kContextNotForwarded}}, {}, 300});
    check({"of what serves nothing", {edge(300, begun, kOut)}, {{}}, {}, 0});
    check({"once or twice", {edge(300, few, kOut)}, {{}}, {}, 300});
    check({"calls that come in may", {edge(300, begun, kIn)}, {{}}, {}, 300});
    EdgeCalls sampled = calls(30);
    sampled.begun = 30;
    check({"and sampled", {edge(300, sampled, kOut)}, {{kContextNotForwarded, kSampling}}, {}, 300}
    );
}

TEST_CASE("requests that left no span because of how they ended", "[reconcile]") {
    const auto silent = [](double requests, double count, EdgeCalls found) {
        return with(edge(requests, found), [&](EdgeCounts& one) {
            one.silent = count;
            one.silent_flags = "UC";
        });
    };
    check({"40 UC, no span", {silent(1000, 40, calls(960))}, {{kFlagsWithoutSpan}}});
    EdgeCalls with_spans = calls(1000);
    with_spans.silent = 40;
    check({"40 UC, each with a span", {silent(1000, 40, with_spans)}, {{}}});
    EdgeCalls some = calls(970);
    some.silent = 10;
    check({"40 UC, ten with a span", {silent(1000, 40, some)}, {{kFlagsWithoutSpan}}});
    check({"nothing but UC", {silent(40, 40, calls(0))}, {{kFlagsWithoutSpan}}});
    check({"two", {silent(1000, 2, calls(998))}, {{}}});
    check({"few of few are sampled", {silent(1000, 40, calls(96))}, {{}}, 0.1});
    check({"none of many", {silent(1000, 200, calls(80))}, {{kFlagsWithoutSpan}}, 0.1});
    EdgeCalls cut_at_peer = calls(300);
    cut_at_peer.peer = 270;
    cut_at_peer.peer_lost = 30;
    const EdgeCounts at_peer = with(edge(300, cut_at_peer, kOut), [](EdgeCounts& one) {
        one.peer_silent = 30;
        one.silent_flags = "DC";
    });
    check({"at the other end", {at_peer}, {{kFlagsWithoutSpan}}});
}

TEST_CASE("what is hidden from the caller", "[reconcile]") {
    EdgeCalls hidden = calls(450);
    hidden.peer = 0;
    hidden.hidden = 450;
    const auto unseen = [](EdgeCounts one) {
        one.peer_visible = false;
        return one;
    };
    check({"the other end", {unseen(edge(450, hidden)), edge(300, calls(300))}, {{kRights}, {}}});
    check({"nothing to see", {unseen(edge(450, calls(0)))}, {{kRights}}});
    check(
        {"and the workload's are lost",
         {unseen(edge(450, calls(0))),
          edge(
              300,
              with(edge(0, calls(300)), [](EdgeCounts& one) { one.found->own = 0; }).found.value(),
              kOut
          )},
         {{kExporterDrops, kRights}, {kExporterDrops}}}
    );
}

TEST_CASE("what nothing explains", "[reconcile]") {
    check({"no span at all", {edge(450, calls(0)), edge(300, calls(0))}, {{kUnknown}, {kUnknown}}});
    check({"one edge differs", {edge(450, calls(450)), edge(450, calls(200))}, {{}, {kUnknown}}});
    check(
        {"more traced than counted",
         {edge(300, calls(450)), edge(300, calls(300))},
         {{kUnknown}, {}}}
    );
    check({"not counted at all", {edge(0, calls(20))}, {{kUnknown}}});
    EdgeCounts not_searched = edge(450, calls(0));
    not_searched.found.reset();
    check({"traces cannot be had", {not_searched}, {{kUnknown}}});
}

TEST_CASE("flags that may leave no span, flags of what never arrived", "[reconcile]") {
    CHECK(may_leave_no_span("UC", "503"));
    CHECK(may_leave_no_span("URX,UC", "503"));
    CHECK(may_leave_no_span("-", "0"));
    CHECK_FALSE(may_leave_no_span("-", "503"));
    CHECK_FALSE(may_leave_no_span("UCX", "503"));
    CHECK_FALSE(may_leave_no_span("", ""));
    CHECK(never_arrived("UH"));
    CHECK(never_arrived("NR,DC"));
    CHECK_FALSE(never_arrived("-"));
    CHECK_FALSE(never_arrived("UC"));
}
