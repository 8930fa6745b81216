#include "business/heatmap.hpp"

#include "business/traces.hpp"
#include "tests/support/fake_access.hpp"
#include "tests/support/fake_cluster.hpp"
#include "tests/support/fake_metric_store.hpp"
#include "tests/support/fake_trace_store.hpp"
#include "tests/support/make_trace.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/run_coroutine.hpp"

#include <catch2/catch.hpp>

#include <set>
#include <string>
#include <vector>

using namespace meshscope;
using namespace meshscope::business;
using namespace std::chrono_literals;
using test::make_trace;
using test::MetricRow;
using test::SpanRow;

namespace {

constexpr std::int64_t kNow = 1'763'683'200'000'000;
constexpr std::int64_t kStart = kNow - 100'000'000;

// A span of the proxy beside `workload`.
SpanRow proxy(
    std::uint64_t id,
    std::uint64_t parent,
    const std::string& workload,
    bool server,
    std::int64_t duration_us,
    const std::string& ns = "bookinfo"
) {
    SpanRow row;
    row.id = id;
    row.parent = parent;
    row.start_us = kStart + static_cast<std::int64_t>(id) * 10;
    row.duration_us = duration_us;
    row.service = workload + "." + ns;
    row.tags = {
        {"component", std::string("proxy")},
        {"node_id",
         "sidecar~10.0.0.1~" + workload + "-79f774bdb9-x7k2p." + ns + "~" + ns +
             ".svc.cluster.local"},
        {"span.kind", std::string(server ? "server" : "client")},
    };
    return row;
}

SpanRow program(std::uint64_t id, std::uint64_t parent) {
    SpanRow row;
    row.id = id;
    row.parent = parent;
    row.start_us = kStart + static_cast<std::int64_t>(id) * 10;
    row.service = "details.bookinfo";
    return row;
}

// productpage is called and calls details, which takes 5.96 ms of the 7.1 that the call takes.
models::TracePtr bookinfo(std::uint64_t id = 42) {
    return make_trace(
        {0, id},
        {proxy(1, 0, "productpage-v1", true, 20'000),
         proxy(2, 1, "productpage-v1", false, 7'100),
         proxy(3, 2, "details-v1", true, 5'960),
         program(4, 3)}
    );
}

struct Buckets {
    std::string side;  // "destination"
    std::string workload;
    std::string ns = "bookinfo";
};

// 770 calls in ten minutes, of which one in a hundred takes 23.46 ms: 4 rows of the rates, 1 sum.
void add_rows(std::vector<MetricRow>& rows, const Buckets& of) {
    const std::pair<const char*, double> counts[] = {
        {"1", 9}, {"5", 409}, {"10", 695}, {"25", 770}, {"+Inf", 770}
    };
    const std::map<std::string, std::string> labels{
        {of.side + "_workload", of.workload}, {of.side + "_workload_namespace", of.ns}
    };
    for (const auto& [le, count] : counts) {
        MetricRow row{labels, count / 600};
        row.labels["le"] = le;
        rows.push_back(row);
    }
    rows.push_back({labels, 770 * 6.0 / 600});
}

// Of two queries in one: more workloads are called than call.
std::vector<MetricRow> both_ways(
    const std::vector<MetricRow>& inbound, const std::vector<MetricRow>& outbound
) {
    std::vector<MetricRow> rows = inbound;
    rows.insert(rows.end(), outbound.begin(), outbound.end());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        rows[i].labels["meshscope_branch"] = i < inbound.size() ? "0" : "1";
    }
    return rows;
}

HeatmapSettings settings() {
    HeatmapSettings settings;
    settings.intervals = {{"10m", 600s}, {"60m", 3600s}, {"3h", 10'800s}};
    return settings;
}

struct Fixture {
    test::FakeTraceStore store;
    test::FakeMetricStore metrics;
    test::ManualClock clock;
    test::FakeCluster cluster{&clock};
    Masker masker;
    CallerAccess all;
    test::FakeAccess bookinfo_only{{"bookinfo"}};
    const Access* access = &all;
    bool has_metrics = true;
    bool has_cluster = false;
    HeatmapSettings of = settings();

    Fixture() { store.add(bookinfo()); }

    void answer_all() {
        std::vector<MetricRow> inbound;
        add_rows(inbound, {"destination", "details-v1"});
        add_rows(inbound, {"destination", "productpage-v1"});
        std::vector<MetricRow> outbound;
        add_rows(outbound, {"source", "productpage-v1"});
        metrics.answer("meshscope_branch", both_ways(inbound, outbound));
        metrics.answer("destination_workload=", inbound);
        metrics.answer("destination_workload=~", inbound);
        metrics.answer("source_workload=", outbound);
    }

    template <class T>
    Result<T> run(
        std::function<Awaitable<Result<T>>(const Heatmaps&, RequestContext)> call,
        boost::asio::cancellation_signal* cancel = nullptr
    ) {
        Traces::Parts inner;
        inner.store = &store;
        inner.access = access;
        inner.clock = &clock;
        inner.masker = &masker;
        inner.cluster = has_cluster ? &cluster : nullptr;
        const Traces traces(inner);
        Heatmaps::Parts parts;
        parts.traces = &traces;
        parts.access = access;
        parts.metrics = has_metrics ? &metrics : nullptr;
        parts.unavailable = Error(ErrorKind::kUnavailable, "metrics are off").with_code("off");
        parts.cluster = inner.cluster;
        parts.clock = &clock;
        parts.settings = of;
        const Heatmaps heatmaps(parts);
        RequestContext context;
        context.caller = anonymous_caller();
        return test::run_coroutine<Result<T>>([&] { return call(heatmaps, context); }, cancel);
    }
    Result<Heatmap> heatmap(HeatOptions options = {}, std::uint64_t id = 42) {
        return run<Heatmap>([&](const Heatmaps& maps, RequestContext context) {
            return maps.of(std::move(context), {TraceId{0, id}, options});
        });
    }
    Result<HeatmapList> list(std::vector<TraceId> ids, HeatOptions options = {}) {
        return run<HeatmapList>([&](const Heatmaps& maps, RequestContext context) {
            return maps.of_many(std::move(context), {ids, options});
        });
    }
};

std::set<MissingCell> reasons(const HeatCells& cells) {
    std::set<MissingCell> found;
    for (const auto& row : cells) {
        for (const HeatCell& cell : row) {
            found.insert(cell.missing);
        }
    }
    return found;
}

using Reasons = std::set<MissingCell>;

}  // namespace

TEST_CASE("a span is held against what was measured when it was made", "[heatmap]") {
    Fixture f;
    f.answer_all();
    const auto map = f.heatmap();
    REQUIRE(map.has_value());
    // 5.96 ms against 23.46: not slow.
    REQUIRE(map->spans.size() == 4);
    const Heatmap::Span& details = map->spans[2];
    CHECK(details.target->name == "details-v1");
    CHECK(details.direction == Direction::kInbound);
    const HeatCell& p99 = details.cells[0][3];
    CHECK(p99.missing == MissingCell::kNone);
    CHECK(p99.stat == Approx(23.46).epsilon(1e-12));
    CHECK(p99.value == Approx(-17.5).epsilon(1e-12));
    CHECK(p99.samples == 770);
    CHECK(details.cells[0][0].stat == Approx(6));
    CHECK(details.cells[2][3].samples == 770 * 18);  // the same rate over three hours
    // The call as productpage saw it has numbers of its own, and the gap between the two is told.
    CHECK(map->spans[1].direction == Direction::kOutbound);
    CHECK(map->spans[1].cells[0][3].value == Approx(7.1 - 23.46).epsilon(1e-12));
    REQUIRE(map->pairs.size() == 1);
    CHECK(map->pairs[0].client == SpanId{2});
    CHECK(map->pairs[0].server == SpanId{3});
    CHECK(map->pairs[0].gap_ns == 1'140'000);
    // Programs are not measured.
    CHECK(reasons(map->spans[3].cells) == Reasons{MissingCell::kNotAProxySpan});
    // The trace: the mean over productpage (20 ms) and details, never over the client's side.
    CHECK(map->basis == "inbound spans of proxies");
    CHECK(map->trace[0][3].value == Approx((20 + 5.96) / 2 - 23.46).epsilon(1e-12));
    CHECK(map->trace[0][3].samples == 770);
    // At the trace's end, in whole seconds.
    CHECK(map->evaluated_at == from_micros(kStart + 1'000'000));
}

TEST_CASE("a heatmap costs a query for each direction and longer interval", "[heatmap]") {
    Fixture f;
    f.answer_all();
    const auto map = f.heatmap();
    REQUIRE(map.has_value());
    const auto asked = f.metrics.asked();
    std::vector<std::string> order;  // the shortest interval comes first, then what takes longest
    for (const auto& query : asked) {
        CHECK(query.at == map->evaluated_at);
        const std::size_t at = query.text.find('[');
        const bool inbound = query.text.find("reporter=\"destination\"") != std::string::npos;
        const bool outbound = query.text.find("reporter=\"source\"") != std::string::npos;
        order.push_back(
            std::string(inbound ? "in " : "") + (outbound ? "out " : "") +
            query.text.substr(at, query.text.find(']') - at + 1)
        );
    }
    CHECK(
        order ==
        std::vector<std::string>{
            "in out [600s]", "in [10800s]", "out [10800s]", "in [3600s]", "out [3600s]"
        }
    );
    CHECK(map->meta.upstream.at("prometheus").calls == 5);

    HeatOptions now;
    now.now = true;
    CHECK(f.heatmap(now)->evaluated_at == from_micros(kNow));
}

TEST_CASE("the trace's own cells are of whom one asks for", "[heatmap]") {
    Fixture f;
    f.answer_all();
    HeatOptions options;
    options.workload = "details-v1";
    const auto of_details = f.heatmap(options);
    CHECK(of_details->basis == "inbound spans of details-v1");
    CHECK(of_details->trace[0][3].value == Approx(-17.5).epsilon(1e-12));
    options.name_space = "travel";
    CHECK(reasons(f.heatmap(options)->trace) == Reasons{MissingCell::kNotAProxySpan});
    HeatOptions every;
    every.every_span = true;
    CHECK(
        f.heatmap(every)->trace[0][3].value == Approx((20 + 7.1 + 5.96) / 3 - 23.46).epsilon(1e-12)
    );
}

TEST_CASE("a request as fast as the average is a zero, not a gap", "[heatmap]") {
    Fixture f;
    f.store.add(make_trace({0, 7}, {proxy(1, 0, "details-v1", true, 6'000)}));
    std::vector<MetricRow> rows;
    add_rows(rows, {"destination", "details-v1"});
    f.metrics.answer("", rows);
    const auto map = f.heatmap({}, 7);
    CHECK(map->trace[0][0].missing == MissingCell::kNone);
    CHECK(map->trace[0][0].value == Approx(0).margin(1e-12));
}

TEST_CASE("a cell without a value says why", "[heatmap]") {
    SECTION("nobody counts") {
        Fixture f;
        const auto map = f.heatmap();
        CHECK(reasons(map->spans[2].cells) == Reasons{MissingCell::kNoMetrics});
        CHECK(reasons(map->trace) == Reasons{MissingCell::kNoMetrics});
        REQUIRE(map->meta.warnings.size() == 1);
        CHECK(map->meta.warnings[0].code == "metric_missing");
        CHECK(f.metrics.asked().size() == 5);
    }
    SECTION("nothing was counted") {
        Fixture f;
        std::vector<MetricRow> idle;
        add_rows(idle, {"destination", "details-v1"});
        for (MetricRow& row : idle) {
            row.value = 0;
        }
        f.metrics.answer("[10800s]", idle);  // of shorter times there are no series
        const auto map = f.heatmap();
        CHECK(reasons(map->spans[2].cells) == Reasons{MissingCell::kNoSamples});
        CHECK(reasons(map->spans[0].cells) == Reasons{MissingCell::kNoMetrics});
        CHECK(map->meta.warnings.empty());
    }
    SECTION("samples are too far apart") {
        Fixture f;
        f.answer_all();
        clients::MetricStoreState state;
        state.scrape_interval = 400s;
        f.metrics.set_state(state);
        const auto map = f.heatmap();
        REQUIRE(map->meta.warnings.size() == 1);
        CHECK(map->meta.warnings[0].message.starts_with("rates over 600 s may be empty"));
    }
    SECTION("the store fails") {
        Fixture f;
        f.metrics.fail("", Error(ErrorKind::kUpstreamUnavailable, "Prometheus is not reached"));
        const auto map = f.heatmap();
        REQUIRE(map.has_value());
        CHECK(reasons(map->spans[0].cells) == Reasons{MissingCell::kUpstream});
        CHECK(reasons(map->trace) == Reasons{MissingCell::kUpstream});
        REQUIRE(map->meta.warnings.size() == 1);
        CHECK(map->meta.warnings[0].message == "Prometheus is not reached");
        CHECK(map->pairs.size() == 1);
    }
    SECTION("one interval fails") {
        Fixture f;
        f.answer_all();
        f.metrics.fail("[10800s]", Error(ErrorKind::kDeadline, "too slow"));
        const auto map = f.heatmap();
        CHECK(map->spans[2].cells[1][0].missing == MissingCell::kNone);
        CHECK(map->spans[2].cells[2][0].missing == MissingCell::kUpstream);
        CHECK(map->trace[2][0].missing == MissingCell::kUpstream);
    }
    SECTION("metrics are off") {
        Fixture f;
        f.has_metrics = false;
        const auto map = f.heatmap();
        CHECK(reasons(map->spans[0].cells) == Reasons{MissingCell::kNoMetrics});
        CHECK(map->meta.warnings[0].code == "off");
    }
    SECTION("the span is hidden") {
        Fixture f;
        f.access = &f.bookinfo_only;
        f.store.add(make_trace(
            {0, 8},
            {proxy(1, 0, "productpage-v1", false, 9'000),
             proxy(2, 1, "hotels-v1", true, 8'000, "travel")}
        ));
        const auto map = f.heatmap({}, 8);
        CHECK_FALSE(map->spans[1].target.has_value());
        CHECK(reasons(map->spans[1].cells) == Reasons{MissingCell::kRights});
        CHECK(reasons(map->trace) == Reasons{MissingCell::kRights});
        CHECK(map->pairs.empty());
        CHECK(map->meta.upstream.empty());
        for (const auto& query : f.metrics.asked()) {
            CHECK(query.text.find("travel") == std::string::npos);
            CHECK(query.text.find("hotels") == std::string::npos);
        }
    }
    SECTION("there are too many targets") {
        Fixture f;
        std::vector<SpanRow> rows;
        for (std::uint64_t i = 1; i <= kMaxHeatmapTargets + 2; ++i) {
            rows.push_back(proxy(i, 0, "w" + std::to_string(i) + "-v1", true, 1'000));
        }
        f.store.add(make_trace({0, 9}, rows));
        const auto map = f.heatmap({}, 9);
        CHECK(f.metrics.asked().size() == 3);
        std::size_t limited = 0;
        for (const auto& span : map->spans) {
            limited += reasons(span.cells) == Reasons{MissingCell::kLimit} ? 1 : 0;
        }
        CHECK(limited == 2);
    }
}

TEST_CASE("who leaves ends the asking: what was not asked is no answer", "[heatmap]") {
    Fixture f;
    f.answer_all();
    boost::asio::cancellation_signal leave;
    SECTION("one trace") {
        const auto map = f.run<Heatmap>(
            [&](const Heatmaps& maps, RequestContext context) {
                leave.emit(boost::asio::cancellation_type::terminal);
                return maps.of(std::move(context), {TraceId{0, 42}, {}});
            },
            &leave
        );
        REQUIRE(map.has_value());
        CHECK(reasons(map->trace) == Reasons{MissingCell::kUpstream});
        CHECK(map->meta.warnings.at(0).message == "the caller left");
    }
    SECTION("a page of them") {
        const auto list = f.run<HeatmapList>(
            [&](const Heatmaps& maps, RequestContext context) {
                leave.emit(boost::asio::cancellation_type::terminal);
                return maps.of_many(std::move(context), {{TraceId{0, 42}}, {}});
            },
            &leave
        );
        REQUIRE(list.has_value());
        CHECK(list->traces.at(0).missing->kind() == ErrorKind::kCancelled);
    }
    CHECK(f.metrics.asked().empty());
}

TEST_CASE("intervals are no longer than the namespace is old", "[heatmap]") {
    Fixture f;
    f.has_cluster = true;
    f.cluster.add_workload("bookinfo", "details-v1");
    f.cluster.add_workload("bookinfo", "productpage-v1");
    const auto* view = f.cluster.snapshot()->find("bookinfo");
    REQUIRE(view != nullptr);
    auto younger = std::make_shared<models::ClusterSnapshot>(*f.cluster.snapshot());
    auto changed = std::make_shared<models::NamespaceView>(*view);
    changed->object.meta.created = from_micros(kStart + 1'000'000) - 1000s;
    younger->namespaces = {changed};
    f.cluster.set_snapshot(younger);
    const auto map = f.heatmap();
    REQUIRE(map.has_value());
    std::set<std::string> lengths;
    for (const auto& query : f.metrics.asked()) {
        const std::size_t at = query.text.find('[');
        lengths.insert(query.text.substr(at, query.text.find(']') - at + 1));
    }
    CHECK(lengths == std::set<std::string>{"[600s]", "[1000s]"});
    CHECK(f.metrics.asked().size() == 3);
    REQUIRE_FALSE(map->meta.warnings.empty());
    CHECK(map->meta.warnings.front().code == "young_namespace");
}

TEST_CASE("native histograms are asked for when there are no buckets", "[heatmap]") {
    Fixture f;
    const std::map<std::string, std::string> labels{
        {"destination_workload", "details-v1"}, {"destination_workload_namespace", "bookinfo"}
    };
    const auto row = [&](const std::string& part, double value) {
        MetricRow made{labels, value};
        made.labels["meshscope_part"] = part;
        return made;
    };
    f.metrics.answer(
        "histogram_quantile(", {row("sum", 6), row("count", 1), row("q0", 5), row("q2", 23.46)}
    );
    f.metrics.answer("_bucket", {row("native", 3)});
    f.store.add(make_trace({0, 7}, {proxy(1, 0, "details-v1", true, 5'960)}));
    const auto map = f.heatmap({}, 7);
    CHECK(f.metrics.asked().size() == 6);
    CHECK(map->trace[0][3].value == Approx(-17.5).epsilon(1e-12));
    CHECK(map->trace[0][0].stat == 6);
    CHECK(map->trace[0][0].samples == 600);
    CHECK(map->trace[0][2].missing == MissingCell::kNoSamples);
}

TEST_CASE("a page of traces is held against metrics at moments of one grid", "[heatmap]") {
    Fixture f;
    std::vector<TraceId> ids;
    for (std::uint64_t i = 0; i < kMaxHeatmapTraces; ++i) {
        auto row = proxy(1, 0, i % 2 == 0 ? "details-v1" : "reviews-v1", true, 5'960);
        row.start_us = kNow - static_cast<std::int64_t>(i) * 30'000'000;
        f.store.add(make_trace({1, i + 1}, {row}));
        ids.push_back({1, i + 1});
    }
    ids[3] = {9, 9};
    std::vector<test::MetricSeriesRow> series;
    std::vector<MetricRow> rows;
    add_rows(rows, {"destination", "details-v1"});
    for (const MetricRow& row : rows) {
        test::MetricSeriesRow one{row.labels, {}};
        for (std::int64_t at = kNow / 1000 - 7'200'000; at <= kNow / 1000; at += 300'000) {
            one.points.push_back({at, row.value});
        }
        series.push_back(std::move(one));
    }
    f.metrics.answer_range("", series);
    const auto list = f.list(ids);
    REQUIRE(list.has_value());
    const auto asked = f.metrics.asked();
    CHECK(asked.size() == 2);  // inbound, two intervals
    REQUIRE(list->traces.size() == 100);
    CHECK(list->intervals.front().name == "60m");
    CHECK(list->stats.size() == 3);
    CHECK(list->traces[3].missing->kind() == ErrorKind::kNotFound);
    CHECK(list->traces[0].cells[0][0].value == Approx(-0.04));
    CHECK(reasons(list->traces[1].cells) == Reasons{MissingCell::kNoMetrics});
    CHECK(list->grid.step == 300s);
    CHECK(asked[0].range->start == list->grid.start);
    CHECK(asked[0].range->end == list->meta.used.end.value());
    CHECK(list->meta.used.end.value() <= from_micros(kNow));
    for (const auto& entry : list->traces) {
        if (!entry.missing) {
            CHECK((entry.evaluated_at - list->grid.start) % 300s == 0us);
        }
    }

    HeatOptions options;
    options.now = true;
    options.every_span = true;
    const auto now = f.list({{0, 42}, {1, 1}}, options);
    CHECK(f.metrics.asked().size() == 2 + 4);  // both directions, at one moment
    CHECK(now->grid.step == 0s);
    CHECK(now->traces[0].evaluated_at == from_micros(kNow));
}

TEST_CASE("the grid of a page has few moments and none to come", "[heatmap]") {
    const auto at = [](std::int64_t seconds) {
        return from_micros(kNow) + std::chrono::seconds(seconds);
    };
    CHECK(grid_over({}, at(0)).moments == 1);
    CHECK(grid_over({at(-5), at(-5)}, at(0)).start == at(-5));
    struct Row {
        std::vector<SystemTime> moments;
        std::chrono::seconds step;
    };
    const Row rows[] = {
        {{at(-60), at(-5)}, 15s},
        {{at(-3600), at(-5), at(-1800)}, 300s},
        {{at(-86'400), at(0)}, 14'400s},
        {{at(-86'400 * 360), at(0)}, 86'400s * 30},
    };
    for (const Row& row : rows) {
        const MomentGrid grid = grid_over(row.moments, at(0));
        INFO(row.step.count());
        CHECK(grid.step == row.step);
        CHECK(grid.moments <= 16);
        CHECK(grid.at(grid.moments - 1) <= at(0));
        for (const SystemTime moment : row.moments) {
            const auto distance = grid.at(grid.nearest(moment)) - moment;
            CHECK(std::chrono::abs(distance) <= grid.step);
        }
    }
}
