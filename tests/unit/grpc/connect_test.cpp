#include "tests/support/cutting_relay.hpp"
#include "tests/support/raw_server.hpp"
#include "tests/unit/grpc/channel_fixture.hpp"

#include <catch2/catch.hpp>

using namespace meshscope;
using namespace meshscope::clients;
using namespace meshscope::test;

namespace {

Error failure_of(const GrpcChannelOptions& options) {
    const ManualClock clock;
    GrpcChannel channel(options, make_runtime(), clock);
    const auto got = call_unary(channel, context_with(clock, std::chrono::seconds(30)));
    REQUIRE_FALSE(got.has_value());
    return got.error();
}

}  // namespace

TEST_CASE("a port where nobody listens refuses") {
    std::uint16_t port = 0;
    {
        port = RawServer("").port();
    }
    const Error error = failure_of(options_for(port));
    CHECK(error.kind() == ErrorKind::kUpstreamUnavailable);
    CHECK(error.message().find("connection refused") != std::string::npos);
    CHECK(error.message().find("127.0.0.1:" + std::to_string(port)) != std::string::npos);
}

TEST_CASE("a host name that does not exist is named as such") {
    GrpcChannelOptions options = options_for(16685);
    options.host = "tracing.invalid";
    const Error error = failure_of(options);
    CHECK(error.kind() == ErrorKind::kUpstreamUnavailable);
    CHECK(error.message().find("tracing.invalid:16685") != std::string::npos);
    CHECK(error.message().find("resolved") != std::string::npos);
}

TEST_CASE("an HTTP/1 server on the port is recognised") {
    RawServer http("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    const Error error = failure_of(options_for(http.port()));
    CHECK(error.kind() == ErrorKind::kUpstreamProtocol);
    CHECK(error.message().find("speaks HTTP, not gRPC") != std::string::npos);
    CHECK(error.hint().setting == "external_services.tracing.in_cluster_url");
    CHECK(error.hint().advice.find("16685") != std::string::npos);
    CHECK(error.hint().advice.find("use_grpc: false") != std::string::npos);
}

TEST_CASE("a TLS port asked in plain text is suspected, whether it closes or answers an alert") {
    const std::string alert("\x15\x03\x01\x00\x02\x02\x46", 7);
    RawServer port(GENERATE_REF(std::string(), alert));
    const Error error = failure_of(options_for(port.port()));
    INFO(error.message() << ": " << error.detail());
    CHECK(error.message().find("TLS") != std::string::npos);
    CHECK(error.hint().advice.find("https://") != std::string::npos);
}

TEST_CASE("a port that speaks neither HTTP/2 nor TLS is called something else") {
    RawServer port(std::string(64, 'x'));
    const Error error = failure_of(options_for(port.port()));
    INFO(error.message() << ": " << error.detail());
    CHECK(
        (error.kind() == ErrorKind::kUpstreamProtocol ||
         error.kind() == ErrorKind::kUpstreamUnavailable)
    );
    CHECK(error.message().find(std::to_string(port.port())) != std::string::npos);
}

TEST_CASE("a method the server does not have is told apart") {
    GrpcTestServer server;
    const Error error = failure_of(options_for(server.port()));
    CHECK(error.kind() == ErrorKind::kUpstreamProtocol);
    CHECK(error.code() == "upstream_unimplemented");
}

TEST_CASE("a server that comes back is reached again over the same channel") {
    const ManualClock clock;
    auto server = std::make_unique<GrpcTestServer>();
    GrpcScript script;
    script.messages = {"hello"};
    server->on(kMethod, script);
    const std::uint16_t port = server->port();
    GrpcChannel channel(options_for(port), make_runtime(), clock);
    REQUIRE(call_unary(channel, context_with(clock, std::chrono::seconds(30))).has_value());
    server.reset();
    const auto down = call_unary(channel, context_with(clock, std::chrono::seconds(30)));
    REQUIRE_FALSE(down.has_value());
    CHECK(down.error().kind() == ErrorKind::kUpstreamUnavailable);
}

TEST_CASE("a connection lost before any answer is made again once, then it is said") {
    const ManualClock clock;
    GrpcTestServer server;
    GrpcScript script;
    script.messages = {"hello"};
    server.on(kMethod, script);
    const int cuts = GENERATE(1, 1000);
    CuttingRelay relay(server.port(), kMethod, cuts);
    GrpcChannel channel(options_for(relay.port()), make_runtime(), clock);
    const RequestContext context = context_with(clock, std::chrono::seconds(30));
    const auto got = call_unary(channel, context);
    INFO((got.has_value() ? std::string() : got.error().message() + ": " + got.error().detail()));
    CHECK(context.bill->of("jaeger").calls == 2);
    CHECK(relay.connections() >= 2);  // gRPC may add one of its own
    REQUIRE(got.has_value() == (cuts == 1));
    if (!got.has_value()) {
        CHECK(got.error().kind() == ErrorKind::kUpstreamUnavailable);
        CHECK(got.error().message().find("lost") != std::string::npos);
    }
}
