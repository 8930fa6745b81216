#include "business/trace_gaps.hpp"

#include "tests/support/make_trace.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace meshscope;
using namespace meshscope::business;
using test::make_trace;
using test::SpanRow;
using Kind = TraceGap::Kind;

namespace {

constexpr std::uint64_t kLost = 0xA0;

SpanRow span(std::uint64_t id, std::uint64_t parent, const std::string& kind) {
    SpanRow row;
    row.id = id;
    row.parent = parent;
    row.service = "s" + std::to_string(id) + ".bookinfo";
    row.start_us += static_cast<std::int64_t>(id) * 10;
    row.tags = {{"span.kind", kind}};
    return row;
}

// Reported by the sidecar of that pod, which has this address.
SpanRow sidecar(
    std::uint64_t id,
    std::uint64_t parent,
    const std::string& kind,
    const std::string& pod,
    const std::string& ip
) {
    SpanRow row = span(id, parent, kind);
    row.service = pod + ".bookinfo";
    row.tags.emplace_back("component", std::string("proxy"));
    row.tags.emplace_back(
        "node_id", "sidecar~" + ip + "~" + pod + ".bookinfo~bookinfo.svc.cluster.local"
    );
    return row;
}

SpanRow from(SpanRow row, const std::string& address) {
    row.tags.emplace_back("peer.address", address + ":40000");
    return row;
}

TraceGaps gaps_of(const std::vector<SpanRow>& rows, const GapContext& context = {}) {
    const models::TracePtr trace = make_trace({0, 1}, rows);
    return trace_gaps(*trace, resolve(*trace, nullptr), context);
}

TraceGap only(const std::vector<SpanRow>& rows, const GapContext& context = {}) {
    TraceGaps found = gaps_of(rows, context);
    REQUIRE(found.gaps.size() == 1);
    CHECK(found.unlisted == 0);
    CHECK_FALSE(found.gaps[0].evidence.empty());
    return found.gaps[0];
}

}  // namespace

TEST_CASE("a trace without holes", "[gaps]") {
    CHECK(gaps_of({span(1, 0, "server"), span(2, 1, "client"), span(3, 2, "server")}).gaps.empty());
}

TEST_CASE("why a parent is missing", "[gaps]") {
    struct Row {
        std::string name;
        std::vector<SpanRow> rows;
        GapContext context;
        GapCause cause;
        Sureness certainty;
    };
    const SpanRow root = span(1, 0, "server");
    SpanRow decided = span(2, kLost, "server");
    decided.tags.emplace_back("sampler.type", std::string("probabilistic"));
    const GapContext cut{true, false, false, nullptr};
    const GapContext growing{false, true, true, nullptr};
    const GapContext young{false, false, true, nullptr};
    const auto row = GENERATE_COPY(values<Row>({
        {"nothing tells",
         {root, span(2, kLost, "server")},
         {},
         GapCause::kUnknown,
         Sureness::kPossible},
        {"the answer was cut", {root, decided}, cut, GapCause::kCut, Sureness::kLikely},
        {"spans were coming", {root, decided}, growing, GapCause::kStillArriving, Sureness::kLikely
        },
        {"it is young", {root, decided}, young, GapCause::kStillArriving, Sureness::kPossible},
        {"it decided itself", {root, decided}, {}, GapCause::kParentUnsampled, Sureness::kLikely},
        {"of two one decided itself",
         {root, decided, span(3, kLost, "server")},
         {},
         GapCause::kExporterDrop,
         Sureness::kLikely},
        {"inside of a program",
         {root, span(2, kLost, "internal")},
         {},
         GapCause::kExporterDrop,
         Sureness::kLikely},
        {"two programs below it",
         {root, span(2, kLost, "server"), span(3, kLost, "server")},
         {},
         GapCause::kExporterDrop,
         Sureness::kLikely},
        {"a call of a program, which may be the proxy's child",
         {root, span(2, kLost, "client")},
         {},
         GapCause::kUnknown,
         Sureness::kPossible},
        {"other spans of the caller came",
         {sidecar(1, 0, "server", "web-0", "10.0.0.1"),
          from(sidecar(2, kLost, "server", "cart-0", "10.0.0.2"), "10.0.0.1")},
         {},
         GapCause::kExporterDrop,
         Sureness::kLikely},
        {"no span of the caller came",
         {sidecar(1, 0, "server", "web-0", "10.0.0.1"),
          from(sidecar(2, kLost, "server", "cart-0", "10.0.0.2"), "10.0.0.3")},
         {},
         GapCause::kUnknown,
         Sureness::kPossible},
        {"begun beside a proxy of which other spans came",
         {sidecar(1, 0, "server", "web-0", "10.0.0.1"),
          sidecar(2, kLost, "client", "web-0", "10.0.0.1")},
         {},
         GapCause::kExporterDrop,
         Sureness::kLikely},
        {"begun beside a proxy of which nothing else came",
         {sidecar(1, 0, "server", "web-0", "10.0.0.1"),
          sidecar(2, kLost, "client", "cart-0", "10.0.0.2")},
         {},
         GapCause::kUnknown,
         Sureness::kPossible},
    }));
    INFO(row.name);
    const TraceGap gap = only(row.rows, row.context);
    CHECK(to_string(gap.cause) == to_string(row.cause));
    CHECK(gap.certainty == row.certainty);
    CHECK(gap.kind == Kind::kMissingParent);
    REQUIRE(gap.parent);
    CHECK(*gap.parent == SpanId{kLost});
}

