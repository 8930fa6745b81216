#include "models/trace_builder.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <chrono>
#include <limits>
#include <memory>
#include <random>
#include <set>
#include <vector>

using namespace meshscope;
using namespace meshscope::models;

namespace {

constexpr TraceId kTrace{0, 7};

Span span(
    TraceBuilder& builder,
    std::uint64_t id,
    std::int64_t start,
    std::vector<Reference> references = {}
) {
    Span out;
    out.id = SpanId{id};
    out.start_ns = start;
    out.duration_ns = 1;
    out.references = builder.storage().copy(references);
    return out;
}

Reference child_of(std::uint64_t id, TraceId trace = kTrace) {
    return {trace, SpanId{id}, ReferenceType::kChildOf};
}

struct Fixture {
    TraceBuilder builder{kTrace, std::make_shared<Storage>()};
    Fixture() { builder.add_process({"cart.shop", {}}); }
};

bool warned(const Trace& trace, std::string_view text) {
    return std::any_of(trace.warnings.begin(), trace.warnings.end(), [&](const std::string& w) {
        return w.find(text) != std::string::npos;
    });
}

}  // namespace

TEST_CASE("a trace without spans is none", "[trace]") {
    Fixture f;
    CHECK(f.builder.finish() == nullptr);
}

TEST_CASE("spans are sorted by start, then id, and parents resolved", "[trace]") {
    Fixture f;
    f.builder.add_span(span(f.builder, 3, 20, {child_of(1)}));
    f.builder.add_span(span(f.builder, 2, 10, {child_of(1)}));
    f.builder.add_span(span(f.builder, 1, 10));
    f.builder.add_span(span(f.builder, 4, 30, {child_of(99)}));
    const TracePtr trace = f.builder.finish();
    REQUIRE(trace->spans.size() == 4);
    CHECK(trace->spans[0].id == SpanId{1});
    CHECK(trace->spans[1].id == SpanId{2});
    CHECK(trace->spans[0].parent == kNoSpan);
    CHECK(trace->spans[1].parent == 0);
    CHECK(trace->spans[2].parent == 0);
    CHECK(trace->spans[3].orphan);
    CHECK(trace->spans[3].parent == kNoSpan);
}

TEST_CASE("CHILD_OF in this trace wins over FOLLOWS_FROM; other traces are links only", "[trace]") {
    Fixture f;
    f.builder.add_span(span(f.builder, 1, 0));
    f.builder.add_span(span(f.builder, 2, 1));
    f.builder.add_span(span(
        f.builder,
        3,
        2,
        {child_of(2, TraceId{1, 1}), {kTrace, SpanId{2}, ReferenceType::kFollowsFrom}, child_of(1)}
    ));
    f.builder.add_span(span(f.builder, 4, 3, {{kTrace, SpanId{2}, ReferenceType::kFollowsFrom}}));
    const TracePtr trace = f.builder.finish();
    CHECK(trace->spans[2].parent == 0);
    CHECK(trace->spans[3].parent == 1);
}

TEST_CASE("of two parents the first counts, the other stays a reference", "[trace]") {
    Fixture f;
    f.builder.add_span(span(f.builder, 1, 0));
    f.builder.add_span(span(f.builder, 2, 1));
    f.builder.add_span(span(f.builder, 3, 2, {child_of(2), child_of(1)}));
    const TracePtr trace = f.builder.finish();
    CHECK(trace->spans[2].parent == 1);
    CHECK(trace->spans[2].references.size == 2);
}

TEST_CASE("duplicate ids are kept and said; a span is never its own parent", "[trace]") {
    Fixture f;
    f.builder.add_span(span(f.builder, 1, 0, {child_of(1)}));
    f.builder.add_span(span(f.builder, 1, 5));
    const TracePtr trace = f.builder.finish();
    CHECK(trace->spans.size() == 2);
    CHECK(warned(*trace, "more than once"));
    CHECK(warned(*trace, "itself"));
}

TEST_CASE("equal spans are one, also with others of the same id between them", "[trace]") {
    Fixture f;
    const auto add = [&](double ratio, std::uint32_t flags) {
        Span twin = span(f.builder, 1, 10, {child_of(9)});
        twin.tags = f.builder.storage().copy(std::vector<Tag>{Tag::number("ratio", ratio)});
        twin.flags = flags;
        f.builder.add_span(twin);
    };
    for (int i = 0; i < 50; ++i) {
        add(std::numeric_limits<double>::quiet_NaN(), 0);
        add(0.5, 0);
        add(0.5, 1);
    }
    f.builder.add_span(span(f.builder, 2, 10));
    const TracePtr trace = f.builder.finish();
    CHECK(trace->spans.size() == 4);
    CHECK(trace->warnings.size() == 2);  // of two more with id 1
}

