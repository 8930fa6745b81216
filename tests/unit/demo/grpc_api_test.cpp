#include "demo/jaeger/grpc_api.hpp"

#include "jaeger/api_v2/query.grpc.pb.h"
#include "tests/support/manual_clock.hpp"

#include <catch2/catch.hpp>
#include <grpcpp/grpcpp.h>

#include <set>

using namespace meshscope;
using namespace meshscope::demo;
namespace v2 = jaeger::api_v2;

namespace {

struct Answer {
    std::vector<v2::SpansResponseChunk> chunks;
    grpc::Status status;
};

struct Running {
    explicit Running(JaegerOptions given = {}, std::string_view scenario = "fixture")
        : options(std::move(given)),
          archive(EventStream(*scenario_named(scenario), 1, clock.now()), clock),
          api(archive, options, release, faults, counters, stopper) {
        REQUIRE(api.listen("127.0.0.1", 0).has_value());
        channel = grpc::CreateChannel(
            "127.0.0.1:" + std::to_string(api.port()), grpc::InsecureChannelCredentials()
        );
        stub = v2::QueryService::NewStub(channel);
    }
    ~Running() { stopper.stop(); }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;

    Answer find(const v2::TraceQueryParameters& parameters, const std::string& authorization = {}) {
        grpc::ClientContext context;
        if (!authorization.empty()) {
            context.AddMetadata("authorization", authorization);
        }
        v2::FindTracesRequest request;
        *request.mutable_query() = parameters;
        return drain(*stub->FindTraces(&context, request));
    }
    Answer get(const std::string& id) {
        grpc::ClientContext context;
        v2::GetTraceRequest request;
        request.set_trace_id(id);
        return drain(*stub->GetTrace(&context, request));
    }
    static Answer drain(grpc::ClientReader<v2::SpansResponseChunk>& reader) {
        Answer answer;
        v2::SpansResponseChunk chunk;
        while (reader.Read(&chunk)) {
            answer.chunks.push_back(chunk);
        }
        answer.status = reader.Finish();
        return answer;
    }

    test::ManualClock clock;
    JaegerOptions options;
    Faults faults;
    Counters counters;
    Stopper stopper;
    RunningRelease release;
    TraceArchive archive;
    JaegerGrpcApi api;
    std::shared_ptr<grpc::Channel> channel;
    std::unique_ptr<v2::QueryService::Stub> stub;
};

v2::TraceQueryParameters parameters(const std::string& service, int depth) {
    v2::TraceQueryParameters out;
    out.set_service_name(service);
    out.set_search_depth(depth);
    return out;
}

}  // namespace

