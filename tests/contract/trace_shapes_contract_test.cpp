// Odd and large traces look the same over every protocol.
#include "tests/contract/suite.hpp"

#include <algorithm>
#include <limits>

namespace meshscope::contract {

TEST_CASE("contract: the same span sent twice is one span, another one of its id is kept") {
    const Implementation& implementation = any_implementation();
    INFO(implementation.name);
    const auto backend = implementation.make(kGenerous);
    SpanRow span = row_of(1);
    span.tags = {{"k", std::string("v")}, {"n", std::int64_t{1}}};
    span.logs = {{{"event", std::string("x")}}};
    SECTION("the same") {
        const auto trace = look_up(*backend, {.id = {0, 1}, .spans = {span, row_of(2, 1), span}});
        REQUIRE(trace->spans.size() == 2);
        CHECK(trace->spans[1].parent == 0);
        CHECK(trace->warnings.empty());
    }
    SECTION("another one") {
        SpanRow other = span;
        other.tags[0].second = std::string("w");
        const auto trace = look_up(*backend, {.id = {0, 1}, .spans = {span, other}});
        CHECK(trace->spans.size() == 2);
        CHECK(trace->warnings.size() == 1);
    }
}

TEST_CASE("contract: links are references, not parents") {
    const Implementation& implementation = any_implementation();
    INFO(implementation.name);
    const auto backend = implementation.make(kGenerous);
    SpanRow linked = row_of(3, 1);
    linked.links = {{{7, 9}, 5}, {{0, 1}, 2}};
    const auto trace =
        look_up(*backend, {.id = {0, 1}, .spans = {row_of(1), row_of(2, 1), linked}});
    REQUIRE(trace->spans.size() == 3);
    const models::Span& span = trace->spans[2];
    CHECK(span.parent == 0);
    REQUIRE(span.references.size == 3);
    CHECK(span.references[0].type == models::ReferenceType::kChildOf);
    CHECK(span.references[0].trace == TraceId{0, 1});
    CHECK(span.references[0].span == SpanId{1});
    CHECK(span.references[1].type == models::ReferenceType::kFollowsFrom);
    CHECK(span.references[1].trace == TraceId{7, 9});
    CHECK(span.references[1].span == SpanId{5});
    CHECK(span.references[2].span == SpanId{2});
}

TEST_CASE("contract: a span that only follows another one of its trace is below it") {
    const Implementation& implementation = any_implementation();
    INFO(implementation.name);
    const auto backend = implementation.make(kGenerous);
    SpanRow follower = row_of(2);
    follower.links = {{{0, 9}, 1}, {{0, 1}, 1}};
    const auto trace = look_up(*backend, {.id = {0, 1}, .spans = {row_of(1), follower}});
    REQUIRE(trace->spans.size() == 2);
    CHECK(trace->spans[1].parent == 0);
}

TEST_CASE("contract: of two parents the first counts, the other is a reference") {
    const Implementation& implementation = any_implementation();
    INFO(implementation.name);
    const auto backend = implementation.make(kGenerous);
    SpanRow child = row_of(3, 2);
    child.links = {{.trace = {0, 1}, .span = 1, .child_of = true}};
    const auto trace = look_up(*backend, {.id = {0, 1}, .spans = {row_of(1), row_of(2, 1), child}});
    REQUIRE(trace->spans.size() == 3);
    CHECK(trace->spans[2].parent == 1);
    REQUIRE(trace->spans[2].references.size == 2);
    CHECK(trace->spans[2].references[1].type == models::ReferenceType::kChildOf);
    CHECK(trace->spans[2].references[1].span == SpanId{1});
}

TEST_CASE("contract: spans of several traces may come mixed") {
    const Implementation& implementation = any_implementation();
    const auto backend = implementation.make(kGenerous);
    if (!backend->wire().mixed_traces) {
        return;
    }
    INFO(implementation.name);
    const auto part = [](std::uint64_t trace, SpanRow row) {
        return HeldTrace{.id = {0, trace}, .spans = {std::move(row)}};
    };
    backend->hold(
        {part(1, row_of(1)), part(2, row_of(1)), part(1, row_of(2, 1)), part(2, row_of(3, 1))}
    );
    const auto batch = find(*backend, query_all(*backend));
    REQUIRE(batch.has_value());
    REQUIRE(ids_of(*batch) == std::vector<std::uint64_t>{1, 2});
    for (const auto& trace : batch->traces) {
        REQUIRE(trace->spans.size() == 2);
        CHECK(trace->spans[1].parent == 0);
        CHECK(trace->warnings.empty());
    }
}

TEST_CASE("contract: short trace ids are filled up with zeros") {
    const Implementation& implementation = any_implementation();
    INFO(implementation.name);
    const auto backend = implementation.make(kGenerous);
    HeldTrace trace = held(0x2A);
    trace.short_id = true;
    backend->hold({trace});
    const auto batch = find(*backend, query_all(*backend));
    REQUIRE(batch.has_value());
    REQUIRE(ids_of(*batch) == std::vector<std::uint64_t>{0x2A});
    CHECK(batch->traces[0]->id.high == 0);
    CHECK(batch->traces[0]->warnings.empty());
}

TEST_CASE("contract: a trace without an id is dropped and counted") {
    const Implementation& implementation = any_implementation();
    const auto backend = implementation.make(kGenerous);
    if (!backend->is_real()) {
        return;  // its traces are made by hand
    }
    INFO(implementation.name);
    backend->hold({held(0), held(1)});
    const auto batch = find(*backend, query_all(*backend));
    REQUIRE(batch.has_value());
    CHECK(ids_of(*batch) == std::vector<std::uint64_t>{1});
    REQUIRE(batch->dropped.size() == 1);
    CHECK(batch->dropped[0].reason == "bad_trace_id");
    CHECK(batch->dropped[0].count == 1);
}

TEST_CASE("contract: a span without an id is kept") {
    const Implementation& implementation = any_implementation();
    INFO(implementation.name);
    const auto backend = implementation.make(kGenerous);
    const auto trace = look_up(*backend, {.id = {0, 1}, .spans = {row_of(0), row_of(2)}});
    REQUIRE(trace->spans.size() == 2);
    CHECK(trace->spans[0].id.is_zero());
    CHECK(trace->spans[1].parent == models::kNoSpan);
}

TEST_CASE("contract: 5000 tags on a span arrive in their order") {
    const Implementation& implementation = any_implementation();
    INFO(implementation.name);
    const auto backend = implementation.make(kGenerous);
    SpanRow row = row_of(1);
    for (std::int64_t i = 0; i < 5'000; ++i) {
        row.tags.emplace_back("key" + std::to_string(i % 1'000), i);
    }
    const auto trace = look_up(*backend, {.id = {0, 1}, .spans = {row}});
    const auto& tags = trace->spans[0].tags;
    REQUIRE(tags.size == (backend->wire().repeated_keys ? 5'000 : 1'000));
    if (!backend->wire().tag_order) {
        return;
    }
    std::int64_t expected = 0;
    CHECK(std::all_of(tags.begin(), tags.end(), [&](const models::Tag& tag) {
        return tag.key() == row.tags[static_cast<std::size_t>(expected)].first &&
               tag.as_int() == expected++;
    }));
}

TEST_CASE("contract: 20000 logs on a span arrive in their order") {
    const Implementation& implementation = any_implementation();
    INFO(implementation.name);
    const auto backend = implementation.make(kGenerous);
    SpanRow row = row_of(1);
    for (std::int64_t i = 0; i < 20'000; ++i) {
        row.logs.push_back({{"event", std::string("tick")}, {"n", i}});
    }
    const auto trace = look_up(*backend, {.id = {0, 1}, .spans = {row}});
    const auto& logs = trace->spans[0].logs;
    REQUIRE(logs.size == 20'000);
    std::int64_t expected = 0;
    CHECK(std::all_of(logs.begin(), logs.end(), [&](const models::Log& log) {
        return log.fields.size == 2 && log.fields[1].as_int() == expected++;
    }));
}

TEST_CASE("contract: a tag of five megabytes arrives whole") {
    const Implementation& implementation = any_implementation();
    INFO(implementation.name);
    const auto backend = implementation.make(kGenerous);
    SpanRow row = row_of(1);
    row.tags = {{"dump", std::string(5'000'000, 'x')}, {"behind", true}};
    const auto trace = look_up(*backend, {.id = {0, 1}, .spans = {row}});
    check_tags(*backend, trace->spans[0].tags, row.tags);
}

TEST_CASE("contract: a trace of 10000 spans, of days or of no time at all, keeps its times") {
    const Implementation& implementation = any_implementation();
    INFO(implementation.name);
    constexpr std::int64_t kThreeDays = 3LL * 24 * 3'600 * 1'000'000;
    const std::int64_t length = GENERATE_COPY(std::int64_t{0}, kThreeDays);
    const auto backend = implementation.make(kGenerous);
    HeldTrace long_one{.id = {0, 1}, .spans = {}};
    for (std::uint64_t id = 1; id <= 10'000; ++id) {
        SpanRow row = row_of(id, id / 2);
        row.start_us = kStart + length / 10'000 * static_cast<std::int64_t>(id - 1);
        row.duration_us = id == 1 ? length : 0;
        long_one.spans.push_back(row);
    }
    const auto trace = look_up(*backend, long_one);
    REQUIRE(trace->spans.size() == 10'000);
    CHECK(trace->duration_ns() == std::max(length * 1'000, backend->wire().shortest_ns));
    CHECK(trace->spans.front().id.value == 1);
    CHECK(trace->spans.back().id.value == 10'000);
    CHECK(trace->spans.back().parent == 4'999);
    CHECK(trace->warnings.empty());
}

TEST_CASE("contract: two hundred roots are all there, earliest first") {
    const Implementation& implementation = any_implementation();
    INFO(implementation.name);
    const auto backend = implementation.make(kGenerous);
    HeldTrace many{.id = {0, 1}, .spans = {}};
    for (std::uint64_t id = 200; id >= 1; --id) {
        many.spans.push_back(row_of(id));
    }
    const auto trace = look_up(*backend, many);
    REQUIRE(trace->spans.size() == 200);
    for (std::size_t i = 0; i < 200; ++i) {
        CHECK(trace->spans[i].id.value == i + 1);
        CHECK(trace->spans[i].parent == models::kNoSpan);
        CHECK_FALSE(trace->spans[i].orphan);
    }
}

TEST_CASE("contract: a parent that is not there makes an orphan, a cycle is cut") {
    const Implementation& implementation = any_implementation();
    INFO(implementation.name);
    const auto backend = implementation.make(kGenerous);
    const auto trace = look_up(
        *backend,
        {.id = {0, 1},
         .spans = {row_of(1), row_of(2, 0x99), row_of(3, 4), row_of(4, 3), row_of(5, 5)}}
    );
    REQUIRE(trace->spans.size() == 5);
    CHECK(trace->spans[1].orphan);
    CHECK(trace->spans[2].parent == models::kNoSpan);
    CHECK(trace->spans[3].parent == 2);
    CHECK(trace->spans[4].parent == models::kNoSpan);
    CHECK_FALSE(trace->warnings.empty());
}

TEST_CASE("contract: kind, status and scope are tags, however the wire says them") {
    const Implementation& implementation = any_implementation();
    INFO(implementation.name);
    const auto backend = implementation.make(kGenerous);
    SpanRow failed = row_of(1);
    failed.native = {
        .scope = "io.opentelemetry.http",
        .scope_version = "1.2",
        .kind = "client",
        .status = "ERROR",
        .status_message = "connection \"refused\"",
        .trace_state = "a=1,b=2",
    };
    failed.tags = {{"http.request.method", std::string("GET")}};
    SpanRow fine = row_of(2, 1);
    fine.native = {.kind = "server", .status = "OK"};
    SpanRow plain = row_of(3, 1);
    plain.native = {.kind = "internal"};
    const auto trace = look_up(*backend, {.id = {0, 1}, .spans = {failed, fine, plain}});
    REQUIRE(trace->spans.size() == 3);
    check_tags(*backend, trace->spans[0].tags, failed.all_tags());
    check_tags(*backend, trace->spans[1].tags, fine.all_tags());
    check_tags(*backend, trace->spans[2].tags, plain.all_tags());

    TraceQuery query = query_all(*backend);
    query.tags = {{"error", "true"}, {"span.kind", "client"}};
    CHECK(find(*backend, query)->traces.size() == 1);
    query.tags = {{"error", "true"}, {"span.kind", "server"}};
    CHECK(find(*backend, query)->traces.empty());
}

TEST_CASE("contract: bytes are bytes") {
    const Implementation& implementation = any_implementation();
    INFO(implementation.name);
    const auto backend = implementation.make(kGenerous);
    SpanRow row = row_of(1);
    row.tags = {
        {"three", test::Binary{std::string("\0\xFF\x10", 3)}},
        {"four", test::Binary{"abcd"}},
        {"five", test::Binary{"abcde"}},
        {"none", test::Binary{}},
    };
    const auto trace = look_up(*backend, {.id = {0, 1}, .spans = {row}});
    check_tags(*backend, trace->spans[0].tags, row.tags);
}

TEST_CASE("contract: numbers that are none arrive where the wire has them") {
    const Implementation& implementation = any_implementation();
    const auto backend = implementation.make(kGenerous);
    if (!backend->wire().not_a_number) {
        return;
    }
    INFO(implementation.name);
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    SpanRow row = row_of(1);
    row.tags = {
        {"nan", std::numeric_limits<double>::quiet_NaN()},
        {"inf", kInfinity},
        {"-inf", -kInfinity},
        {"most", std::numeric_limits<std::int64_t>::max()},
        {"least", std::numeric_limits<std::int64_t>::min()},
    };
    const auto trace = look_up(*backend, {.id = {0, 1}, .spans = {row}});
    check_tags(*backend, trace->spans[0].tags, row.tags);
}

TEST_CASE("contract: nanoseconds arrive where the wire has them") {
    const Implementation& implementation = any_implementation();
    const auto backend = implementation.make(kGenerous);
    if (!backend->wire().nanoseconds) {
        return;
    }
    INFO(implementation.name);
    SpanRow row = row_of(1);
    row.start_rest_ns = 789;
    row.duration_rest_ns = 321;
    row.logs = {{{"event", std::string("x")}}};
    const auto trace = look_up(*backend, {.id = {0, 1}, .spans = {row}});
    CHECK(trace->spans[0].start_ns == row.start_us * 1'000 + 789);
    CHECK(trace->spans[0].duration_ns == row.duration_us * 1'000 + 321);
    CHECK(trace->spans[0].logs[0].time_ns == trace->spans[0].start_ns);
}

}  // namespace meshscope::contract
