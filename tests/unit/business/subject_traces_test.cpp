#include "business/access.hpp"
#include "business/traces.hpp"
#include "tests/support/fake_access.hpp"
#include "tests/support/fake_cluster.hpp"
#include "tests/support/fake_trace_store.hpp"
#include "tests/support/make_trace.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/run_coroutine.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <set>
#include <string>
#include <vector>

using namespace meshscope;
using namespace meshscope::business;
using clients::StoppedBy;
using test::make_trace;
using test::SpanRow;
using What = Subject::What;

namespace {

constexpr std::int64_t kNow = 1'763'683'200'000'000;

std::string node_id(const std::string& pod, const std::string& name_space) {
    return "sidecar~10.0.0.1~" + pod + "." + name_space + "~" + name_space + ".svc.cluster.local";
}

// reviews in three versions, and one whose name begins like the first.
struct Fixture {
    test::FakeTraceStore store;
    test::ManualClock clock;
    test::FakeCluster cluster{&clock};
    Masker masker;
    CallerAccess access;
    test::FakeAccess bookinfo_only{{"bookinfo"}};
    Traces::Parts parts;
    std::map<std::string, std::string> pods;  // by workload

    Fixture() {
        for (const char* version : {"v1", "v2", "v3", "v10"}) {
            const std::string name = std::string("reviews-") + version;
            test::WorkloadRow row;
            row.app = "reviews";
            row.version = version;
            pods[name] = cluster.add_workload("bookinfo", name, row).front();
        }
        pods["productpage-v1"] = cluster.add_workload("bookinfo", "productpage-v1").front();
        cluster.add_service("bookinfo", "reviews", {{"app", "reviews"}});
        cluster.add_service("bookinfo", "reviews-canary", {{"app", "reviews"}, {"version", "v3"}});
        parts.store = &store;
        parts.access = &access;
        parts.clock = &clock;
        parts.masker = &masker;
        parts.cluster = &cluster;
    }

    SpanRow span(std::uint64_t id, const std::string& workload, std::int64_t start_us) {
        SpanRow row;
        row.id = id;
        row.parent = id - 1;
        row.start_us = start_us + static_cast<std::int64_t>(id);
        row.service = workload.starts_with("reviews") ? "reviews.bookinfo" : "productpage.bookinfo";
        row.tags = {{"node_id", node_id(pods.at(workload), "bookinfo")}};
        return row;
    }
    // productpage calls this version; `age` in seconds.
    void add(std::uint64_t id, const std::string& workload, std::int64_t age) {
        const std::int64_t start = kNow - age * 1'000'000;
        store.add(make_trace({0, id}, {span(1, "productpage-v1", start), span(2, workload, start)})
        );
    }

    template <class T, class Call>
    Result<T> run(Call call) {
        const Traces traces(parts);
        RequestContext context;
        context.caller = anonymous_caller();
        return test::run_coroutine<Result<T>>([&] { return call(traces, context); });
    }
    static SubjectQuery query(What what, const std::string& name, std::uint64_t limit) {
        SubjectQuery query;
        query.what = what;
        query.name_space = "bookinfo";
        query.name = name;
        query.request.limit = limit;
        return query;
    }
    Result<TraceList> of(What what, const std::string& name, std::uint64_t limit = 100) {
        return run<TraceList>([&](const Traces& traces, const RequestContext& context) {
            return traces.of(context, query(what, name, limit));
        });
    }
    Result<SpanList> spans_of(What what, const std::string& name) {
        return run<SpanList>([&](const Traces& traces, const RequestContext& context) {
            return traces.spans_of(context, query(what, name, 100));
        });
    }
};

std::vector<std::uint64_t> ids(const TraceList& list) {
    std::vector<std::uint64_t> out;
    for (const TraceView& view : list.traces) {
        out.push_back(view.trace->id.low);
    }
    return out;
}

}  // namespace

TEST_CASE(
    "the page of a workload has no trace of its siblings, and ten when ten exist", "[traces]"
) {
    Fixture f;
    const std::vector<std::string> versions{
        "reviews-v2", "reviews-v3", "reviews-v10", "reviews-v1"
    };
    for (std::uint64_t id = 1; id <= 400; ++id) {
        // Every fortieth trace goes to v1.
        const std::size_t version = id % 40 == 0 ? 3 : id % 3;
        f.add(id, versions[version], static_cast<std::int64_t>(id));
    }
    const auto ten = f.of(What::kWorkload, "reviews-v1", 10);
    REQUIRE(ten.has_value());
    CHECK(ten->service == "reviews.bookinfo");
    CHECK(ids(*ten) == std::vector<std::uint64_t>{40, 80, 120, 160, 200, 240, 280, 320, 360, 400});
    CHECK(f.of(What::kWorkload, "reviews-v1", 3)->traces.size() == 3);
    const auto more = f.of(What::kWorkload, "reviews-v1", 11);
    CHECK(more->traces.size() == 10);
    CHECK(more->meta.stopped_by == StoppedBy::kComplete);
    CHECK(more->meta.scanned == 400);

    const auto spans = f.spans_of(What::kWorkload, "reviews-v1");
    REQUIRE(spans.has_value());
    REQUIRE(spans->traces.size() == 10);
    for (const SelectedSpans& selected : spans->traces) {
        CHECK(selected.spans == std::vector<std::uint32_t>{1});
    }
    CHECK(f.of(What::kWorkload, "reviews-v10", 200)->traces.size() == 130);
}

