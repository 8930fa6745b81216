#include "demo/metrics/history.hpp"
#include "demo/metrics/live_metrics.hpp"
#include "demo/metrics/wire.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/scratch_dir.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <set>
#include <thread>

using namespace meshscope;
using namespace meshscope::demo;

namespace {

const SystemTime kStart = from_micros(1'763'683'200'000'000);
constexpr std::chrono::minutes kTen{10};

EventStream stream(std::string_view scenario) { return {*scenario_named(scenario), 1, kStart}; }

std::string_view label(const SeriesGroup& group, std::string_view name) {
    const auto at = std::find_if(group.labels.begin(), group.labels.end(), [name](const auto& one) {
        return one.first == name;
    });
    return at == group.labels.end() ? std::string_view() : at->second;
}

// Calls of `callee` that its own proxy has seen end in (from, to].
std::vector<Call> served(
    const EventStream& events, std::string_view callee, SystemTime from, SystemTime to
) {
    std::vector<Call> out;
    for (auto n = events.last_number(from) - 10; n <= events.last_number(to); ++n) {
        const Request request = events.request(n);
        for (const Call& call : request.calls) {
            const auto end =
                request.start +
                std::chrono::microseconds(call.start_us + call.inbound_us + call.served_us);
            if (call.arrived && events.topology()[call.callee].name == callee && end > from &&
                end <= to) {
                out.push_back(call);
            }
        }
    }
    return out;
}

// The number of values_of(kRequests)[value] over all series of a workload's own proxy.
double total(const MeshMetrics& metrics, std::string_view workload, std::size_t value) {
    double sum = 0;
    for (const SeriesGroup& group : metrics.groups()) {
        if (label(group, "reporter") == "destination" &&
            label(group, "destination_workload") == workload) {
            sum += group.values[value];
        }
    }
    return sum;
}

}  // namespace

TEST_CASE("what the proxies count is what has happened") {
    const EventStream events = stream("normal");
    MeshMetrics metrics(events, kStart - kTen);
    metrics.advance(kStart);
    const std::vector<Call> calls = served(events, "ratings-v1", kStart - kTen, kStart);
    REQUIRE(calls.size() > 20);

    CHECK(total(metrics, "ratings-v1", kRequestCount) == static_cast<double>(calls.size()));
    CHECK(
        total(metrics, "ratings-v1", kDuration + kBuckets + 1) == static_cast<double>(calls.size())
    );
    double milliseconds = 0;
    double bytes = 0;
    for (const Call& call : calls) {
        milliseconds += static_cast<double>(call.served_us) / 1000;
        bytes += static_cast<double>(call.response_bytes);
    }
    CHECK(total(metrics, "ratings-v1", kDuration + kBuckets) == Approx(milliseconds));
    CHECK(total(metrics, "ratings-v1", kResponseSize + kBuckets) == Approx(bytes));
    for (std::size_t bucket = 0; bucket < kBounds.size(); ++bucket) {
        const auto within = std::count_if(calls.begin(), calls.end(), [&](const Call& call) {
            return static_cast<double>(call.served_us) / 1000 <= kBounds[bucket];
        });
        CHECK(total(metrics, "ratings-v1", kDuration + bucket) == static_cast<double>(within));
    }
}

TEST_CASE("a slow ratings call is slow in its bucket") {
    const EventStream events = stream("slow-ratings");
    MeshMetrics metrics(events, kStart - kTen);
    metrics.advance(kStart);
    const auto upto_second = static_cast<std::size_t>(
        std::find(kBounds.begin(), kBounds.end(), 1'000) - kBounds.begin()
    );
    const double all = total(metrics, "ratings-v1", kRequestCount);
    CHECK(total(metrics, "ratings-v1", kDuration + upto_second) < 0.5 * all);
}

TEST_CASE("both proxies report with Istio's labels, and who did is a label of the scrape") {
    const EventStream events = stream("normal");
    MeshMetrics metrics(events, kStart - kTen);
    metrics.advance(kStart);
    const auto find = [&](std::string_view reporter, std::string_view source, std::string_view code
                      ) {
        const auto at = std::find_if(
            metrics.groups().begin(),
            metrics.groups().end(),
            [&](const SeriesGroup& group) {
                return label(group, "reporter") == reporter &&
                       label(group, "source_workload") == source &&
                       label(group, "destination_service_name") == "details" &&
                       label(group, "response_code") == code;
            }
        );
        REQUIRE(at != metrics.groups().end());
        CHECK(std::is_sorted(at->labels.begin(), at->labels.end()));
        return *at;
    };
    const auto check = [](const SeriesGroup& group, const Labels& expected) {
        for (const auto& [name, value] : expected) {
            INFO(name);
            CHECK(label(group, name) == value);
        }
    };
    check(
        find("destination", "productpage-v1", "200"),
        {{"app", "details"},
         {"connection_security_policy", "mutual_tls"},
         {"destination_canonical_revision", "v1"},
         {"destination_canonical_service", "details"},
         {"destination_cluster", "Kubernetes"},
         {"destination_principal", "spiffe://cluster.local/ns/bookinfo/sa/bookinfo-details"},
         {"destination_service", "details.bookinfo.svc.cluster.local"},
         {"destination_service_namespace", "bookinfo"},
         {"destination_workload", "details-v1"},
         {"destination_workload_namespace", "bookinfo"},
         {"namespace", "bookinfo"},
         {"request_protocol", "http"},
         {"response_flags", "-"},
         {"source_canonical_service", "productpage"},
         {"source_principal", "spiffe://cluster.local/ns/bookinfo/sa/bookinfo-productpage"},
         {"source_workload_namespace", "bookinfo"}}
    );
    // Nobody was there to take it: only the caller's proxy knows, and not whom it would have been.
    check(
        find("source", "productpage-v1", "503"),
        {{"app", "productpage"},
         {"connection_security_policy", "unknown"},
         {"destination_canonical_service", "unknown"},
         {"destination_service", "details.bookinfo.svc.cluster.local"},
         {"destination_workload", "unknown"},
         {"response_flags", "UH"}}
    );
    // An API gateway outside of the mesh is nobody to the callee's proxy.
    const auto stranger = std::find_if(
        metrics.groups().begin(),
        metrics.groups().end(),
        [](const SeriesGroup& group) { return label(group, "source_workload") == "unknown"; }
    );
    REQUIRE(stranger != metrics.groups().end());
    check(
        *stranger,
        {{"reporter", "destination"},
         {"connection_security_policy", "none"},
         {"source_cluster", "unknown"},
         {"source_principal", "unknown"}}
    );
}

TEST_CASE("numbers do not depend on how often they are asked for, and do not shrink") {
    const EventStream events = stream("normal");
    MeshMetrics once(events, kStart - kTen);
    MeshMetrics often(events, kStart - kTen);
    double before = 0;
    for (SystemTime at = kStart - kTen; at <= kStart; at += std::chrono::seconds(3)) {
        often.advance(at);
        const double now = total(often, "details-v1", kRequestCount);
        CHECK(now >= before);
        before = now;
    }
    once.advance(kStart);
    CHECK(exposition(once.groups()) == exposition(often.groups()));
}

TEST_CASE("the crowd is busy, a few of it fail, and its proxies do not count sizes") {
    const EventStream events = stream("many-workloads");
    MeshMetrics metrics(events, kStart - kTen);
    metrics.advance(kStart);
    std::ptrdiff_t busy = 0;
    std::ptrdiff_t failing = 0;
    for (const SeriesGroup& group : metrics.groups()) {
        if (label(group, "destination_workload_namespace") != "crowd") {
            continue;
        }
        CHECK(group.measured == Measured::kRequestsOnly);
        busy += group.values[kRequestCount] >= 5 ? 1 : 0;
        failing += label(group, "response_code") == "503" ? 1 : 0;
    }
    CHECK(busy >= 2'000);
    CHECK(failing > 30);
    CHECK(failing <= 40);
}

TEST_CASE("the zoo has every class of traffic") {
    const EventStream events = stream("graph-zoo");
    MeshMetrics metrics(events, kStart - std::chrono::hours(1));
    metrics.advance(kStart - kTen);
    const auto groups = metrics.groups();
    std::vector<SeriesGroup> before(groups.begin(), groups.end());
    metrics.advance(kStart);

    struct Row {
        std::string_view what;
        Measured measured;
        Labels labels;
        bool grows;
    };
    const std::vector<Row> rows = {
        {"TCP",
         Measured::kConnections,
         {{"destination_workload", "mysqldb-v1"},
          {"request_protocol", "tcp"},
          {"source_workload", "ratings-v1"},
          {"reporter", "source"},
          {"response_code", ""}},
         true},
        {"TCP from nobody",
         Measured::kConnections,
         {{"destination_workload", "mysqldb-v1"},
          {"source_workload", "unknown"},
          {"connection_security_policy", "none"}},
         true},
        {"gRPC",
         Measured::kRequests,
         {{"destination_workload", "currency-v1"},
          {"request_protocol", "grpc"},
          {"grpc_response_status", "0"},
          {"response_code", "200"}},
         true},
        {"gRPC that fails",
         Measured::kRequests,
         {{"destination_workload", "currency-v1"},
          {"grpc_response_status", "14"},
          {"response_code", "200"}},
         true},
        {"messages",
         Measured::kMessages,
         {{"destination_workload", "currency-v1"},
          {"response_code", ""},
          {"response_flags", ""},
          {"grpc_response_status", ""}},
         true},
        {"no response",
         Measured::kRequests,
         {{"destination_service_name", "travels"}, {"response_code", "0"}, {"response_flags", "DC"}
         },
         true},
        {"service entry",
         Measured::kConnections,
         {{"destination_service", "fares.example.com"},
          {"destination_service_name", "fares.example.com"},
          {"destination_workload", "unknown"},
          {"destination_cluster", "unknown"}},
         true},
        {"passthrough",
         Measured::kRequests,
         {{"destination_service_name", "PassthroughCluster"},
          {"destination_service", "books.example.com"}},
         true},
        {"black hole",
         Measured::kRequests,
         {{"destination_service_name", "BlackHoleCluster"}, {"response_code", "502"}},
         true},
        {"idle",
         Measured::kRequests,
         {{"source_workload", "loyalty-v1"}, {"reporter", "destination"}},
         false},
        {"node's proxy",
         Measured::kConnections,
         {{"app", "ztunnel"}, {"source_workload", "notes-v1"}, {"reporter", "destination"}},
         true},
        {"waypoint",
         Measured::kRequests,
         {{"app", "waypoint"},
          {"reporter", "waypoint"},
          {"source_workload", "notes-v1"},
          {"destination_workload", "store-v1"}},
         true},
    };
    for (const Row& row : rows) {
        INFO(row.what);
        double then = 0;
        double now = 0;
        for (std::size_t i = 0; i < metrics.groups().size(); ++i) {
            const SeriesGroup& group = metrics.groups()[i];
            const bool fits =
                std::all_of(row.labels.begin(), row.labels.end(), [&](const auto& one) {
                    return label(group, one.first) == one.second;
                });
            if (fits && group.measured == row.measured) {
                now += group.values[0];
                then += i < before.size() ? before[i].values[0] : 0;
            }
        }
        CHECK(now > 0);
        CHECK((now > then) == row.grows);
    }
}

TEST_CASE("no series is told twice") {
    for (const std::string_view scenario : {"normal", "ratings-errors", "krakend", "graph-zoo"}) {
        const EventStream events = stream(scenario);
        MeshMetrics metrics(events, kStart);
        metrics.advance(kStart + kTen);
        std::set<std::pair<int, Labels>> seen;
        for (const SeriesGroup& group : metrics.groups()) {
            INFO(scenario << ", " << label(group, "destination_workload"));
            CHECK(seen.emplace(static_cast<int>(group.measured), group.labels).second);
        }
        CHECK(seen.size() > 5);
    }
}

TEST_CASE("flows are the same however their time is cut") {
    const EventStream events = stream("graph-zoo");
    const Flows flows(events);
    const auto whole = flows.between(kStart - kTen, kStart + kTen).size();
    std::size_t parts = 0;
    for (SystemTime at = kStart - kTen; at < kStart + kTen; at += std::chrono::seconds(7)) {
        parts += flows.between(at, std::min(kStart + kTen, at + std::chrono::seconds(7))).size();
    }
    CHECK(whole > 1'000);
    CHECK(parts == whole);
}

TEST_CASE("a scrape reads Prometheus' text, once the history is complete") {
    const EventStream events = stream("normal");
    const test::ManualClock clock(kStart);
    LiveMetrics live(events, clock, {{}, kTen});
    const HttpReply reply = live.scrape(parse_target("GET", "/metrics"));
    CHECK(reply.status == 200);
    CHECK(reply.content_type == "text/plain; version=0.0.4; charset=utf-8");
    CHECK(reply.body.starts_with("# TYPE istio_requests_total counter\nistio_requests_total{app=\"")
    );
    CHECK(reply.body.find(",le=\"+Inf\"} ") != std::string::npos);
    CHECK(live.history().body.find(R"("state":"none")") != std::string::npos);
    CHECK(live.scrape(parse_target("GET", "/other")).status == 404);
}

TEST_CASE("the history is written in the background, and until then nobody reads half of it") {
    const EventStream events = stream("normal");
    const test::ManualClock clock(kStart);
    const test::ScratchDir folder;
    LiveMetrics live(events, clock, {folder.path("data"), kTen});
    live.fill();
    while (live.history().body.find("filling") != std::string::npos) {
        std::this_thread::yield();
    }
    const std::string told = live.history().body;
    CHECK(told.find(R"("state":"complete","percent":100,"from":1763682600,"to":1763683200)") == 1);
    CHECK(live.scrape(parse_target("GET", "/metrics")).status == 200);
    const std::filesystem::directory_iterator blocks(folder.path("data"));
    CHECK(std::filesystem::exists(blocks->path() / "index"));
    CHECK(std::filesystem::exists(blocks->path() / "chunks" / "000001"));
    CHECK(std::filesystem::exists(blocks->path() / "meta.json"));
}

TEST_CASE("a history that cannot be written is said, with the file") {
    const EventStream events = stream("normal");
    const test::ManualClock clock(kStart);
    LiveMetrics live(events, clock, {"/dev/null/nowhere", kTen});
    live.fill();
    while (live.history().body.find("filling") != std::string::npos) {
        std::this_thread::yield();
    }
    const std::string told = live.history().body;
    CHECK(told.find(R"("state":"failed")") != std::string::npos);
    CHECK(told.find("cannot write /dev/null/nowhere") != std::string::npos);
}

TEST_CASE("words of Prometheus' files") {
    const auto text = [](auto put, auto value) {
        std::string out;
        put(out, value);
        return out;
    };
    CHECK(text(put_varint, 300U) == "\xAC\x02");
    CHECK(text(put_signed_varint, -1) == "\x01");
    CHECK(text(put_signed_varint, 1) == "\x02");
    CHECK(text(put_u32, 0x01020304U) == "\x01\x02\x03\x04");
    CHECK(text(put_u64, 0x0102030405060708U) == "\x01\x02\x03\x04\x05\x06\x07\x08");
    CHECK(checksum_of("123456789") == 0xE3069283U);
}
