#include "business/trace_columns.hpp"

#include "business/trace_page.hpp"
#include "tests/support/fake_access.hpp"
#include "tests/support/make_trace.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <tuple>
#include <vector>

using namespace meshscope;
using namespace meshscope::business;
using test::make_trace;
using test::SpanRow;

namespace {

using Random = std::mt19937;

std::uint64_t pick(Random& random, std::uint64_t below) {
    return std::uniform_int_distribution<std::uint64_t>(0, below - 1)(random);
}

SpanRow random_span(Random& random, std::uint64_t id) {
    static const char* const kKinds[] = {"client", "server", "internal", "producer"};
    static const char* const kNodes[] = {"front-0.bookinfo", "deep-1.travel", "back-2.bookinfo"};
    SpanRow row;
    row.id = id;
    row.parent = pick(random, id);  // 0: another root
    row.start_us += static_cast<std::int64_t>(pick(random, 1'000));
    row.duration_us = static_cast<std::int64_t>(pick(random, 400));
    row.service = "s" + std::to_string(pick(random, 5)) + ".bookinfo";
    row.operation = pick(random, 4) == 0 ? "GET /a?token=secret" : "work";
    row.tags.emplace_back("span.kind", kKinds[pick(random, 4)]);
    if (pick(random, 3) != 0) {
        const std::string node = kNodes[pick(random, 3)];
        row.tags.emplace_back("node_id", "sidecar~1.1.1.1~" + node + "~bookinfo.svc.cluster.local");
    }
    if (pick(random, 4) == 0) {
        row.tags.emplace_back("http.status_code", pick(random, 2) == 0 ? "503" : "200");
    }
    if (pick(random, 4) == 0) {
        row.tags.emplace_back("peer.address", "10.0.0.9:80");
    }
    if (pick(random, 5) == 0) {
        row.tags.emplace_back("http.url", "http://u:secret@h/p?token=secret");
    }
    return row;
}

models::TracePtr random_trace(Random& random, std::uint64_t spans) {
    std::vector<SpanRow> rows;
    for (std::uint64_t id = 1; id <= spans; ++id) {
        rows.push_back(random_span(random, id));
    }
    return make_trace({0, 1}, rows);
}

// Everything that differs from span to span, in a form that compares.
auto parts_of(const SpanFacts& facts) {
    return std::tuple(
        facts.kind.kind,
        std::string(facts.peer.value),
        std::string(facts.peer.ns),
        std::string(facts.peer.rule),
        facts.request.url,
        facts.status.http,
        facts.error.is_error,
        std::string(facts.identity.pod),
        std::string(facts.identity.ns),
        facts.operation,
        facts.depth,
        facts.relative_start_ns,
        std::tuple(facts.self_ns, facts.critical_ns, facts.critical_share),
        facts.pair.other,
        facts.pair.gap_ns
    );
}

// The rows of the waterfall by walking the tree from the root down.
void walk(
    const models::Trace& trace,
    const PageRequest& request,
    std::uint32_t parent,
    std::vector<std::uint32_t>& out
) {
    for (std::uint32_t i = 0; i < trace.spans.size(); ++i) {
        if (trace.spans[i].parent != parent) {
            continue;
        }
        out.push_back(i);
        const auto& folded = request.collapse;
        if (std::find(folded.begin(), folded.end(), trace.spans[i].id) == folded.end()) {
            walk(trace, request, i, out);
        }
    }
}

}  // namespace

TEST_CASE("a page of random traces is a piece of the whole", "[trace_page][property]") {
    Random random(20'251'121);
    const Masker masker;
    for (int round = 0; round < 60; ++round) {
        const auto trace = random_trace(random, 1 + pick(random, 80));
        const TraceFacts whole = trace_facts(*trace, masker);
        PageRequest request;
        request.from = pick(random, 20);
        request.count = static_cast<std::uint32_t>(1 + pick(random, 40));
        for (std::uint64_t i = pick(random, 4); i > 0; --i) {
            request.collapse.push_back(SpanId{1 + pick(random, 80)});
        }
        std::vector<std::uint32_t> rows;
        walk(*trace, request, models::kNoSpan, rows);

        const TracePage page = make_page({trace, nullptr}, masker, request);
        CHECK(page.total_rows == rows.size());
        CHECK(page.visible_errors == whole.errors);
        REQUIRE(page.facts.spans.size() == page.rows.size());
        for (std::size_t i = 0; i < page.rows.size(); ++i) {
            const std::uint32_t span = page.rows[i].span;
            CHECK(span == rows[request.from + i]);
            CHECK(parts_of(page.facts.spans[i]) == parts_of(whole.spans[span]));
        }
        const std::size_t rest = rows.size() - std::min<std::size_t>(rows.size(), request.from);
        CHECK(page.rows.size() == std::min<std::size_t>(rest, request.count));
    }
}

TEST_CASE("pairs and gaps of random traces, told span by span", "[trace_page][property]") {
    Random random(7);
    for (int round = 0; round < 60; ++round) {
        const auto trace = random_trace(random, 1 + pick(random, 60));
        const TraceFacts facts = trace_facts(*trace, Masker());
        const TraceColumns columns = trace_columns(*trace);
        const auto kind = [&](std::uint32_t i) { return facts.spans[i].kind.kind; };
        for (std::uint32_t i = 0; i < trace->spans.size(); ++i) {
            std::vector<std::uint32_t> servers;
            const std::uint32_t parent = trace->spans[i].parent;
            const bool called = kind(i) == models::SpanKind::kServer && parent != models::kNoSpan &&
                                kind(parent) == models::SpanKind::kClient;
            const std::uint32_t client = called ? parent : i;
            for (std::uint32_t k = 0; k < trace->spans.size(); ++k) {
                if (trace->spans[k].parent == client && kind(k) == models::SpanKind::kServer &&
                    kind(client) == models::SpanKind::kClient) {
                    servers.push_back(k);
                }
            }
            const std::uint32_t other = called            ? parent
                                        : servers.empty() ? models::kNoSpan
                                                          : servers.back();
            CHECK(columns.pair[i] == other);
            const auto gap = columns.gap_ns(*trace, i);
            CHECK(gap.has_value() == (servers.size() == 1));
            if (gap) {
                CHECK(
                    *gap ==
                    trace->spans[client].duration_ns - trace->spans[servers.front()].duration_ns
                );
            }
            CHECK(columns.error[i] == facts.spans[i].error.is_error);
        }
    }
}

TEST_CASE("the columns of a trace are worked out once for all its viewers", "[trace_page]") {
    Random random(1);
    const auto trace = random_trace(random, 40);
    const Masker masker;
    const TracePage first = make_page({trace, nullptr}, masker, {});
    const test::FakeAccess access({"bookinfo"});
    const TracePage second = make_page(view_for(access, {}, trace, nullptr), masker, {3, 4, {}});
    CHECK(first.columns == second.columns);
    CHECK(second.visible_errors <= first.visible_errors);
}

TEST_CASE("more processes than are kept are read as well", "[trace_page]") {
    std::vector<SpanRow> rows;
    for (std::uint64_t id = 1; id <= 1'500; ++id) {
        SpanRow row;
        row.id = id;
        row.process_tags = {{"node_id", "sidecar~1.1.1.1~pod-" + std::to_string(id) + ".ns~x"}};
        rows.push_back(row);
    }
    const auto trace = make_trace({0, 1}, rows);
    const TracePage page = make_page({trace, nullptr}, Masker(), {700, 600, {}});
    CHECK(page.facts.spans[0].identity.pod == "pod-701");
    CHECK(page.facts.spans[599].identity.pod == "pod-1300");
}
