#include "business/traces.hpp"

#include "async/worker_pool.hpp"
#include "tests/support/fake_access.hpp"
#include "tests/support/fake_trace_store.hpp"
#include "tests/support/make_trace.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/run_coroutine.hpp"

#include <catch2/catch.hpp>

using namespace meshscope;
using namespace meshscope::business;
using namespace std::chrono_literals;
using clients::StoppedBy;
using test::make_trace;
using test::SpanRow;

namespace {

constexpr std::int64_t kNow = 1'763'683'200'000'000;

std::string node_id(const std::string& pod, const std::string& name_space) {
    return "sidecar~10.0.0.1~" + pod + "." + name_space + "~" + name_space + ".svc.cluster.local";
}

// A call from productpage in bookinfo to hotels in travel, `age` seconds before now.
models::TracePtr two_namespaces(std::uint64_t id, std::int64_t age) {
    SpanRow client;
    client.id = 1;
    client.start_us = kNow - age * 1'000'000;
    client.service = "productpage.bookinfo";
    client.tags = {{"node_id", node_id("productpage-v1-0", "bookinfo")}, {"span.kind", "client"}};
    SpanRow server = client;
    server.id = 2;
    server.parent = 1;
    server.start_us += 10;
    server.service = "hotels.travel";
    server.tags = {
        {"node_id", node_id("hotels-v1-0", "travel")}, {"span.kind", "server"}, {"error", true}
    };
    return make_trace({0, id}, {client, server});
}

RequestContext anonymous() {
    RequestContext context;
    context.caller = anonymous_caller();
    return context;
}

struct Fixture {
    test::FakeTraceStore store;
    test::ManualClock clock;
    Masker masker;
    CallerAccess all;
    test::FakeAccess bookinfo_only{{"bookinfo"}};
    Traces::Parts parts;

    Fixture() {
        parts.store = &store;
        parts.access = &all;
        parts.clock = &clock;
        parts.masker = &masker;
    }
    void limit_rights() { parts.access = &bookinfo_only; }

    template <class T, class Call>
    Result<T> run(Call call) {
        const Traces traces(parts);
        return test::run_coroutine<Result<T>>([&] { return call(traces); });
    }
    Result<TraceList> of_app(SubjectQuery query) {
        return run<TraceList>([&](const Traces& traces) { return traces.of(anonymous(), query); });
    }
    Result<SingleTrace> by_id(std::uint64_t id) {
        return run<SingleTrace>([&](const Traces& traces) {
            return traces.by_id(anonymous(), TraceId{0, id});
        });
    }
    Result<SummaryList> search(SearchQuery query) {
        return run<SummaryList>([&](const Traces& traces) {
            return traces.search(anonymous(), query);
        });
    }
};

SubjectQuery productpage() {
    SubjectQuery query;
    query.name_space = "bookinfo";
    query.name = "productpage";
    return query;
}

}  // namespace

