// What every TraceStore must do, whatever is behind it.
#include "core/text.hpp"
#include "tests/contract/suite.hpp"

#include <boost/asio/post.hpp>

#include <set>

namespace meshscope::contract {

TEST_CASE("contract: a search gives whole traces, newest first") {
    const Implementation& implementation = any_implementation();
    INFO(implementation.name);
    const auto backend = implementation.make(kGenerous);
    backend->hold({held(2, 10), held(9, 10), held(4, 30), held(1, 20)});
    const auto batch = find(*backend, query_all(*backend));
    REQUIRE(batch.has_value());
    CHECK(ids_of(*batch) == std::vector<std::uint64_t>{4, 1, 2, 9});
    CHECK(batch->stopped_by == StoppedBy::kComplete);
    CHECK(batch->warnings.empty());
    CHECK(batch->errors.empty());
    CHECK(batch->dropped.empty());
}

TEST_CASE("contract: everything a span has arrives") {
    const Implementation& implementation = any_implementation();
    INFO(implementation.name);
    const auto backend = implementation.make(kGenerous);
    SpanRow parent;
    parent.id = 1;
    parent.start_us = kStart;
    parent.duration_us = 24'130;
    parent.service = "productpage";
    parent.operation = "reviews.default.svc.cluster.local:9080/ \"quoted\" \\ gr\xC3\xBC\xC3\x9F";
    parent.tags = {
        {"text", std::string("a\nb\x01")},
        {"empty", std::string()},
        {"flag", true},
        {"big", std::int64_t{9'007'199'254'740'993}},
        {"negative", std::int64_t{-1}},
        {"float", 0.1},
        {"text", std::string("again")},
    };
    parent.process_tags = {{"ip", std::string("10.0.0.1")}};
    SpanRow child;
    child.id = 2;
    child.parent = 1;
    child.start_us = kStart + 570;
    child.duration_us = 22'990;
    child.service = "reviews";
    child.logs = {{{"event", std::string("x")}}, {{"n", std::int64_t{3}}}};
    child.warnings = {"clock skew"};
    const HeldTrace trace{.id = {0x0af7651916cd43dd, 0x8448eb211c80319c}, .spans = {child, parent}};
    backend->hold({trace});

    const auto batch = get(*backend, trace.id);
    REQUIRE(batch.has_value());
    REQUIRE(batch->traces.size() == 1);
    const models::Trace& seen = *batch->traces[0];
    CHECK(seen.id.to_hex() == "0af7651916cd43dd8448eb211c80319c");
    CHECK(seen.warnings.empty());
    REQUIRE(seen.spans.size() == 2);
    const std::vector<SpanRow> rows{parent, child};
    for (std::size_t i = 0; i < rows.size(); ++i) {
        INFO("span " << i);
        const models::Span& span = seen.spans[i];
        CHECK(span.id.value == rows[i].id);
        CHECK(span.start_ns == rows[i].start_ns());
        CHECK(span.duration_ns == rows[i].duration_ns());
        CHECK(span.operation == rows[i].operation);
        CHECK(span.logs.size == rows[i].logs.size());
        CHECK(span.warnings.size == rows[i].warnings.size());
        check_tags(*backend, span.tags, rows[i].tags);
        CHECK(seen.processes[span.process].service == rows[i].service);
        check_tags(*backend, seen.processes[span.process].tags, rows[i].process_tags);
    }
    CHECK(seen.spans[0].parent == models::kNoSpan);
    CHECK(seen.spans[1].parent == 0);
    const auto& logs = seen.spans[1].logs;
    CHECK(logs[0].time_ns == child.start_us * 1'000);
    const bool as_sent = logs[0].fields[0].key() == "event";  // they are of one time
    CHECK((as_sent || !backend->wire().tag_order));
    check_tags(*backend, logs[as_sent ? 0 : 1].fields, child.logs[0]);
}

TEST_CASE("contract: ids with and without a high half") {
    const Implementation& implementation = any_implementation();
    INFO(implementation.name);
    const auto backend = implementation.make(kGenerous);
    HeldTrace low = held(0x2A, 1);
    HeldTrace high = held(0x8448eb211c80319c, 0);
    high.id.high = 0x0af7651916cd43dd;
    backend->hold({low, high});
    const auto batch = find(*backend, query_all(*backend));
    REQUIRE(batch.has_value());
    REQUIRE(batch->traces.size() == 2);
    CHECK(batch->traces[0]->id.to_hex() == "000000000000002a");
    CHECK(batch->traces[1]->id.to_hex() == "0af7651916cd43dd8448eb211c80319c");
    CHECK(batch->traces[0]->spans[0].id.to_hex() == "b7ad6b7169203331");
}

TEST_CASE("contract: what does not pass the query is not in the answer") {
    const Implementation& implementation = any_implementation();
    INFO(implementation.name);
    const auto backend = implementation.make(kGenerous);
    HeldTrace plain = held(1);
    HeldTrace failed = held(2);
    failed.spans[0].native.status = "ERROR";
    failed.spans[0].tags = {{"http.status_code", std::int64_t{503}}};
    HeldTrace slow = held(3);
    slow.spans[0].duration_us = 9'000;
    HeldTrace late = held(4, 5'000'000);
    HeldTrace other = held(5);
    other.spans[0].service = "details.bookinfo";
    HeldTrace version = held(6);
    version.spans[0].process_tags = {{"version", std::string("v2")}};
    backend->hold({plain, failed, slow, late, other, version});
    const auto passing = [&](auto change) {
        TraceQuery query = query_all(*backend);
        change(query);
        const auto batch = find(*backend, query);
        REQUIRE(batch.has_value());
        const auto ids = ids_of(*batch);
        return std::set<std::uint64_t>(ids.begin(), ids.end());
    };
    using Ids = std::set<std::uint64_t>;
    using Micros = std::chrono::microseconds;
    // The one of another service is found where a search need not name one.
    const auto and_other = [&](Ids ids) {
        if (backend->wire().any_service) {
            ids.insert(5);
        }
        return ids;
    };
    CHECK(passing([](TraceQuery&) {}) == and_other({1, 2, 3, 4, 6}));
    CHECK(passing([](TraceQuery& query) { query.tags = {{"error", "true"}}; }) == Ids{2});
    CHECK(passing([](TraceQuery& query) {
              query.tags = {{"error", "false"}};
          }) == and_other({1, 3, 4, 6}));
    CHECK(passing([](TraceQuery& query) { query.tags = {{"http.status_code", "503"}}; }) == Ids{2});
    CHECK(passing([](TraceQuery& query) { query.tags = {{"version", "v2"}}; }) == Ids{6});
    CHECK(passing([](TraceQuery& query) { query.min_duration = Micros(9'000); }) == Ids{3});
    CHECK(passing([](TraceQuery& query) {
              query.max_duration = Micros(8'999);
          }) == and_other({1, 2, 4, 6}));
    CHECK(passing([](TraceQuery& query) {
              query.window.end = from_micros(kStart + 5'000'000);
          }) == and_other({1, 2, 3, 6}));
    CHECK(passing([](TraceQuery& query) {
              query.window.start = from_micros(kStart + 1);
          }) == Ids{4});
    CHECK(passing([](TraceQuery& query) { query.service = "details.bookinfo"; }) == Ids{5});
}

TEST_CASE("contract: as many traces as asked means there may be more") {
    const Implementation& implementation = any_implementation();
    INFO(implementation.name);
    const auto backend = implementation.make(kGenerous);
    backend->hold({held(1, 1), held(2, 2), held(3, 3)});
    TraceQuery query = query_all(*backend);
    query.limit = 2;
    const auto cut = find(*backend, query);
    REQUIRE(cut.has_value());
    CHECK(ids_of(*cut) == std::vector<std::uint64_t>{3, 2});
    CHECK(cut->stopped_by == StoppedBy::kLimit);
    query.limit = 3;
    CHECK(find(*backend, query)->stopped_by == StoppedBy::kLimit);
    query.limit = 4;
    CHECK(find(*backend, query)->stopped_by == StoppedBy::kComplete);
}

TEST_CASE("contract: an empty store is no error, an unknown trace is not found") {
    const Implementation& implementation = any_implementation();
    INFO(implementation.name);
    const auto backend = implementation.make(kGenerous);
    const auto batch = find(*backend, query_all(*backend));
    REQUIRE(batch.has_value());
    CHECK(batch->traces.empty());
    CHECK(batch->stopped_by == StoppedBy::kComplete);
    const auto missing = get(*backend, TraceId{0, 7});
    REQUIRE(missing.has_error());
    CHECK(missing.error().kind() == ErrorKind::kNotFound);
    CHECK(missing.error().message().find("0000000000000007") != std::string::npos);
}

TEST_CASE("contract: services and operations are ascending and unique") {
    const Implementation& implementation = any_implementation();
    INFO(implementation.name);
    const auto backend = implementation.make(kGenerous);
    backend->offer(
        {"reviews", "details/v1", "reviews"}, {{"b", "server"}, {"a", "client"}, {"b", "client"}}
    );
    const auto services = test::run_coroutine<Result<std::vector<std::string>>>([&] {
        return backend->store().services({});
    });
    REQUIRE(services.has_value());
    CHECK(*services == std::vector<std::string>{"details/v1", "reviews"});
    const auto operations = test::run_coroutine<Result<std::vector<clients::Operation>>>([&] {
        return backend->store().operations({}, "details/v1", "");
    });
    REQUIRE(operations.has_value());
    REQUIRE(operations->size() == 3);
    CHECK(operations->at(0).name == "a");
    CHECK(operations->at(0).span_kind == "client");
    CHECK(operations->at(1).name == "b");
    CHECK(operations->at(1).span_kind == "client");
    CHECK(operations->at(2).span_kind == "server");
}

TEST_CASE("contract: an outage is an error with its cause and a setting, never an empty answer") {
    const Implementation& implementation = any_implementation();
    INFO(implementation.name);
    struct Row {
        Trouble trouble;
        ErrorKind kind;
    };
    const Row row = GENERATE(values<Row>({
        {Trouble::kRefused, ErrorKind::kUpstreamUnavailable},
        {Trouble::kDenied, ErrorKind::kUpstreamAuth},
        {Trouble::kBroken, ErrorKind::kUpstreamProtocol},
    }));
    const auto backend = implementation.make(kGenerous);
    if (!can_suffer(*backend, row.trouble)) {
        return;
    }
    backend->hold({held(1)});
    backend->suffer(row.trouble);
    const auto check = [&](const Error& error) {
        INFO(error.message());
        CHECK(error.kind() == row.kind);
        CHECK(error.upstream() == "jaeger");
        if (row.trouble == Trouble::kBroken) {
            const std::string told = error.message() + error.detail();
            CHECK(told.find("all shards failed") != std::string::npos);
        } else {
            CHECK_FALSE(error.hint().setting.empty());
            CHECK_FALSE(error.hint().advice.empty());
        }
    };
    const auto batch = find(*backend, query_all(*backend));
    REQUIRE(batch.has_error());
    check(batch.error());
    const auto trace = get(*backend, TraceId{0, 1});
    REQUIRE(trace.has_error());
    check(trace.error());
    const auto services = test::run_coroutine<Result<std::vector<std::string>>>([&] {
        return backend->store().services({});
    });
    REQUIRE(services.has_error());
    check(services.error());
}

TEST_CASE("contract: nothing before the deadline is a deadline error") {
    const Implementation& implementation = any_implementation();
    INFO(implementation.name);
    const auto backend = implementation.make(std::chrono::milliseconds(150));
    if (!can_suffer(*backend, Trouble::kSilent)) {
        return;
    }
    backend->suffer(Trouble::kSilent);
    const auto batch = find(*backend, query_all(*backend));
    REQUIRE(batch.has_error());
    CHECK(batch.error().kind() == ErrorKind::kDeadline);
}

TEST_CASE("contract: what came before the end of time or of the connection is kept and said") {
    const Implementation& implementation = any_implementation();
    INFO(implementation.name);
    struct Row {
        Trouble trouble;
        StoppedBy stopped_by;
        const char* warning;
    };
    const Row row = GENERATE(values<Row>({
        {Trouble::kSilentAfterFirst, StoppedBy::kTime, "partial_timeout"},
        {Trouble::kCutAfterFirst, StoppedBy::kBackend, "partial_body"},
    }));
    const auto backend = implementation.make(std::chrono::milliseconds(1'500));
    if (!can_suffer(*backend, row.trouble)) {
        return;
    }
    backend->hold({held(1, 1), held(2, 2)});
    backend->suffer(row.trouble);
    const auto batch = find(*backend, query_all(*backend));
    INFO((batch ? "" : batch.error().message()));
    REQUIRE(batch.has_value());
    REQUIRE_FALSE(batch->traces.empty());
    CHECK(batch->traces[0]->id.low == 1);
    CHECK(batch->stopped_by == row.stopped_by);
    REQUIRE(batch->warnings.size() == 1);
    CHECK(batch->warnings[0].code == row.warning);
}

TEST_CASE("contract: a call is billed to its request") {
    const Implementation& implementation = any_implementation();
    INFO(implementation.name);
    const auto backend = implementation.make(kGenerous);
    backend->hold({held(1)});
    RequestContext context;
    REQUIRE(find(*backend, query_all(*backend), context).has_value());
    const UpstreamCost& cost = context.bill->of("jaeger");
    CHECK(cost.calls == 1);
    CHECK((cost.bytes > 0 || !backend->is_real()));
}

TEST_CASE("contract: a caller that leaves gets kCancelled at once") {
    const Implementation& implementation = any_implementation();
    const auto backend = implementation.make(kGenerous);
    if (!backend->is_real() || !can_suffer(*backend, Trouble::kSilent)) {
        return;  // the fake answers before anybody can leave
    }
    INFO(implementation.name);
    backend->suffer(Trouble::kSilent);
    boost::asio::cancellation_signal leave;
    const auto before = std::chrono::steady_clock::now();
    const auto batch = test::run_coroutine<Result<TraceBatch>>(
        [&]() -> Awaitable<Result<TraceBatch>> {
            auto executor = co_await boost::asio::this_coro::executor;
            boost::asio::post(executor, [&] {
                leave.emit(boost::asio::cancellation_type::terminal);
            });
            TraceQuery query = query_all(*backend);
            co_return co_await backend->store().find_traces({}, std::move(query));
        },
        &leave
    );
    REQUIRE(batch.has_error());
    CHECK(batch.error().kind() == ErrorKind::kCancelled);
    CHECK(std::chrono::steady_clock::now() - before < kGenerous / 2);
}

TEST_CASE("contract: bytes that are no UTF-8 never lose a trace") {
    const Implementation& implementation = any_implementation();
    INFO(implementation.name);
    const auto backend = implementation.make(kGenerous);
    HeldTrace bad = held(1);
    bad.spans[0].operation = "a\xFF\xC3(b";
    bad.spans[0].tags = {{"k", std::string("\x80")}};
    backend->hold({bad, held(2)});
    const auto batch = find(*backend, query_all(*backend));
    REQUIRE(batch.has_value());
    REQUIRE(batch->traces.size() == 2);
    const models::Span& span = batch->traces[0]->spans[0];
    CHECK(to_valid_utf8(span.operation) == "a\xEF\xBF\xBD\xEF\xBF\xBD(b");
    CHECK(to_valid_utf8(span.tags[0].text()) == "\xEF\xBF\xBD");
}

TEST_CASE("contract: an answer beyond 4 MiB arrives whole") {
    const Implementation& implementation = any_implementation();
    INFO(implementation.name);
    const auto backend = implementation.make(kGenerous);
    HeldTrace big = held(1);
    SpanRow row = big.spans[0];
    row.tags = {{"filler", std::string(1'500, 'x')}};
    big.spans.clear();
    constexpr std::uint64_t kSpans = 3'500;
    for (std::uint64_t i = 1; i <= kSpans; ++i) {
        row.id = i;
        row.parent = i / 2;
        big.spans.push_back(row);
    }
    backend->hold({big});
    const auto batch = get(*backend, big.id);
    REQUIRE(batch.has_value());
    const models::Trace& trace = *batch->traces.at(0);
    REQUIRE(trace.spans.size() == kSpans);
    CHECK(trace.spans.back().tags[0].text().size() == 1'500);
    CHECK(batch->stopped_by == StoppedBy::kComplete);
}

TEST_CASE("contract: a trace of 100 000 spans arrives whole, over JSON decoded while it comes") {
    const Implementation& implementation = any_implementation();
    INFO(implementation.name);
    const auto backend = implementation.make(std::chrono::minutes(2));
    HeldTrace big = held(1);
    SpanRow row = big.spans[0];
    row.tags = {{"filler", std::string(120, 'x')}, {"n", std::int64_t{7}}};
    big.spans.clear();
    constexpr std::uint64_t kSpans = 100'000;
    for (std::uint64_t i = 1; i <= kSpans; ++i) {
        row.id = i;
        row.parent = i / 2;
        big.spans.push_back(row);
    }
    backend->hold({big});
    const auto batch = get(*backend, big.id);
    REQUIRE(batch.has_value());
    const models::Trace& trace = *batch->traces.at(0);
    REQUIRE(trace.spans.size() == kSpans);
    CHECK(trace.warnings.empty());
    CHECK(trace.spans.back().tags[0].text().size() == 120);
    CHECK(trace.spans.back().parent != models::kNoSpan);
    CHECK(trace.processes.size() == 1);
    CHECK(batch->stopped_by == StoppedBy::kComplete);
}

}  // namespace meshscope::contract
