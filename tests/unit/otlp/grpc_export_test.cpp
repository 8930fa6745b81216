#include "clients/otlp/grpc_sender.hpp"
#include "clients/otlp/http_sender.hpp"
#include "clients/otlp/proto_writer.hpp"
#include "tests/support/grpc_test_server.hpp"
#include "tests/support/scripted_server.hpp"
#include "tests/unit/otlp/exporter_fixture.hpp"

#include <catch2/catch.hpp>

#include <opentelemetry/proto/collector/trace/v1/trace_service.pb.h>
#include <string>
#include <vector>

namespace meshscope::test {
namespace {

using namespace std::chrono_literals;
using namespace clients;
using Request = opentelemetry::proto::collector::trace::v1::ExportTraceServiceRequest;
using Response = opentelemetry::proto::collector::trace::v1::ExportTraceServiceResponse;

constexpr const char* kExport = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
constexpr int kResourceExhausted = 8;

otlp::Collector collector_at(std::uint16_t port, otlp::Wire wire, bool tls = false) {
    otlp::Collector collector;
    collector.wire = wire;
    collector.url = *otlp::parse_collector("127.0.0.1:" + std::to_string(port), wire, tls);
    collector.headers = {{"x-tenant", "meshscope"}};
    return collector;
}

std::unique_ptr<otlp::SpanSender> sender_to(std::uint16_t port, bool tls = false) {
    static const SystemClock clock;
    return otlp::make_grpc_sender(
        collector_at(port, otlp::Wire::kGrpc, tls), std::make_shared<GrpcRuntime>(), clock
    );
}

int spans_of(const GrpcTestCall& call) {
    Request request;
    REQUIRE(request.ParseFromString(call.request));
    return request.resource_spans(0).scope_spans(0).spans_size();
}

std::string retry_details(std::uint64_t seconds) {
    using otlp::ProtoWriter;
    std::string duration;
    ProtoWriter(duration).number(1, seconds);
    std::string info;
    ProtoWriter(info).message(1, duration);
    std::string any;
    ProtoWriter(any).bytes(1, "type.googleapis.com/google.rpc.RetryInfo");
    ProtoWriter(any).bytes(2, info);
    std::string status;
    ProtoWriter(status).number(1, kResourceExhausted);
    ProtoWriter(status).bytes(3, any);
    return status;
}

TEST_CASE("spans are exported over gRPC in batches of at most 512", "[otlp]") {
    GrpcTestServer server;
    server.on(kExport, {.messages = {""}});
    ExporterRun run(sender_to(server.port()));
    run.add(600);
    run.start();
    REQUIRE(run.will_count("exported", 600));
    const auto calls = server.calls();
    REQUIRE(calls.size() == 2);
    CHECK(spans_of(calls[0]) == 512);
    CHECK(spans_of(calls[1]) == 88);
    CHECK(calls[0].metadata.find("x-tenant")->second == "meshscope");
    CHECK(calls[0].metadata.count("traceparent") == 0);
    CHECK(run.log().empty());
}

TEST_CASE("a partial success over gRPC is counted and said once", "[otlp]") {
    Response response;
    response.mutable_partial_success()->set_rejected_spans(2);
    response.mutable_partial_success()->set_error_message("spans too old");
    GrpcTestServer server;
    server.on(kExport, {.messages = {response.SerializeAsString()}});
    ExporterRun run(sender_to(server.port()), in_batches_of(5));
    run.add(10);
    run.start();
    REQUIRE(run.will_count("exported", 6));
    CHECK(run.counted("rejected") == 4);
    CHECK(run.lines_with("spans too old") == 1);
    CHECK(server.calls().size() == 2);
}

TEST_CASE("only the codes that OTLP names are tried again", "[otlp]") {
    for (const int code : {1, 4, 10, 11, 14, 15}) {
        INFO(code);
        GrpcTestServer server;
        server.on(kExport, {.status = code, .status_text = "later"});
        ExporterRun run(sender_to(server.port()));
        run.add(1);
        run.start();
        REQUIRE(run.will_count("unreachable", 1));
        CHECK(server.calls().size() == 4);
    }
    for (const int code : {2, 3, 5, 6, 7, 9, 12, 13, 16}) {
        INFO(code);
        GrpcTestServer server;
        server.on(kExport, {.status = code, .status_text = "never"});
        ExporterRun run(sender_to(server.port()));
        run.add(1);
        run.start();
        REQUIRE(run.will_count("refused", 1));
        CHECK(server.calls().size() == 1);
        CHECK(run.lines_with("refuses own spans") == 1);
    }
}

TEST_CASE("an exhausted collector without RetryInfo gets smaller batches, not the same", "[otlp]") {
    GrpcTestServer server;
    server.on(kExport, {.status = kResourceExhausted, .status_text = "quota"});
    ExporterRun run(sender_to(server.port()));
    run.add(1024);
    run.start();
    REQUIRE(run.will_count("refused", 1024));
    const auto calls = server.calls();
    REQUIRE(calls.size() >= 3);
    CHECK(spans_of(calls[0]) == 512);
    CHECK(spans_of(calls[1]) == 256);
    CHECK(spans_of(calls[2]) == 128);
}

TEST_CASE("an exhausted collector with RetryInfo is asked again, soon enough", "[otlp]") {
    GrpcTestServer server;
    server.on(
        kExport,
        {.status = kResourceExhausted, .status_text = "busy", .details = retry_details(3600)}
    );
    ExporterRun run(sender_to(server.port()));
    run.add(1);
    run.start();
    REQUIRE(run.will_count("unreachable", 1));
    CHECK(server.calls().size() == 4);
}

TEST_CASE("a message too large for the collector is halved once", "[otlp]") {
    GrpcTestServer server;
    server.on(
        kExport,
        {.status = kResourceExhausted,
         .status_text = "grpc: received message larger than max (5000000 vs. 4194304)"}
    );
    ExporterRun run(sender_to(server.port()));
    run.add(512);
    run.start();
    REQUIRE(run.will_count("too_large", 512));
    const auto calls = server.calls();
    REQUIRE(calls.size() == 3);
    CHECK(spans_of(calls[1]) == 256);
    CHECK(spans_of(calls[2]) == 256);
}

TEST_CASE("HTTP to the gRPC port is said with the setting to change", "[otlp]") {
    GrpcTestServer server;
    const SystemClock clock;
    ExporterRun run(otlp::make_http_sender(collector_at(server.port(), otlp::Wire::kHttp), clock));
    run.add(1);
    run.start();
    REQUIRE(run.will_count("refused", 1));
    CHECK(run.lines_with("server.observability.tracing.otel.protocol") == 1);
    CHECK(run.lines_with("this is a gRPC port") == 1);
}

TEST_CASE("gRPC to the HTTP port is said with the setting to change", "[otlp]") {
    const ScriptedServer server([](Peer& peer) {
        peer.read_request();
        peer.send(http_answer("400 Bad Request", "Connection: close\r\n", 400));
    });
    ExporterRun run(sender_to(server.port()));
    run.add(1);
    run.start();
    REQUIRE(run.will_count("refused", 1));
    CHECK(run.lines_with("speaks HTTP, not gRPC") == 1);
    CHECK(run.lines_with("usually 4317") == 1);
}

TEST_CASE("a gRPC server that takes no spans is said with the setting to change", "[otlp]") {
    GrpcTestServer server;
    ExporterRun run(sender_to(server.port()));
    run.add(1);
    run.start();
    REQUIRE(run.will_count("refused", 1));
    INFO(run.log());
    CHECK(run.lines_with("this gRPC server takes no spans") == 1);
}

TEST_CASE("gRPC with a certificate that is not trusted names the setting", "[otlp]") {
    const TestAuthority authority;
    const TestCertificate certificate = authority.issue({"127.0.0.1"});
    GrpcTestServer server(GrpcTestTls{certificate.certificate, certificate.key, ""});
    server.on(kExport, {.messages = {""}});
    {
        auto options = quick();
        options.retries = 0;
        ExporterRun run(sender_to(server.port(), true), options);
        run.add(1);
        run.start();
        REQUIRE(run.will_count("unreachable", 1));
        CHECK(run.lines_with("server.observability.tracing.otel.skip_verify") == 1);
    }
    static const SystemClock clock;
    otlp::Collector unverified = collector_at(server.port(), otlp::Wire::kGrpc, true);
    unverified.tls.insecure_skip_verify = true;
    ExporterRun run(otlp::make_grpc_sender(unverified, std::make_shared<GrpcRuntime>(), clock));
    run.add(1);
    run.start();
    CHECK(run.will_count("exported", 1));
}

TEST_CASE("a gRPC collector that is away is tried in vain, then left alone", "[otlp]") {
    std::uint16_t port = 0;
    {
        const ScriptedServer gone([](Peer&) {});
        port = gone.port();
    }
    ExporterRun run(sender_to(port));
    run.add(3);
    run.start();
    REQUIRE(run.will_count("unreachable", 3));
    CHECK(run.lines_with("own spans cannot be delivered") == 1);
}

TEST_CASE("a gRPC collector that stalls does not hold up the end", "[otlp]") {
    GrpcTestServer server;
    server.on(kExport, {.stall = true});
    auto options = quick();
    options.interval = std::chrono::hours(1);
    ExporterRun run(sender_to(server.port()), options);
    run.start();
    run.add(100);
    const auto begun = std::chrono::steady_clock::now();
    run.stop(200ms);
    CHECK(std::chrono::steady_clock::now() - begun < 10s);
    CHECK(run.stop(kPatience));
    CHECK(run.counted("unreachable") + run.counted("shutdown") == 100);
}

}  // namespace
}  // namespace meshscope::test