TEST_CASE("a search streams chunks of at most ten spans of one trace, traces after one another") {
    Running jaeger;
    const Answer answer = jaeger.find(parameters("details.bookinfo", 1'000));
    REQUIRE(answer.status.ok());
    std::set<std::string> seen;
    std::string current;
    for (const v2::SpansResponseChunk& chunk : answer.chunks) {
        REQUIRE(chunk.spans_size() >= 1);
        REQUIRE(chunk.spans_size() <= 10);
        for (const v2::Span& span : chunk.spans()) {
            CHECK(span.trace_id() == chunk.spans(0).trace_id());
            CHECK(span.span_id().size() == 8);
            CHECK_FALSE(span.process().service_name().empty());
        }
        if (chunk.spans(0).trace_id() != current) {
            current = chunk.spans(0).trace_id();
            CHECK(current.size() == 16);
            CHECK(seen.insert(current).second);
        }
    }
    CHECK(seen.size() > 400);
}

TEST_CASE("the same trace as the archive holds") {
    Running jaeger;
    SpanQuery query;
    query.service = "ratings.bookinfo";
    query.end_ns = to_micros(jaeger.clock.now()) * 1000;
    const auto expected = jaeger.archive.search(query, 1).front();
    const Answer found = jaeger.find(parameters("ratings.bookinfo", 1));
    REQUIRE(found.chunks.size() == 1);
    const v2::Span& first = found.chunks[0].spans(0);
    CHECK(TraceId::from_bytes(first.trace_id()) == expected->id);
    const Answer got = jaeger.get(first.trace_id());
    REQUIRE(got.chunks.size() == 1);
    REQUIRE(got.chunks[0].spans_size() == static_cast<int>(expected->spans.size()));
    for (int i = 0; i < got.chunks[0].spans_size(); ++i) {
        const v2::Span& span = got.chunks[0].spans(i);
        const SpanRecord& record = expected->spans[static_cast<std::size_t>(i)];
        CHECK(SpanId::from_bytes(span.span_id()) == record.id);
        CHECK(span.operation_name() == record.operation);
        CHECK(
            span.start_time().seconds() * 1'000'000 + span.start_time().nanos() / 1'000 ==
            record.start_us()
        );
        CHECK(
            span.duration().seconds() * 1'000'000 + span.duration().nanos() / 1'000 ==
            record.duration_us()
        );
        // Its kind, and where it has one its error, are tags of their own.
        CHECK(span.tags_size() > static_cast<int>(record.attributes.size()));
        CHECK(span.references_size() == (record.parent.is_zero() ? 0 : 1));
    }
}

TEST_CASE("the errors of the memory store") {
    Running jaeger;
    CHECK(jaeger.get(std::string(16, '\1')).status.error_code() == grpc::StatusCode::NOT_FOUND);
    CHECK(
        jaeger.get(std::string(16, '\0')).status.error_code() == grpc::StatusCode::INVALID_ARGUMENT
    );
    const Answer no_depth = jaeger.find(parameters("details.bookinfo", 0));
    CHECK(no_depth.status.error_code() == grpc::StatusCode::INTERNAL);
    CHECK_THAT(no_depth.status.error_message(), Catch::Contains("search depth"));
    CHECK(
        jaeger.find(parameters("details.bookinfo", 10'001)).status.error_code() ==
        grpc::StatusCode::INTERNAL
    );
    const Answer none = jaeger.find(parameters("nobody", 10));
    CHECK(none.status.ok());
    CHECK(none.chunks.empty());
    CHECK(
        jaeger.counters.to_json() ==
        R"({"grpc":{"FindTraces":3,"GetTrace":2},"grpc_v3":{},"http":{},"http_v3":{},)"
        R"("kubernetes":{},"kubernetes_users":{},"otlp":{}})"
    );
}

TEST_CASE("bounds and tags of a gRPC search") {
    Running jaeger({}, "normal");
    v2::TraceQueryParameters query = parameters("productpage.bookinfo", 10'000);
    (*query.mutable_tags())["error"] = "true";
    const auto failed = jaeger.find(query).chunks.size();
    CHECK(failed > 10);
    const auto now = to_micros(jaeger.clock.now());
    query.mutable_start_time_min()->set_seconds((now - 600'000'000) / 1'000'000);
    const auto recent = jaeger.find(query).chunks.size();
    CHECK(recent > 0);
    CHECK(recent < failed);
    query.mutable_duration_min()->set_seconds(100);
    CHECK(jaeger.find(query).chunks.empty());
}

TEST_CASE("credentials are read from the metadata") {
    JaegerOptions options;
    options.credentials.allow_bearer("t0ken");
    Running jaeger(std::move(options));
    CHECK(
        jaeger.find(parameters("details.bookinfo", 1)).status.error_code() ==
        grpc::StatusCode::UNAUTHENTICATED
    );
    CHECK(jaeger.find(parameters("details.bookinfo", 1), "Bearer t0ken").status.ok());
}

TEST_CASE("a stalled stream keeps what it sent and ends with the caller's deadline") {
    Running jaeger;
    jaeger.faults.stall_after_chunks = 3;
    grpc::ClientContext context;
    v2::FindTracesRequest request;
    *request.mutable_query() = parameters("details.bookinfo", 100);
    const auto reader = jaeger.stub->FindTraces(&context, request);
    v2::SpansResponseChunk chunk;
    for (int i = 0; i < 3; ++i) {
        REQUIRE(reader->Read(&chunk));
    }
    context.TryCancel();
    CHECK_FALSE(reader->Read(&chunk));
    CHECK(reader->Finish().error_code() == grpc::StatusCode::CANCELLED);
}

TEST_CASE("a cut stream ends with UNAVAILABLE after what came") {
    Running jaeger;
    jaeger.faults.cut_after_chunks = 2;
    const Answer answer = jaeger.find(parameters("details.bookinfo", 100));
    CHECK(answer.chunks.size() == 2);
    CHECK(answer.status.error_code() == grpc::StatusCode::UNAVAILABLE);
}

TEST_CASE("services and operations over gRPC") {
    Running jaeger;
    grpc::ClientContext first;
    v2::GetServicesResponse services;
    REQUIRE(jaeger.stub->GetServices(&first, {}, &services).ok());
    CHECK(services.services_size() == 12);
    grpc::ClientContext second;
    v2::GetOperationsRequest request;
    request.set_service("krakend-gateway");
    v2::GetOperationsResponse operations;
    REQUIRE(jaeger.stub->GetOperations(&second, request, &operations).ok());
    CHECK(operations.operations_size() == 7);
    CHECK(operations.operation_names_size() == 5);
}

TEST_CASE("two demos cannot share a port") {
    Running jaeger;
    JaegerGrpcApi second(
        jaeger.archive,
        jaeger.options,
        jaeger.release,
        jaeger.faults,
        jaeger.counters,
        jaeger.stopper
    );
    const auto bound = second.listen("127.0.0.1", jaeger.api.port());
    REQUIRE_FALSE(bound.has_value());
    CHECK_THAT(bound.error().message(), Catch::Contains(std::to_string(jaeger.api.port())));
}
