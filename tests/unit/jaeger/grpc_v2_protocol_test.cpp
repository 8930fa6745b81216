#include "clients/jaeger/grpc/grpc_v2.hpp"
#include "tests/unit/jaeger/grpc_jaeger.hpp"
#include "tests/unit/jaeger/grpc_v2_messages.hpp"

#include <catch2/catch.hpp>

using namespace meshscope;
using namespace meshscope::clients;
using namespace meshscope::test;
using std::chrono::milliseconds;

namespace {

constexpr const char* kFind = "/jaeger.api_v2.QueryService/FindTraces";
constexpr const char* kGet = "/jaeger.api_v2.QueryService/GetTrace";
constexpr const char* kServices = "/jaeger.api_v2.QueryService/GetServices";
constexpr const char* kOperations = "/jaeger.api_v2.QueryService/GetOperations";

std::string chunk_of(std::uint64_t trace, std::uint64_t first_span, std::size_t padding = 0) {
    v2::SpansResponseChunk chunk;
    add_span(chunk, id16(0, trace), first_span, std::string(padding, 'p'));
    add_span(chunk, id16(0, trace), first_span + 1);
    return chunk.SerializeAsString();
}

struct Fixture : GrpcJaeger {
    explicit Fixture(std::size_t receive_limit = 64UL * 1024 * 1024) : GrpcJaeger(receive_limit) {
        protocol = clients::jaeger::make_grpc_v2(channel, receive_limit);
    }
};

}  // namespace

