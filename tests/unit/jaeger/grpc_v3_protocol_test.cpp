#include "async/worker_pool.hpp"
#include "clients/jaeger/grpc/grpc_v2.hpp"
#include "clients/jaeger/grpc/grpc_v3.hpp"
#include "jaeger/api_v3/query_service.pb.h"
#include "tests/unit/jaeger/grpc_jaeger.hpp"

#include <catch2/catch.hpp>

using namespace meshscope;
using namespace meshscope::clients;
using namespace meshscope::test;
using std::chrono::milliseconds;

namespace {

namespace v3 = ::jaeger::api_v3;
namespace otlp = ::opentelemetry::proto::trace::v1;

constexpr const char* kFind = "/jaeger.api_v3.QueryService/FindTraces";
constexpr const char* kGet = "/jaeger.api_v3.QueryService/GetTrace";
constexpr const char* kServices = "/jaeger.api_v3.QueryService/GetServices";
constexpr const char* kOperations = "/jaeger.api_v3.QueryService/GetOperations";
constexpr const char* kHealth = "/grpc.health.v1.Health/Check";
constexpr int kUnknown = 2;
constexpr int kNotFound = 5;
constexpr int kUnimplemented = 12;

// A whole trace as one message.
std::string trace_of(std::uint8_t trace, int spans, std::size_t padding = 0) {
    otlp::TracesData data;
    auto& group = *data.add_resource_spans();
    auto& service = *group.mutable_resource()->add_attributes();
    service.set_key("service.name");
    service.mutable_value()->set_string_value("reviews");
    auto& scope = *group.add_scope_spans();
    for (int i = 1; i <= spans; ++i) {
        auto& span = *scope.add_spans();
        span.set_trace_id(std::string(15, '\0') + static_cast<char>(trace));
        span.set_span_id(std::string(6, '\0') + static_cast<char>(i / 256) + static_cast<char>(i));
        span.set_name("GET /");
        span.set_start_time_unix_nano(1'787'220'000'123'456'789);
        span.set_end_time_unix_nano(1'787'220'000'123'456'999);
        if (padding > 0) {
            auto& filler = *span.add_attributes();
            filler.set_key("filler");
            filler.mutable_value()->set_string_value(std::string(padding, 'p'));
        }
    }
    return data.SerializeAsString();
}

std::string some_services() {
    v3::GetServicesResponse services;
    for (const char* name : {"ratings", "details", "ratings"}) {
        services.add_services(name);
    }
    return services.SerializeAsString();
}

struct Fixture : GrpcJaeger {
    explicit Fixture(std::size_t receive_limit = 64UL * 1024 * 1024, WorkerPool* workers = nullptr)
        : GrpcJaeger(receive_limit) {
        protocol = clients::jaeger::make_grpc_v3(channel, workers, receive_limit);
    }
};

}  // namespace

