#include "business/trace_page.hpp"

#include "tests/support/fake_access.hpp"
#include "tests/support/make_trace.hpp"

#include <catch2/catch.hpp>

using namespace meshscope;
using namespace meshscope::business;
using test::make_trace;
using test::SpanRow;

namespace {

// 1 -> (2 -> (3, 4), 5 -> 6), each span 10 µs after the one before.
models::TracePtr tree() {
    std::vector<SpanRow> rows(6);
    const std::uint64_t parents[] = {0, 1, 2, 2, 1, 5};
    for (std::size_t i = 0; i < rows.size(); ++i) {
        rows[i].id = i + 1;
        rows[i].parent = parents[i];
        rows[i].start_us += static_cast<std::int64_t>(i) * 10;
    }
    return make_trace({0, 1}, rows);
}

std::vector<std::uint64_t> shown(const models::Trace& trace, const TracePage& page) {
    std::vector<std::uint64_t> ids;
    for (const PageRow& row : page.rows) {
        ids.push_back(trace.spans[row.span].id.value);
    }
    return ids;
}

using Ids = std::vector<std::uint64_t>;

}  // namespace

TEST_CASE("the rows of a page: from, count and folded spans", "[trace_page]") {
    struct Row {
        const char* name;
        PageRequest request;
        Ids expected;
        std::uint64_t total;
    };
    const Row rows[] = {
        {"all", {}, {1, 2, 3, 4, 5, 6}, 6},
        {"a piece", {2, 2, {}}, {3, 4}, 6},
        {"behind the end", {6, 10, {}}, {}, 6},
        {"one folded", {0, 10, {SpanId{2}}}, {1, 2, 5, 6}, 4},
        {"folded, then a piece", {2, 1, {SpanId{2}}}, {5}, 4},
        {"the root folded", {0, 10, {SpanId{1}, SpanId{5}}}, {1}, 1},
        {"a leaf and a stranger fold nothing",
         {0, 10, {SpanId{3}, SpanId{99}}},
         {1, 2, 3, 4, 5, 6},
         6},
    };
    const auto trace = tree();
    const Masker masker;
    for (const Row& row : rows) {
        INFO(row.name);
        const TracePage page = make_page({trace, nullptr}, masker, row.request);
        CHECK(shown(*trace, page) == row.expected);
        CHECK(page.total_rows == row.total);
        for (const PageRow& shown_row : page.rows) {
            const std::uint64_t id = trace->spans[shown_row.span].id.value;
            const bool folded =
                std::find(row.request.collapse.begin(), row.request.collapse.end(), SpanId{id}) !=
                row.request.collapse.end();
            CHECK(shown_row.collapsed == (folded && id != 3));
        }
    }
}

TEST_CASE("hidden spans keep their place and times and nothing else", "[trace_page][rights]") {
    SpanRow client;
    client.tags = {
        {"span.kind", "client"},
        {"node_id", "sidecar~1.1.1.1~front-0.bookinfo~bookinfo.svc.cluster.local"}
    };
    SpanRow server = client;
    server.id = 2;
    server.parent = 1;
    server.start_us += 100;
    server.duration_us = 500;
    server.service = "secret-marker.travel";
    server.operation = "secret-marker";
    server.tags = {
        {"span.kind", "server"},
        {"error", true},
        {"node_id", "sidecar~1.1.1.1~secret-marker-0.travel~travel.svc.cluster.local"}
    };
    const auto trace = make_trace({0, 1}, {client, server});
    const Masker masker;

    const TracePage open = make_page({trace, nullptr}, masker, {});
    CHECK(open.visible_errors == 1);
    CHECK(open.facts.spans[0].peer.value.find("secret-marker") != std::string_view::npos);

    const test::FakeAccess access({"bookinfo"});
    const TraceView view = view_for(access, {}, trace, nullptr);
    const TracePage page = make_page(view, masker, {});
    CHECK(page.visible_errors == 0);
    CHECK(page.facts.spans[0].peer.value.empty());
    CHECK(open.facts.spans[0].pair.other == 1);
    CHECK(page.facts.spans[0].pair.other == models::kNoSpan);
    CHECK_FALSE(page.facts.spans[0].pair.gap_ns.has_value());
    const SpanFacts& hidden = page.facts.spans[1];
    CHECK(hidden.operation.empty());
    CHECK(hidden.identity.pod.empty());
    CHECK_FALSE(hidden.error.is_error);
    CHECK(hidden.depth == 1);
    CHECK(hidden.relative_start_ns == 100'000);
    CHECK(hidden.self_ns == 500'000);
}

TEST_CASE("a call between visible spans stays whole beside a hidden one", "[trace_page][rights]") {
    SpanRow client;
    client.tags = {
        {"span.kind", "client"},
        {"node_id", "sidecar~1.1.1.1~front-0.bookinfo~bookinfo.svc.cluster.local"}
    };
    client.service = "front.bookinfo";
    SpanRow server = client;
    server.id = 2;
    server.parent = 1;
    server.duration_us = 500;
    server.service = "reviews.bookinfo";
    server.tags = {
        {"span.kind", "server"},
        {"node_id", "sidecar~1.1.1.1~reviews-0.bookinfo~bookinfo.svc.cluster.local"}
    };
    SpanRow stranger;
    stranger.id = 3;
    stranger.parent = 2;
    stranger.service = "trips.travel";
    const auto trace = make_trace({0, 1}, {client, server, stranger});
    const Masker masker;
    const TracePage open = make_page({trace, nullptr}, masker, {});
    REQUIRE(open.facts.spans[0].peer.rule == "child server span");

    const test::FakeAccess access({"bookinfo"});
    const TraceView view = view_for(access, {}, trace, nullptr);
    REQUIRE_FALSE(view.hides(0));
    REQUIRE(view.hides(2));
    const TracePage page = make_page(view, masker, {});
    CHECK(page.facts.spans[0].peer.value == open.facts.spans[0].peer.value);
    CHECK(page.facts.spans[0].pair.other == 1);
    CHECK(page.facts.spans[0].pair.gap_ns == open.facts.spans[0].pair.gap_ns);
}