TEST_CASE("a workload's spans are told by what they say where no cluster is known", "[traces]") {
    Fixture f;
    f.parts.cluster = nullptr;
    SpanRow row = f.span(1, "reviews-v1", kNow - 5'000'000);
    row.service = "reviews-v1.bookinfo";
    f.store.add(make_trace({0, 1}, {row}));
    row.tags = {{"node_id", node_id(f.pods.at("reviews-v10"), "bookinfo")}};
    f.store.add(make_trace({0, 2}, {row}));
    CHECK(ids(*f.of(What::kWorkload, "reviews-v1")) == std::vector<std::uint64_t>{1});
}

TEST_CASE("the page of a service has traces of what it selects", "[traces]") {
    Fixture f;
    f.add(1, "reviews-v1", 10);
    f.add(2, "reviews-v2", 20);
    f.add(3, "reviews-v3", 30);
    CHECK(ids(*f.of(What::kService, "reviews")) == std::vector<std::uint64_t>{1, 2, 3});
    const auto canary = f.of(What::kService, "reviews-canary");
    REQUIRE(canary.has_value());
    CHECK(canary->service == "reviews.bookinfo");
    CHECK(ids(*canary) == std::vector<std::uint64_t>{3});

    // One that says which service was called, by whomever.
    SpanRow named = f.span(1, "reviews-v1", kNow - 40'000'000);
    named.operation = "reviews-canary.bookinfo.svc.cluster.local:9080/*";
    f.store.add(make_trace({0, 4}, {named}));
    CHECK(ids(*f.of(What::kService, "reviews-canary")) == std::vector<std::uint64_t>{3, 4});
    const auto spans = f.spans_of(What::kService, "reviews-canary");
    REQUIRE(spans->traces.size() == 2);
    CHECK(spans->traces[0].spans == std::vector<std::uint32_t>{1});
    CHECK(f.spans_of(What::kService, "reviews")->meta.returned == 4);
}

TEST_CASE("what is not in the cluster is not found, but an application has no traces", "[traces]") {
    Fixture f;
    f.add(1, "reviews-v1", 10);
    CHECK(f.of(What::kWorkload, "ghost").error().kind() == ErrorKind::kNotFound);
    CHECK(f.spans_of(What::kService, "ghost").error().kind() == ErrorKind::kNotFound);
    CHECK(f.store.queries().empty());
    CHECK(f.of(What::kApp, "ghost")->traces.empty());
    f.parts.access = &f.bookinfo_only;
    SubjectQuery other = Fixture::query(What::kWorkload, "ghost", 1);
    other.name_space = "travel";
    const auto refused = f.run<TraceList>([&](const Traces& traces, const RequestContext& context) {
        return traces.of(context, other);
    });
    CHECK(refused.error().kind() == ErrorKind::kForbidden);
}

TEST_CASE("rights go by identity, and by both namespaces where a span names two", "[rights]") {
    Fixture f;
    f.cluster.add_workload("travel", "hotels-v1");
    SpanRow both = f.span(1, "reviews-v1", kNow - 5'000'000);
    both.tags.emplace_back("k8s.namespace.name", "travel");
    SpanRow hinted;  // by the name of its service only
    hinted.service = "reviews";
    const auto snapshot = f.cluster.snapshot();
    const auto seen_by = [&](const SpanRow& row, std::set<std::string, std::less<>> names) {
        const test::FakeAccess access(std::move(names));
        return !view_for(access, {}, make_trace({0, 1}, {row}), snapshot).all_hidden();
    };
    CHECK(seen_by(f.span(1, "reviews-v1", kNow), {"bookinfo"}));
    CHECK_FALSE(seen_by(both, {"bookinfo"}));
    CHECK_FALSE(seen_by(both, {"travel"}));
    CHECK(seen_by(both, {"bookinfo", "travel"}));
    CHECK_FALSE(seen_by(hinted, {"bookinfo", "travel"}));
}

TEST_CASE("a workload's page shows limited callers what a span that they see is in", "[rights]") {
    Fixture f;
    f.add(1, "reviews-v1", 10);
    SpanRow both = f.span(2, "reviews-v1", kNow - 20'000'000);
    both.tags.emplace_back("k8s.namespace.name", "travel");
    f.store.add(make_trace({0, 2}, {f.span(1, "productpage-v1", kNow - 20'000'000), both}));
    CHECK(f.of(What::kWorkload, "reviews-v1")->traces.size() == 2);
    f.parts.access = &f.bookinfo_only;
    const auto limited = f.of(What::kWorkload, "reviews-v1");
    CHECK(ids(*limited) == std::vector<std::uint64_t>{1});
    CHECK(limited->meta.stopped_by == StoppedBy::kRights);
}