TEST_CASE("a search of api_v3 sends what was asked and gives traces to the nanosecond") {
    Fixture jaeger;
    jaeger.script(kFind, {trace_of(1, 3), trace_of(2, 1)});
    TraceQuery query;
    query.service = "reviews.bookinfo";
    query.operation = "GET /";
    query.tags = {{"error", "true"}, {"bad", "\xff"}};
    query.window = {from_micros(1'787'220'000'000'001), from_micros(1'787'220'000'123'456)};
    query.min_duration = std::chrono::microseconds(2'000'001);
    query.limit = 20;
    const auto batch = jaeger.find(query);
    REQUIRE(batch.has_value());
    CHECK(batch->stopped_by == StoppedBy::kComplete);
    CHECK(batch->warnings.empty());
    REQUIRE(batch->traces.size() == 2);
    REQUIRE(batch->traces[0]->spans.size() == 3);
    CHECK(batch->traces[0]->spans[0].start_ns == 1'787'220'000'123'456'789);
    CHECK(batch->traces[0]->spans[0].duration_ns == 210);
    v3::FindTracesRequest sent;
    REQUIRE(sent.ParseFromString(jaeger.server.calls().at(0).request));
    CHECK(sent.query().service_name() == "reviews.bookinfo");
    CHECK(sent.query().operation_name() == "GET /");
    CHECK(sent.query().attributes().at("error") == "true");
    CHECK(sent.query().attributes().at("bad") == "\xEF\xBF\xBD");
    CHECK(sent.query().start_time_min().seconds() == 1'787'220'000);
    CHECK(sent.query().start_time_min().nanos() == 1'000);
    CHECK(sent.query().start_time_max().nanos() == 123'456'000);
    CHECK(sent.query().duration_min().seconds() == 2);
    CHECK(sent.query().duration_min().nanos() == 1'000);
    CHECK_FALSE(sent.query().has_duration_max());
    CHECK(sent.query().search_depth() == 20);
    CHECK_FALSE(sent.query().raw_traces());
    CHECK(jaeger.context.bill->of("jaeger").calls == 1);
}

TEST_CASE("api_v3 always gets a depth and a window with an end behind its start") {
    Fixture jaeger;
    jaeger.script(kFind, {});
    TraceQuery query;
    query.limit = 0;
    const auto batch = jaeger.find(query);
    REQUIRE(batch.has_value());
    CHECK(batch->traces.empty());
    CHECK(batch->stopped_by == StoppedBy::kComplete);
    v3::FindTracesRequest sent;
    REQUIRE(sent.ParseFromString(jaeger.server.calls().at(0).request));
    CHECK(sent.query().search_depth() == 1);
    CHECK(sent.query().has_start_time_min());
    CHECK(sent.query().start_time_min().nanos() == 0);
    CHECK(sent.query().start_time_max().nanos() == 1'000);
}

TEST_CASE("api_v3 is asked for a trace by 32 digits") {
    Fixture jaeger;
    jaeger.script(kGet, {trace_of(0x2A, 2)});
    const TimeRange near{from_micros(1'000'000), from_micros(5'000'000)};
    const auto batch = jaeger.get(TraceId{0, 0x2A}, near);
    REQUIRE(batch.has_value());
    REQUIRE(batch->traces.size() == 1);
    CHECK(batch->traces[0]->spans.size() == 2);
    REQUIRE(jaeger.get(TraceId{0, 0x2A}).has_value());
    v3::GetTraceRequest sent;
    REQUIRE(sent.ParseFromString(jaeger.server.calls().at(0).request));
    CHECK(sent.trace_id() == "0000000000000000000000000000002a");
    CHECK(sent.start_time().seconds() == 1);
    CHECK(sent.end_time().seconds() == 5);
    REQUIRE(sent.ParseFromString(jaeger.server.calls().at(1).request));
    CHECK_FALSE(sent.has_start_time());
    CHECK_FALSE(sent.has_end_time());
}

TEST_CASE("a trace that api_v3 does not have is not found, however the server says so") {
    Fixture jaeger;
    SECTION("a status") { jaeger.script(kGet, {}, kNotFound, "trace not found"); }
    SECTION("an empty stream") { jaeger.script(kGet, {}); }
    SECTION("a message without spans") { jaeger.script(kGet, {""}); }
    SECTION("another trace") { jaeger.script(kGet, {trace_of(7, 1)}); }
    const auto batch = jaeger.get(TraceId{0, 0x2A});
    REQUIRE_FALSE(batch.has_value());
    CHECK(batch.error().kind() == ErrorKind::kNotFound);
    CHECK(batch.error().message().find("000000000000002a") != std::string::npos);
}

TEST_CASE("a refusal in words only is the query's fault, any other failure the server's") {
    struct Row {
        const char* text;
        ErrorKind kind;
    };
    const Row row = GENERATE(values<Row>({
        {"malform trace ID: encoding/hex: invalid byte", ErrorKind::kInvalidArgument},
        {"start time min and max are required parameters", ErrorKind::kInvalidArgument},
        {"no shard at the start", ErrorKind::kUpstreamProtocol},
    }));
    Fixture jaeger;
    jaeger.script(kFind, {}, kUnknown, row.text);
    const auto batch = jaeger.find();
    REQUIRE(batch.has_error());
    CHECK(batch.error().kind() == row.kind);
    CHECK(batch.error().detail() == row.text);
    CHECK(batch.error().upstream() == "jaeger");
}

TEST_CASE("what api_v3 gave before the deadline is kept and marked") {
    Fixture jaeger;
    jaeger.context = jaeger.context_for(milliseconds(1'000));
    jaeger.script_stall(kFind, {trace_of(1, 2), trace_of(2, 1)});
    const auto batch = jaeger.find();
    REQUIRE(batch.has_value());
    CHECK(batch->stopped_by == StoppedBy::kTime);
    CHECK(batch->warnings.at(0).code == "partial_timeout");
    CHECK(batch->traces.size() == 2);
}

TEST_CASE("a trace of api_v3 beyond the receive limit is said; those before it are kept") {
    Fixture jaeger(200'000);
    SECTION("the first") {
        jaeger.script(kFind, {trace_of(1, 300, 1'000)});
        const auto batch = jaeger.find();
        REQUIRE(batch.has_error());
        CHECK(batch.error().code() == "receive_limit");
        CHECK(batch.error().hint().setting == "meshscope.receive_limit_mb");
    }
    SECTION("a later one") {
        jaeger.script(kFind, {trace_of(1, 1), trace_of(2, 300, 1'000)});
        const auto batch = jaeger.find();
        REQUIRE(batch.has_value());
        CHECK(batch->stopped_by == StoppedBy::kBytes);
        CHECK(batch->traces.size() == 1);
        CHECK(batch->warnings.at(0).code == "receive_limit");
    }
}

TEST_CASE("one message of api_v3 that takes more memory than the limit stops there") {
    constexpr int kSpans = 20'000;
    const std::string message = trace_of(1, kSpans);
    REQUIRE(message.size() > 1024UL * 1024);
    Fixture jaeger(message.size() + 10'000);
    jaeger.script(kFind, {message});
    const auto batch = jaeger.find();
    REQUIRE(batch.has_value());
    CHECK(batch->stopped_by == StoppedBy::kBytes);
    CHECK(batch->warnings.at(0).code == "receive_limit");
    CHECK(batch->dropped.empty());
    CHECK(batch->traces.at(0)->spans.size() > 1'000);
    CHECK(batch->traces.at(0)->spans.size() < kSpans);
}

TEST_CASE("a long message of api_v3 is decoded beside the caller's thread") {
    WorkerPool workers(1);
    const int spans = GENERATE(600, 2'500);  // in one block, and piece by piece
    {
        Fixture jaeger(64UL * 1024 * 1024, &workers);
        jaeger.script(kGet, {trace_of(1, spans, 1'000)});
        const auto batch = jaeger.get(TraceId{0, 1});
        REQUIRE(batch.has_value());
        const models::Trace& trace = *batch->traces.at(0);
        CHECK(trace.spans.size() == static_cast<std::size_t>(spans));
        CHECK(trace.spans.back().tags[0].text() == std::string(1'000, 'p'));
    }
    workers.join();
}

TEST_CASE("a message of api_v3 that cannot be read is counted and the others are kept") {
    Fixture jaeger;
    jaeger.script(kFind, {trace_of(1, 1), "\x0a\x7fgarbage", trace_of(2, 1)});
    const auto batch = jaeger.find();
    REQUIRE(batch.has_value());
    CHECK(batch->traces.size() == 2);
    CHECK(batch->stopped_by == StoppedBy::kBackend);
    CHECK(batch->dropped.at(0).reason == "bad_message");
    jaeger.script(kFind, {"\x0a\x7fgarbage"});
    const auto nothing = jaeger.find();
    REQUIRE(nothing.has_error());
    CHECK(nothing.error().kind() == ErrorKind::kUpstreamProtocol);
    CHECK(nothing.error().message().find("jaeger.api_v3") != std::string::npos);
}

TEST_CASE("services and operations of api_v3 come sorted and once") {
    Fixture jaeger;
    jaeger.script(kServices, {some_services()});
    const auto names = jaeger.services();
    REQUIRE(names.has_value());
    CHECK(*names == std::vector<std::string>{"details", "ratings"});
    v3::GetOperationsResponse operations;
    for (const char* kind : {"server", "client", "server"}) {
        auto& operation = *operations.add_operations();
        operation.set_name("GET /");
        operation.set_span_kind(kind);
    }
    jaeger.script(kOperations, {operations.SerializeAsString()});
    const auto found = jaeger.operations("server");
    REQUIRE(found.has_value());
    REQUIRE(found->size() == 2);
    CHECK(found->at(0).span_kind == "client");
    v3::GetOperationsRequest sent;
    REQUIRE(sent.ParseFromString(jaeger.server.calls().back().request));
    CHECK(sent.service() == "ratings");
    CHECK(sent.span_kind() == "server");
}

TEST_CASE("a probe of api_v3 asks the health service, but believes the answer") {
    struct Row {
        const char* what;
        int health;
        int services;
        const char* code;  // "" when the probe passes
    };
    const Row row = GENERATE(values<Row>({
        {"named and spoken", 0, 0, ""},
        {"no health service", kUnimplemented, 0, ""},
        {"spoken, but not named", kNotFound, 0, "server_too_old"},
        {"neither", kNotFound, kUnimplemented, "upstream_unimplemented"},
        {"only api_v2 and no health service",
         kUnimplemented,
         kUnimplemented,
         "upstream_unimplemented"},
        {"a proxy that hides the health service", 7, 0, ""},
    }));
    INFO(row.what);
    Fixture jaeger;
    jaeger.script(kHealth, {std::string("\x08\x01")}, row.health, "scripted");
    jaeger.script(kServices, {some_services()}, row.services, "scripted");
    const auto probed = jaeger.probe();
    CHECK(jaeger.methods() == std::vector<std::string>{kHealth, kServices});
    CHECK(jaeger.server.calls().at(0).request == "\x0A\x1Ajaeger.api_v3.QueryService");
    REQUIRE(probed.has_value() == (*row.code == '\0'));
    if (probed.has_error()) {
        CHECK(probed.error().kind() == ErrorKind::kUpstreamProtocol);
        CHECK(probed.error().code() == row.code);
        CHECK(probed.error().upstream() == "jaeger");
    }
}

TEST_CASE("a probe of api_v3 asks nothing more where nobody answers") {
    Fixture jaeger;
    jaeger.script(kHealth, {}, 14, "shutting down");
    const auto probed = jaeger.probe();
    REQUIRE(probed.has_error());
    CHECK(probed.error().kind() == ErrorKind::kUpstreamUnavailable);
    CHECK(jaeger.methods() == std::vector<std::string>{kHealth});
}

TEST_CASE("both gRPC versions share a channel") {
    Fixture jaeger;
    const auto older = clients::jaeger::make_grpc_v2(jaeger.channel);
    jaeger.script(kServices, {some_services()});
    jaeger.script("/jaeger.api_v2.QueryService/GetServices", {some_services()});
    CHECK(jaeger.services().has_value());
    const auto names = run_coroutine<Result<std::vector<std::string>>>([&] {
        return older->services(jaeger.context);
    });
    CHECK(names.has_value());
    CHECK(jaeger.methods().size() == 2);
}