TEST_CASE("a trace whose beginning is missing", "[gaps]") {
    const auto found =
        gaps_of({span(1, kLost, "server"), span(2, kLost + 1, "server"), span(3, 1, "client")});
    REQUIRE(found.gaps.size() == 2);
    CHECK(found.gaps[0].kind == Kind::kMissingRoot);
    CHECK(found.gaps[0].spans == std::vector<std::uint32_t>{0});
    CHECK(found.gaps[1].kind == Kind::kMissingParent);
}

TEST_CASE("a call that a sidecar begins has lost its headers", "[gaps]") {
    const TraceGap gap = only(
        {sidecar(1, 0, "client", "web-0", "10.0.0.1"), sidecar(2, 1, "server", "cart-0", "10.0.0.2")
        }
    );
    CHECK(gap.kind == Kind::kMissingRoot);
    CHECK(gap.cause == GapCause::kHeaderNotForwarded);
    CHECK(gap.certainty == Sureness::kPossible);  // it may be a job
    CHECK_FALSE(gap.parent);
    // The first proxy of a request that comes from outside, a gateway, a client of its own: fine.
    CHECK(gaps_of({sidecar(1, 0, "server", "web-0", "10.0.0.1")}).gaps.empty());
    CHECK(gaps_of({span(1, 0, "client")}).gaps.empty());
}

TEST_CASE("a second beginning", "[gaps]") {
    const TraceGap gap = only({span(1, 0, "server"), span(2, 0, "server")});
    CHECK(gap.cause == GapCause::kHeaderNotForwarded);
    CHECK(gap.certainty == Sureness::kPossible);
    CHECK(gap.spans == std::vector<std::uint32_t>{1});
}

TEST_CASE("what is hidden is said, and is no evidence", "[gaps]") {
    const std::vector<SpanRow> rows{
        sidecar(1, 0, "server", "web-0", "10.0.0.1"),
        sidecar(2, 1, "client", "web-0", "10.0.0.1"),
        sidecar(3, 2, "server", "cart-0", "10.0.0.2"),
        from(sidecar(4, kLost, "server", "cart-0", "10.0.0.2"), "10.0.0.1"),
        span(5, kLost + 1, "internal"),
    };
    const std::vector<bool> hidden{true, true, false, false, true};
    GapContext context;
    context.hidden = &hidden;
    const TraceGaps found = gaps_of(rows, context);
    REQUIRE(found.gaps.size() == 2);
    CHECK(found.gaps[0].kind == Kind::kHiddenParent);
    CHECK(found.gaps[0].cause == GapCause::kHiddenByRights);
    CHECK(found.gaps[0].certainty == Sureness::kCertain);
    CHECK(found.gaps[0].parent == SpanId{2});
    CHECK(found.gaps[1].kind == Kind::kMissingParent);
    CHECK(found.gaps[1].cause == GapCause::kUnknown);  // who called is hidden
}

TEST_CASE("gaps are listed up to a bound", "[gaps]") {
    std::vector<SpanRow> rows{span(1, 0, "server")};
    for (std::uint64_t i = 0; i < kMostGaps + 5; ++i) {
        rows.push_back(span(10 + i, 10'000 + i, "server"));
    }
    const TraceGaps found = gaps_of(rows);
    CHECK(found.gaps.size() == kMostGaps);
    CHECK(found.unlisted == 5);
}
