#include "clients/grpc/call_span.hpp"

#include "tests/support/recorded_spans.hpp"
#include "tests/unit/grpc/channel_fixture.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <string>

namespace meshscope::test {
namespace {

using namespace std::chrono_literals;
using telemetry::SpanStatus;

struct TracedChannel {
    explicit TracedChannel(std::uint16_t port) : options(options_for(port)) {
        options.tracer = &recorded.tracer;
    }

    RequestContext context(std::chrono::milliseconds time = 30s) {
        return sampled(context_with(clock, time));
    }

    telemetry::SpanPtr span() {
        auto spans = recorded.take();
        REQUIRE(spans.size() == 1);
        return std::move(spans.front());
    }

    RecordedSpans recorded;
    ManualClock clock;
    clients::GrpcChannelOptions options;
};

TEST_CASE("a call has a client span whose id is sent on", "[spans]") {
    GrpcTestServer server;
    server.on(kMethod, {.messages = {"answer"}});
    TracedChannel f(server.port());
    clients::GrpcChannel channel(f.options, make_runtime(), f.clock);
    REQUIRE(call_unary(channel, f.context()).has_value());
    const auto span = f.span();
    CHECK(span->name == "test.Service/Call");
    CHECK(span->kind == telemetry::SpanKind::kClient);
    CHECK(span->parent == SpanId{2});
    CHECK(span->status == SpanStatus::kUnset);
    auto got = texts(*span);
    CHECK(got["rpc.system.name"] == "grpc");
    CHECK(got["rpc.method"] == "test.Service/Call");
    CHECK(got["rpc.response.status_code"] == "OK");
    CHECK(got["server.address"] == "127.0.0.1");
    CHECK(got["server.port"] == std::to_string(server.port()));
    CHECK(got["peer.service"] == "jaeger");
    const auto metadata = server.calls().front().metadata;
    CHECK(
        metadata.find("traceparent")->second ==
        "00-00000000000000000000000000000001-" + span->id.to_hex() + "-01"
    );
}

TEST_CASE("a status that is not OK makes the client span an error", "[spans]") {
    GrpcTestServer server;
    server.on(kMethod, {.status = 14, .status_text = "down", .details = "\x08\x0E"});
    TracedChannel f(server.port());
    clients::GrpcChannel channel(f.options, make_runtime(), f.clock);
    clients::GrpcEnding ending;
    const auto ended = run_coroutine<bool>([&]() -> Awaitable<bool> {
        auto stream = channel.server_stream(f.context(), kMethod, "");
        CHECK(stream->ending().code == 0);
        const auto message = co_await stream->next();
        ending = stream->ending();
        co_return !message;
    });
    CHECK(ended);
    CHECK(ending.code == 14);
    CHECK(ending.details == "\x08\x0E");
    const auto span = f.span();
    CHECK(span->status == SpanStatus::kError);
    CHECK(texts(*span)["rpc.response.status_code"] == "UNAVAILABLE");
    CHECK(texts(*span)["error.type"] == "UNAVAILABLE");
}

TEST_CASE("a call that is left has a span that says so", "[spans]") {
    GrpcTestServer server;
    server.on(kMethod, {.messages = {"one"}, .stall = true});
    TracedChannel f(server.port());
    clients::GrpcChannel channel(f.options, make_runtime(), f.clock);
    run_coroutine<bool>([&]() -> Awaitable<bool> {
        auto stream = channel.server_stream(f.context(), kMethod, "");
        co_await stream->next();
        co_return true;
    });
    const auto span = f.span();
    CHECK(span->status == SpanStatus::kError);
    CHECK(texts(*span)["rpc.response.status_code"] == "CANCELLED");
    CHECK(server.wait_for_cancelled(1));
}

TEST_CASE("a call that cannot begin has a span with the reason", "[spans]") {
    GrpcTestServer server;
    TracedChannel f(server.port());
    clients::GrpcChannel channel(f.options, make_runtime(), f.clock);
    CHECK_FALSE(call_unary(channel, f.context(0ms)).has_value());
    const auto span = f.span();
    CHECK(span->status == SpanStatus::kError);
    CHECK(texts(*span)["error.type"] == "upstream_timeout");
}

TEST_CASE("names of gRPC codes", "[spans]") {
    CHECK(clients::grpc_code_name(0) == "OK");
    CHECK(clients::grpc_code_name(16) == "UNAUTHENTICATED");
    CHECK(clients::grpc_code_name(17) == "17");
    CHECK(clients::grpc_code_name(-1) == "-1");
}

}  // namespace
}  // namespace meshscope::test