TEST_CASE("a search gives the traces of its stream and sends what was asked") {
    Fixture jaeger;
    jaeger.script(kFind, {chunk_of(1, 1), chunk_of(1, 3), chunk_of(2, 5)});
    TraceQuery query;
    query.service = "reviews.bookinfo";
    query.operation = "GET /";
    query.tags = {{"error", "true"}, {"bad", "\xff"}};
    query.window = {from_micros(-1'500'000), from_micros(1'787'220'000'123'456)};
    query.min_duration = std::chrono::microseconds(2'000'001);
    query.limit = 20;
    const auto batch = jaeger.find(query);
    REQUIRE(batch.has_value());
    CHECK(batch->stopped_by == StoppedBy::kComplete);
    CHECK(batch->warnings.empty());
    REQUIRE(batch->traces.size() == 2);
    CHECK(batch->traces[0]->spans.size() == 4);
    v2::FindTracesRequest sent;
    REQUIRE(sent.ParseFromString(jaeger.server.calls().at(0).request));
    CHECK(sent.query().service_name() == "reviews.bookinfo");
    CHECK(sent.query().operation_name() == "GET /");
    CHECK(sent.query().tags().at("error") == "true");
    CHECK(sent.query().tags().at("bad") == "\xEF\xBF\xBD");
    CHECK(sent.query().start_time_min().seconds() == -2);
    CHECK(sent.query().start_time_min().nanos() == 500'000'000);
    CHECK(sent.query().start_time_max().nanos() == 123'456'000);
    CHECK(sent.query().duration_min().seconds() == 2);
    CHECK(sent.query().duration_min().nanos() == 1'000);
    CHECK_FALSE(sent.query().has_duration_max());
    CHECK(sent.query().search_depth() == 20);
    CHECK(jaeger.context.bill->of("jaeger").calls == 1);
    CHECK(jaeger.context.bill->of("jaeger").bytes > 100);
}

TEST_CASE("a depth and both bounds are sent even when nothing is asked for") {
    Fixture jaeger;
    jaeger.script(kFind, {});
    TraceQuery query;
    query.limit = 0;
    const auto batch = jaeger.find(query);
    REQUIRE(batch.has_value());
    CHECK(batch->traces.empty());
    CHECK(batch->stopped_by == StoppedBy::kComplete);
    v2::FindTracesRequest sent;
    REQUIRE(sent.ParseFromString(jaeger.server.calls().at(0).request));
    CHECK(sent.query().search_depth() == 1);
    CHECK(sent.query().has_start_time_min());
    CHECK(sent.query().has_start_time_max());
}

TEST_CASE("what came before the deadline is kept and marked, nothing is an error") {
    Fixture jaeger;
    jaeger.context = jaeger.context_for(milliseconds(1'000));
    SECTION("two messages") {
        jaeger.script_stall(kFind, {chunk_of(1, 1), chunk_of(2, 3)});
        const auto batch = jaeger.find();
        REQUIRE(batch.has_value());
        CHECK(batch->stopped_by == StoppedBy::kTime);
        REQUIRE(batch->warnings.size() == 1);
        CHECK(batch->warnings[0].code == "partial_timeout");
        CHECK(batch->warnings[0].message.find("2 traces with 4 spans") != std::string::npos);
        REQUIRE(batch->traces.size() == 2);
        CHECK(batch->traces[0]->warnings.empty());
        CHECK(batch->traces[1]->warnings.size() == 1);
    }
    SECTION("none") {
        jaeger.script_stall(kFind, {});
        const auto batch = jaeger.find();
        REQUIRE_FALSE(batch.has_value());
        CHECK(batch.error().kind() == ErrorKind::kDeadline);
    }
}

TEST_CASE("a stream that fails under way keeps what came, a failure alone is an error") {
    Fixture jaeger;
    const bool some = GENERATE(true, false);
    jaeger.script(
        kFind, some ? std::vector{chunk_of(1, 1)} : std::vector<std::string>{}, 13, "shard lost"
    );
    const auto batch = jaeger.find();
    REQUIRE(batch.has_value() == some);
    if (some) {
        CHECK(batch->stopped_by == StoppedBy::kBackend);
        CHECK(batch->warnings.at(0).code == "partial_body");
        CHECK(batch->traces.size() == 1);
    } else {
        CHECK(batch.error().kind() == ErrorKind::kUpstreamProtocol);
        CHECK(batch.error().detail() == "shard lost");
        CHECK(batch.error().upstream() == "jaeger");
    }
}

TEST_CASE("an answer beyond the receive limit stops there") {
    Fixture jaeger(200'000);
    SECTION("by many messages") {
        jaeger.script(
            kFind, {chunk_of(1, 1, 90'000), chunk_of(2, 3, 90'000), chunk_of(3, 5, 90'000)}
        );
        const auto batch = jaeger.find();
        REQUIRE(batch.has_value());
        CHECK(batch->stopped_by == StoppedBy::kBytes);
        CHECK(batch->warnings.at(0).code == "receive_limit");
        CHECK(batch->traces.size() == 2);
    }
    SECTION("by one big message behind others") {
        jaeger.script(kFind, {chunk_of(1, 1), chunk_of(2, 3, 300'000)});
        const auto batch = jaeger.find();
        REQUIRE(batch.has_value());
        CHECK(batch->stopped_by == StoppedBy::kBytes);
        CHECK(batch->traces.size() == 1);
    }
    SECTION("by the first message") {
        jaeger.script(kFind, {chunk_of(2, 3, 300'000)});
        const auto batch = jaeger.find();
        REQUIRE_FALSE(batch.has_value());
        CHECK(batch.error().code() == "receive_limit");
        CHECK(batch.error().hint().setting == "meshscope.receive_limit_mb");
    }
}

TEST_CASE("one message of a stream that takes more memory than the limit stops there") {
    constexpr std::uint64_t kSpans = 20'000;
    v2::SpansResponseChunk chunk;
    for (std::uint64_t id = 1; id <= kSpans; ++id) {
        add_span(chunk, id16(0, 1), id);
    }
    const std::string message = chunk.SerializeAsString();
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

TEST_CASE("a stream is cancelled at the server when the limit is reached") {
    Fixture jaeger(200'000);
    jaeger.script_stall(
        kFind, {chunk_of(1, 1, 90'000), chunk_of(2, 3, 90'000), chunk_of(3, 5, 90'000)}
    );
    const auto batch = jaeger.find();
    REQUIRE(batch.has_value());
    CHECK(batch->stopped_by == StoppedBy::kBytes);
    CHECK(jaeger.server.wait_for_cancelled(1));
}

TEST_CASE("a trace in a thousand messages is one trace") {
    Fixture jaeger;
    std::vector<std::string> messages;
    for (std::uint64_t i = 0; i < 1'000; ++i) {
        messages.push_back(chunk_of(1, 2 * i + 1));
    }
    jaeger.script(kFind, std::move(messages));
    const auto batch = jaeger.find();
    REQUIRE(batch.has_value());
    REQUIRE(batch->traces.size() == 1);
    CHECK(batch->traces[0]->spans.size() == 2'000);
    CHECK(batch->stopped_by == StoppedBy::kComplete);
}

TEST_CASE("a message that cannot be read is counted and the others are kept") {
    Fixture jaeger;
    jaeger.script(kFind, {chunk_of(1, 1), "\x0a\x7fgarbage", chunk_of(2, 3)});
    const auto batch = jaeger.find();
    REQUIRE(batch.has_value());
    CHECK(batch->traces.size() == 2);
    CHECK(batch->stopped_by == StoppedBy::kBackend);
    REQUIRE(batch->dropped.size() == 1);
    CHECK(batch->dropped[0].reason == "bad_message");
    CHECK(batch->dropped[0].count == 1);
    jaeger.script(kFind, {"\x0a\x7fgarbage"});
    const auto nothing = jaeger.find();
    REQUIRE_FALSE(nothing.has_value());
    CHECK(nothing.error().kind() == ErrorKind::kUpstreamProtocol);
}

TEST_CASE("spans without a usable trace id are counted") {
    Fixture jaeger;
    v2::SpansResponseChunk chunk;
    add_span(chunk, "12345", 1);
    add_span(chunk, std::string(20, 'x'), 2);
    jaeger.script(kFind, {chunk.SerializeAsString()});
    const auto batch = jaeger.find();
    REQUIRE(batch.has_value());
    CHECK(batch->traces.empty());
    CHECK(batch->dropped.at(0).reason == "bad_trace_id");
    CHECK(batch->dropped.at(0).count == 2);
}

TEST_CASE("cancelling a search gives nothing back and frees the server") {
    Fixture jaeger;
    jaeger.script_stall(kFind, {chunk_of(1, 1)});
    boost::asio::cancellation_signal signal;
    boost::asio::io_context io(1);
    std::optional<Result<TraceBatch>> batch;
    boost::asio::co_spawn(
        io.get_executor(),
        jaeger.protocol->find_traces(jaeger.context, TraceQuery{}),
        boost::asio::bind_cancellation_slot(
            signal.slot(),
            [&](std::exception_ptr, Result<TraceBatch> got) { batch.emplace(std::move(got)); }
        )
    );
    while (jaeger.server.calls().empty()) {
        io.run_one_for(milliseconds(20));
    }
    signal.emit(boost::asio::cancellation_type::terminal);
    io.run();
    REQUIRE(batch.has_value());
    REQUIRE_FALSE(batch->has_value());
    CHECK(batch->error().kind() == ErrorKind::kCancelled);
    CHECK(jaeger.server.wait_for_cancelled(1));
}

TEST_CASE("one trace by its id") {
    Fixture jaeger;
    const TimeRange near{from_micros(1'000'000), from_micros(5'000'000)};
    jaeger.script(kGet, {chunk_of(0x2a, 1), chunk_of(0x2a, 3)});
    const auto batch = jaeger.get(TraceId{0, 0x2a}, near);
    REQUIRE(batch.has_value());
    REQUIRE(batch->traces.size() == 1);
    CHECK(batch->traces[0]->spans.size() == 4);
    v2::GetTraceRequest sent;
    REQUIRE(sent.ParseFromString(jaeger.server.calls().at(0).request));
    CHECK(sent.trace_id() == id16(0, 0x2a));
    CHECK(sent.start_time().seconds() == 1);
    CHECK(sent.end_time().seconds() == 5);
}

TEST_CASE("a trace that is not there is not found, however the server says so") {
    Fixture jaeger;
    SECTION("a status") { jaeger.script(kGet, {}, 5, "trace not found"); }
    SECTION("an empty stream") { jaeger.script(kGet, {}); }
    SECTION("another trace") { jaeger.script(kGet, {chunk_of(7, 1)}); }
    const auto batch = jaeger.get(TraceId{0, 0x2a});
    REQUIRE_FALSE(batch.has_value());
    CHECK(batch.error().kind() == ErrorKind::kNotFound);
    CHECK(batch.error().message().find("000000000000002a") != std::string::npos);
}

TEST_CASE("services and operations come sorted and once") {
    Fixture jaeger;
    v2::GetServicesResponse services;
    for (const char* name : {"ratings", "details", "ratings", "bad\xff"}) {
        services.add_services(name);
    }
    jaeger.script(kServices, {services.SerializeAsString()});
    const auto names = run_coroutine<Result<std::vector<std::string>>>([&] {
        return jaeger.protocol->services(jaeger.context);
    });
    REQUIRE(names.has_value());
    CHECK(*names == std::vector<std::string>{"bad\xff", "details", "ratings"});

    v2::GetOperationsResponse operations;
    for (const char* kind : {"server", "client", "server"}) {
        auto& operation = *operations.add_operations();
        operation.set_name("GET /");
        operation.set_span_kind(kind);
    }
    jaeger.script(kOperations, {operations.SerializeAsString()});
    const auto found = run_coroutine<Result<std::vector<Operation>>>([&] {
        return jaeger.protocol->operations(jaeger.context, "ratings", "");
    });
    REQUIRE(found.has_value());
    REQUIRE(found->size() == 2);
    CHECK(found->at(0).span_kind == "client");
    v2::GetOperationsRequest sent;
    REQUIRE(sent.ParseFromString(jaeger.server.calls().back().request));
    CHECK(sent.service() == "ratings");
}

TEST_CASE("a server without this API is told apart from one that fails") {
    Fixture jaeger;
    const auto names = run_coroutine<Result<std::vector<std::string>>>([&] {
        return jaeger.protocol->services(jaeger.context);
    });
    REQUIRE_FALSE(names.has_value());
    CHECK(names.error().code() == "upstream_unimplemented");
}
