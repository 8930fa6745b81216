#include "demo/jaeger/grpc_api.hpp"
#include "jaeger/api_v2/query.grpc.pb.h"
#include "jaeger/api_v3/query_service.grpc.pb.h"
#include "tests/support/manual_clock.hpp"

#include <catch2/catch.hpp>
#include <grpcpp/grpcpp.h>

#include <set>

using namespace meshscope;
using namespace meshscope::demo;
namespace v2 = jaeger::api_v2;
namespace v3 = jaeger::api_v3;
namespace otlp = opentelemetry::proto::trace::v1;

namespace {

struct Answer {
    std::vector<otlp::TracesData> messages;
    grpc::Status status;
};

struct Running {
    explicit Running(std::string_view version = "v2.20.0")
        : release(*release_named(version)),
          archive(EventStream(*scenario_named("fixture"), 1, clock.now()), clock),
          api(archive, options, release, faults, counters, stopper) {
        REQUIRE(api.listen("127.0.0.1", 0).has_value());
        channel = grpc::CreateChannel(
            "127.0.0.1:" + std::to_string(api.port()), grpc::InsecureChannelCredentials()
        );
        stub = v3::QueryService::NewStub(channel);
    }
    ~Running() { stopper.stop(); }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;

    Answer find(const v3::FindTracesRequest& request) {
        grpc::ClientContext context;
        return drain(*stub->FindTraces(&context, request));
    }
    Answer get(const std::string& id) {
        grpc::ClientContext context;
        v3::GetTraceRequest request;
        request.set_trace_id(id);
        return drain(*stub->GetTrace(&context, request));
    }
    static Answer drain(grpc::ClientReader<otlp::TracesData>& reader) {
        Answer answer;
        otlp::TracesData message;
        while (reader.Read(&message)) {
            answer.messages.push_back(message);
        }
        answer.status = reader.Finish();
        return answer;
    }

    test::ManualClock clock;
    JaegerOptions options;
    RunningRelease release;
    Faults faults;
    Counters counters;
    Stopper stopper;
    TraceArchive archive;
    JaegerGrpcApi api;
    std::shared_ptr<grpc::Channel> channel;
    std::unique_ptr<v3::QueryService::Stub> stub;
};

v3::FindTracesRequest request(const std::string& service, int depth) {
    v3::FindTracesRequest out;
    v3::TraceQueryParameters& query = *out.mutable_query();
    query.set_service_name(service);
    query.set_search_depth(depth);
    query.mutable_start_time_min()->set_seconds(1);
    query.mutable_start_time_max()->set_seconds(9'000'000'000);
    return out;
}

std::set<std::string> ids(const otlp::TracesData& message) {
    std::set<std::string> out;
    for (const auto& resource : message.resource_spans()) {
        for (const auto& scope : resource.scope_spans()) {
            for (const auto& span : scope.spans()) {
                out.insert(span.trace_id());
            }
        }
    }
    return out;
}

}  // namespace

TEST_CASE("api_v3 sends one message for each whole trace") {
    Running jaeger;
    const Answer answer = jaeger.find(request("details.bookinfo", 1'000));
    REQUIRE(answer.status.ok());
    std::set<std::string> seen;
    for (const otlp::TracesData& message : answer.messages) {
        const auto inside = ids(message);
        REQUIRE(inside.size() == 1);
        CHECK(inside.begin()->size() == 16);
        CHECK(seen.insert(*inside.begin()).second);
    }
    CHECK(seen.size() > 400);
    jaeger.faults.cut_after_chunks = 2;
    const Answer cut = jaeger.find(request("details.bookinfo", 10));
    CHECK(cut.messages.size() == 2);
    CHECK(cut.status.error_code() == grpc::StatusCode::UNAVAILABLE);
}

TEST_CASE("kind and status are fields, and every span of the trace is there") {
    Running jaeger;
    v3::FindTracesRequest failed = request("ratings.bookinfo", 10);
    (*failed.mutable_query()->mutable_attributes())["error"] = "true";
    const Answer found = jaeger.find(failed);
    REQUIRE(found.messages.size() == 1);
    const auto id = TraceId::from_bytes(*ids(found.messages[0]).begin());
    const Answer got = jaeger.get(id->to_hex());
    REQUIRE(got.messages.size() == 1);
    int spans = 0;
    int errors = 0;
    for (const auto& resource : got.messages[0].resource_spans()) {
        CHECK(resource.resource().attributes(0).key() == "service.name");
        for (const auto& span : resource.scope_spans(0).spans()) {
            ++spans;
            errors += span.status().code() == otlp::Status::STATUS_CODE_ERROR ? 1 : 0;
            CHECK(span.kind() != otlp::Span::SPAN_KIND_UNSPECIFIED);
            CHECK(span.end_time_unix_nano() > span.start_time_unix_nano());
        }
    }
    CHECK(spans == 8);
    CHECK(errors == 2);
}

TEST_CASE("errors of api_v3 by release") {
    using grpc::StatusCode;
    v3::FindTracesRequest no_bounds = request("details.bookinfo", 1);
    no_bounds.mutable_query()->clear_start_time_max();
    struct Row {
        const char* version;
        StatusCode bounds, unknown_trace, no_depth;
    };
    for (const Row& row : {
             Row{"v2.18.0", StatusCode::UNKNOWN, StatusCode::OK, StatusCode::UNKNOWN},
             Row{"v2.20.0", StatusCode::INVALID_ARGUMENT, StatusCode::OK, StatusCode::UNKNOWN},
             Row{"next", StatusCode::INVALID_ARGUMENT, StatusCode::NOT_FOUND, StatusCode::OK},
         }) {
        INFO(row.version);
        Running jaeger(row.version);
        CHECK(jaeger.find(no_bounds).status.error_code() == row.bounds);
        const Answer unknown = jaeger.get("abc");
        CHECK(unknown.messages.empty());
        CHECK(unknown.status.error_code() == row.unknown_trace);
        CHECK(jaeger.find(request("", 0)).status.error_code() == row.no_depth);
        CHECK(jaeger.get("xyz").status.error_code() == StatusCode::UNKNOWN);
        CHECK(jaeger.find({}).status.error_code() == StatusCode::INVALID_ARGUMENT);
        CHECK(jaeger.find(request("nobody", 10)).status.ok());
    }
}

TEST_CASE("a release without api_v3 does not know the service") {
    Running jaeger;
    Release without;
    without.api_v3 = false;
    jaeger.release.set(without);
    CHECK(jaeger.find(request("", 1)).status.error_code() == grpc::StatusCode::UNIMPLEMENTED);
    grpc::ClientContext context;
    v2::GetServicesResponse services;
    const auto old = v2::QueryService::NewStub(jaeger.channel);
    CHECK(old->GetServices(&context, {}, &services).ok());
}

TEST_CASE("services and operations of api_v3") {
    Running jaeger;
    grpc::ClientContext first;
    v3::GetServicesResponse services;
    REQUIRE(jaeger.stub->GetServices(&first, {}, &services).ok());
    CHECK(services.services_size() == 12);
    grpc::ClientContext second;
    v3::GetOperationsRequest asked;
    asked.set_service("krakend-gateway");
    v3::GetOperationsResponse operations;
    REQUIRE(jaeger.stub->GetOperations(&second, asked, &operations).ok());
    CHECK(operations.operations_size() == 7);
    CHECK(
        jaeger.counters.to_json() ==
        R"({"grpc":{},"grpc_v3":{"GetOperations":1,"GetServices":1},"http":{},"http_v3":{},)"
        R"("kubernetes":{},"kubernetes_users":{},"otlp":{}})"
    );
}