TEST_CASE("the traces of an application carry their bill and their limits", "[traces]") {
    Fixture f;
    f.store.add(two_namespaces(1, 60));
    f.store.add(two_namespaces(2, 30));
    f.store.add(two_namespaces(3, 3600));  // before the window
    SubjectQuery query = productpage();
    query.request.limit = 20'000;
    const auto list = f.of_app(query);
    REQUIRE(list.has_value());
    CHECK(list->service == "productpage.bookinfo");
    REQUIRE(list->traces.size() == 2);
    CHECK(list->traces[0].trace->id == TraceId{0, 2});
    CHECK_FALSE(list->traces[0].hidden);
    CHECK(list->errors.empty());
    CHECK(list->meta.asked.limit == 20'000U);
    CHECK(list->meta.used.limit == 10'000U);
    CHECK(list->meta.used.end == from_micros(kNow));
    CHECK(list->meta.returned == 2);
    CHECK(list->meta.stopped_by == StoppedBy::kComplete);
    CHECK(list->meta.upstream.at("jaeger").calls == 1);
    CHECK(list->meta.covered->start == from_micros(kNow) - 10min);
}

TEST_CASE("what came before a deadline is returned and marked", "[traces]") {
    Fixture f;
    clients::TraceBatch batch;
    batch.traces = {two_namespaces(1, 60)};
    batch.stopped_by = StoppedBy::kTime;
    batch.warnings = {{"partial_timeout", "the backend was too slow"}};
    f.store.script(batch);
    const auto list = f.of_app(productpage());
    REQUIRE(list.has_value());
    CHECK(list->traces.size() == 1);
    CHECK(list->meta.stopped_by == StoppedBy::kTime);
    REQUIRE(list->errors.size() == 1);
    CHECK(list->errors[0].message == "partial result: the backend was too slow");
}

TEST_CASE("a limited caller sees hidden spans as places only", "[traces][rights]") {
    Fixture f;
    f.store.add(two_namespaces(1, 60));
    f.limit_rights();
    const auto list = f.of_app(productpage());
    REQUIRE(list.has_value());
    REQUIRE(list->traces.size() == 1);
    CHECK_FALSE(list->traces[0].hides(0));
    CHECK(list->traces[0].hides(1));
    REQUIRE(list->meta.dropped.size() == 1);
    CHECK(list->meta.dropped[0].reason == "hidden_spans");
    CHECK(list->meta.dropped[0].count == 1);
}

TEST_CASE("a forbidden namespace is refused before the store is asked", "[traces][rights]") {
    Fixture f;
    f.limit_rights();
    SubjectQuery query = productpage();
    query.name_space = "travel";
    CHECK(f.of_app(query).error().kind() == ErrorKind::kForbidden);
    CHECK(f.store.queries().empty());
}

TEST_CASE("a trace without a visible span is none", "[traces][rights]") {
    Fixture f;
    SpanRow row;
    row.start_us = kNow - 1'000'000;
    row.service = "plain";  // no evidence of a namespace
    f.store.add(make_trace({0, 5}, {row}));
    REQUIRE(f.by_id(5).has_value());

    f.limit_rights();
    const auto hidden = f.by_id(5);
    REQUIRE_FALSE(hidden.has_value());
    CHECK(hidden.error().kind() == ErrorKind::kNotFound);
    const auto missing = f.by_id(6);
    REQUIRE_FALSE(missing.has_value());
    CHECK(missing.error().kind() == ErrorKind::kNotFound);
    CHECK(missing.error().message() == "Trace 0000000000000006 not found");

    const auto list = f.search({});
    REQUIRE(list.has_value());
    CHECK(list->traces.empty());
    CHECK(list->meta.stopped_by == StoppedBy::kRights);
}

TEST_CASE("not found is kNotFound for an empty answer and for an error of the store", "[traces]") {
    Fixture f;
    f.store.script(clients::TraceBatch{});
    CHECK(f.by_id(1).error().kind() == ErrorKind::kNotFound);
    f.store.script(Error(ErrorKind::kNotFound, "trace not found"));
    CHECK(f.by_id(1).error().kind() == ErrorKind::kNotFound);
    f.store.script(Error(ErrorKind::kDeadline, "slow"));
    CHECK(f.by_id(1).error().kind() == ErrorKind::kDeadline);
}

TEST_CASE(
    "counting errors sends a depth, the tag and the window, and says when it is a floor", "[traces]"
) {
    Fixture f;
    f.store.add(two_namespaces(1, 60));
    f.store.add(two_namespaces(2, 4000));
    ErrorCountQuery query;
    query.name_space = "bookinfo";
    query.app = "productpage";
    query.duration = 3600s;
    const auto run = [&] {
        return f.run<TraceCount>([&](const Traces& traces) {
            return traces.count_errors(anonymous(), query);
        });
    };
    f.store.script([] {
        clients::TraceBatch batch;
        batch.traces = {two_namespaces(1, 60)};
        return batch;
    }());
    const auto count = run();
    REQUIRE(count.has_value());
    CHECK(count->count == 1);
    CHECK(count->meta.warnings.empty());
    const auto sent = f.store.queries().back();
    CHECK(sent.service == "productpage.bookinfo");
    CHECK(sent.limit == 1000);
    CHECK(sent.tags == std::map<std::string, std::string>{{"error", "true"}});
    CHECK(sent.window.end == from_micros(kNow));
    CHECK(sent.window.start == from_micros(kNow) - 3600s);

    clients::TraceBatch full;
    for (std::uint64_t id = 1; id <= 1000; ++id) {
        full.traces.push_back(two_namespaces(id, 60));
    }
    full.stopped_by = StoppedBy::kLimit;
    f.store.script(full);
    const auto floor = run();
    REQUIRE(floor.has_value());
    CHECK(floor->count == 1000);
    CHECK(floor->meta.stopped_by == StoppedBy::kLimit);
    REQUIRE(floor->meta.warnings.size() == 1);
    CHECK(floor->meta.warnings[0].code == "at_least");
}

TEST_CASE("a search for errors keeps traces with a visible error only", "[traces]") {
    Fixture f;
    f.store.add(two_namespaces(1, 60));
    SpanRow fine;
    fine.start_us = kNow - 5'000'000;
    fine.tags = {{"node_id", node_id("productpage-v1-0", "bookinfo")}};
    f.store.add(make_trace({0, 2}, {fine}));
    SpanRow failed = fine;
    failed.tags.emplace_back("http.status_code", std::int64_t{503});
    f.store.add(make_trace({0, 3}, {failed}));

    SearchQuery query;
    query.errors = true;
    auto list = f.search(query);
    REQUIRE(list.has_value());
    REQUIRE(list->traces.size() == 2);
    CHECK(list->traces[0].id == TraceId{0, 3});
    CHECK(list->traces[1].id == TraceId{0, 1});
    CHECK(list->traces[1].errors == 1);

    f.limit_rights();  // the error of trace 1 is in travel
    list = f.search(query);
    REQUIRE(list.has_value());
    REQUIRE(list->traces.size() == 1);
    CHECK(list->traces[0].id == TraceId{0, 3});
}

TEST_CASE("a summary counts all spans and names visible ones only", "[traces]") {
    Fixture f;
    const auto full = summarize({two_namespaces(1, 60), nullptr});
    CHECK(full.root_service == "productpage.bookinfo");
    CHECK(full.spans == 2);
    CHECK(full.errors == 1);
    CHECK(full.duration_us == 1010);
    REQUIRE(full.services.size() == 2);
    CHECK(full.services[0].name == "hotels.travel");
    CHECK(full.services[0].errors == 1);

    const auto limited = summarize(view_for(f.bookinfo_only, {}, two_namespaces(1, 60), nullptr));
    CHECK(limited.spans == 2);
    CHECK(limited.hidden == 1);
    CHECK(limited.errors == 0);
    REQUIRE(limited.services.size() == 1);
    CHECK(limited.services[0].name == "productpage.bookinfo");

    SpanRow lost;
    lost.parent = 77;
    CHECK(summarize({make_trace({0, 1}, {lost}), nullptr}).orphans == 1);
}

TEST_CASE("the spans of an application, hidden ones left out", "[traces]") {
    Fixture f;
    f.store.add(two_namespaces(1, 60));
    SubjectQuery hotels;
    hotels.name_space = "travel";
    hotels.name = "hotels";
    const auto run = [&] {
        return f.run<SpanList>([&](const Traces& traces) {
            return traces.spans_of(anonymous(), hotels);
        });
    };
    const auto list = run();
    REQUIRE(list.has_value());
    REQUIRE(list->traces.size() == 1);
    CHECK(list->traces[0].spans == std::vector<std::uint32_t>{1});
    CHECK(list->meta.returned == 1);
    CHECK(list->meta.scanned == 1);
}

TEST_CASE("services and operations of forbidden namespaces are not named", "[traces][rights]") {
    Fixture f;
    f.store.add(two_namespaces(1, 60));
    f.store.add_operation("plain", {"GET /", "server"});
    const auto services = [&] {
        return f.run<ServiceList>([](const Traces& traces) { return traces.services(anonymous()); }
        );
    };
    CHECK(
        services()->names ==
        std::vector<std::string>{"hotels.travel", "plain", "productpage.bookinfo"}
    );
    f.limit_rights();
    const auto limited = services();
    CHECK(limited->names == std::vector<std::string>{"productpage.bookinfo"});
    CHECK(limited->meta.stopped_by == StoppedBy::kRights);
    const auto operations = f.run<OperationList>([](const Traces& traces) {
        return traces.operations(anonymous(), "hotels.travel", "");
    });
    CHECK(operations.error().kind() == ErrorKind::kForbidden);
}

TEST_CASE("without a store every call says why", "[traces]") {
    Fixture f;
    f.parts.store = nullptr;
    f.parts.unavailable =
        Error(ErrorKind::kUnavailable, "tracing is link-only").with_code("tracing_link_only");
    CHECK(f.of_app(productpage()).error().code() == "tracing_link_only");
    CHECK(f.by_id(1).error().code() == "tracing_link_only");
    CHECK(f.search({}).error().code() == "tracing_link_only");
}

TEST_CASE("a limit of rights never passes for an end of data", "[traces][rights]") {
    Fixture f;
    for (std::uint64_t id = 1; id <= 30; ++id) {
        SpanRow row;
        row.start_us = kNow - static_cast<std::int64_t>(id) * 1'000'000;
        const bool visible = id > 20;
        row.tags = {{"node_id", node_id("x-v1-0", visible ? "bookinfo" : "travel")}};
        f.store.add(make_trace({0, id}, {row}));
    }
    f.limit_rights();
    SearchQuery query;
    query.request.limit = 5;
    const auto list = f.search(query);
    REQUIRE(list.has_value());
    REQUIRE(list->traces.size() == 5);
    CHECK(list->traces[0].id == TraceId{0, 21});
    CHECK(list->meta.stopped_by == StoppedBy::kLimit);
    CHECK_FALSE(list->cursor.empty());
}

TEST_CASE("many spans are read on a worker, with the same result", "[traces]") {
    Fixture f;
    WorkerPool workers(2);
    std::vector<SpanRow> rows(700);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        rows[i].id = i + 1;
        rows[i].parent = i == 0 ? 0 : 1;
        rows[i].start_us = kNow - 1'000'000 + static_cast<std::int64_t>(i);
        rows[i].tags = {{"node_id", node_id("x-v1-0", i % 2 == 0 ? "bookinfo" : "travel")}};
    }
    rows[4].tags.emplace_back("error", true);
    f.store.add(make_trace({0, 1}, rows));
    f.limit_rights();
    f.parts.workers = &workers;
    const auto page = f.run<TraceRows>([](const Traces& traces) {
        return traces.rows(anonymous(), TraceId{0, 1}, PageRequest{});
    });
    REQUIRE(page.has_value());
    CHECK(page->page.rows.size() == 700);
    CHECK(page->view.hidden_spans() == 350);
    SearchQuery query;
    query.errors = true;
    const auto list = f.search(query);
    REQUIRE(list.has_value());
    REQUIRE(list->traces.size() == 1);
    CHECK(list->traces[0].errors == 1);
    CHECK(list->traces[0].hidden == 350);
    workers.join();
}