TEST_CASE("children of a client and a server with one id are the server's", "[trace]") {
    Fixture f;
    const bool native = GENERATE(true, false);
    Span server = span(f.builder, 2, 20, {child_of(1)});
    if (native) {
        server.kind = SpanKind::kServer;
    } else {
        server.tags =
            f.builder.storage().copy(std::vector<Tag>{Tag::string("span.kind", "server")});
    }
    f.builder.add_span(span(f.builder, 1, 0));
    f.builder.add_span(span(f.builder, 2, 10, {child_of(1)}));
    f.builder.add_span(server);
    f.builder.add_span(span(f.builder, 3, 30, {child_of(2)}));
    const TracePtr trace = f.builder.finish();
    REQUIRE(trace->spans.size() == 4);
    CHECK(trace->spans[1].parent == 0);
    CHECK(trace->spans[2].parent == 0);
    CHECK(trace->spans[3].parent == 2);
}

TEST_CASE("whose a child is that follows closely on spans with one id", "[trace]") {
    struct Twin {
        std::int64_t start = 0;
        bool server = false;
    };
    struct Row {
        const char* name;
        std::int64_t child;  // its start
        std::int64_t owner;  // the start of its parent
        std::vector<Twin> twins;
    };
    const auto row = GENERATE(
        Row{"the server is the nearer", 40, 30, {{10, false}, {30, true}}},
        Row{"the client's clock is ahead", 40, 10, {{10, true}, {30, false}}},
        Row{"the child's clock is behind the server's", 20, 30, {{10, false}, {30, true}}},
        Row{"the child starts first", 5, 30, {{10, false}, {30, true}}},
        Row{"no server: the earliest", 40, 10, {{10, false}, {30, false}}},
        Row{"two servers: the earlier", 40, 20, {{10, false}, {20, true}, {30, true}}},
        Row{"a server between two clients", 40, 20, {{10, false}, {20, true}, {30, false}}}
    );
    // 10: of the spans with one id only the last is among the few just before the child.
    const std::uint64_t between = GENERATE(as<std::uint64_t>(), 0, 2, 10);
    INFO(row.name << ", " << between << " others between");
    Fixture f;
    f.builder.add_span(span(f.builder, 1, 0));
    std::uint64_t other = 100;
    for (const Twin& twin : row.twins) {
        Span s = span(f.builder, 2, twin.start);
        s.kind = twin.server ? SpanKind::kServer : SpanKind::kClient;
        f.builder.add_span(s);
        for (std::uint64_t i = 0; i < between; ++i) {
            f.builder.add_span(span(f.builder, other++, twin.start));
        }
    }
    f.builder.add_span(span(f.builder, 3, row.child, {child_of(2)}));
    const TracePtr trace = f.builder.finish();
    const auto child = std::find_if(trace->spans.begin(), trace->spans.end(), [](const Span& s) {
        return s.id == SpanId{3};
    });
    REQUIRE(child != trace->spans.end());
    REQUIRE(child->parent < trace->spans.size());
    CHECK(trace->spans[child->parent].id == SpanId{2});
    CHECK(trace->spans[child->parent].start_ns == row.owner);
}

TEST_CASE("a client and a server that share id and start: the child is the server's", "[trace]") {
    Fixture f;
    const bool server_first = GENERATE(true, false);
    for (const bool server : {server_first, !server_first}) {
        Span s = span(f.builder, 2, 10);
        s.kind = server ? SpanKind::kServer : SpanKind::kClient;
        f.builder.add_span(s);
    }
    f.builder.add_span(span(f.builder, 3, 10, {child_of(2)}));
    const TracePtr trace = f.builder.finish();
    REQUIRE(trace->spans[2].parent < 2);
    CHECK(trace->spans[trace->spans[2].parent].kind == SpanKind::kServer);
}

TEST_CASE("a parent is found however far before or behind its child it starts", "[trace]") {
    constexpr std::int64_t kCount = 24;
    Fixture f;
    const std::int64_t parent = GENERATE_COPY(range(std::int64_t{0}, kCount));
    const std::int64_t child = GENERATE(as<std::int64_t>(), 0, 1, 7, 8, 9, 22, 23);
    for (std::int64_t i = 0; i < kCount; ++i) {
        const auto id = static_cast<std::uint64_t>(1 + i * 7 % kCount);  // not in order of starts
        const auto of = static_cast<std::uint64_t>(1 + parent * 7 % kCount);
        f.builder.add_span(span(
            f.builder, id, i, i == child ? std::vector{child_of(of)} : std::vector<Reference>()
        ));
    }
    const TracePtr trace = f.builder.finish();
    const Span& found = trace->spans[static_cast<std::size_t>(child)];
    CHECK_FALSE(found.orphan);
    CHECK(found.parent == (parent == child ? kNoSpan : static_cast<std::uint32_t>(parent)));
    CHECK(warned(*trace, "itself") == (parent == child));
}

TEST_CASE("a negative duration is shown as zero with a warning", "[trace]") {
    Fixture f;
    Span bad = span(f.builder, 1, 0);
    bad.duration_ns = -5;
    f.builder.add_span(bad);
    const TracePtr trace = f.builder.finish();
    CHECK(trace->spans[0].duration_ns == 0);
    CHECK(warned(*trace, "negative"));
}

TEST_CASE("each span with a process of its own, told apart by a number", "[trace]") {
    constexpr std::int64_t kCount = 60'000;
    Fixture f;
    const auto begun = std::chrono::steady_clock::now();
    for (std::int64_t i = 0; i < kCount; ++i) {
        const std::vector<Tag> tags{
            Tag::integer("process.pid", i), Tag::number("ratio", i % 2 == 0 ? 0.0 : -0.0)
        };
        f.builder.add_process({"job", f.builder.storage().copy(tags)});
    }
    // Comparing each with all before it would take minutes.
    CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(20));
    const std::vector<Tag> known{Tag::integer("process.pid", 7), Tag::number("ratio", 0.0)};
    CHECK(f.builder.add_process({"job", f.builder.storage().copy(known)}) == 8);
}

TEST_CASE("many broken spans are counted, not listed", "[trace]") {
    Fixture f;
    for (int i = 0; i < 1000; ++i) {
        f.builder.add_span(span(f.builder, 7, i));
    }
    const TracePtr trace = f.builder.finish();
    CHECK(trace->spans.size() == 1000);
    CHECK(trace->warnings.size() == 21);
    CHECK(warned(*trace, "979 more spans"));
}

TEST_CASE("processes of the same content are one, numbered by first appearance", "[trace]") {
    TraceBuilder builder(kTrace, std::make_shared<Storage>());
    const std::vector<Tag> tags{Tag::string("ip", "10.0.0.1")};
    const auto first = builder.add_process({"a", builder.storage().copy(tags)});
    const auto other = builder.add_process({"b", {}});
    CHECK(builder.add_process({"a", builder.storage().copy(tags)}) == first);
    Span late = span(builder, 1, 10);
    late.process = first;
    Span early = span(builder, 2, 5);
    early.process = other;
    builder.add_span(late);
    builder.add_span(early);
    const TracePtr trace = builder.finish();
    REQUIRE(trace->processes.size() == 2);
    CHECK(trace->processes[0].service == "b");
    CHECK(trace->spans[0].process == 0);
}

TEST_CASE("random parents, cycles included: every span once, every walk ends", "[trace]") {
    for (unsigned seed = 0; seed < 200; ++seed) {
        std::mt19937 random(seed);
        Fixture f;
        const std::uint64_t count = 1 + random() % 40;
        for (std::uint64_t id = 1; id <= count; ++id) {
            f.builder.add_span(span(
                f.builder,
                id,
                static_cast<std::int64_t>(random() % 10),
                {child_of(1 + random() % (count + 2))}
            ));
        }
        const TracePtr trace = f.builder.finish();
        REQUIRE(trace->spans.size() == count);
        std::set<SpanId> ids;
        for (const Span& s : trace->spans) {
            ids.insert(s.id);
            std::uint32_t at = s.parent;
            std::size_t steps = 0;
            while (at != kNoSpan) {
                at = trace->spans[at].parent;
                REQUIRE(++steps <= count);
            }
        }
        CHECK(ids.size() == count);
    }
}
