#include "tests/bench/baseline.hpp"

#include "jaeger/api_v2/query.grpc.pb.h"
#include "tests/bench/sockets.hpp"
#include "tests/bench/traces.hpp"

#include <fmt/format.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <nlohmann/json.hpp>
#include <zlib.h>

#include <map>
#include <memory>
#include <stdexcept>
#include <string>

namespace meshscope::bench {

namespace {

namespace api = jaeger::api_v2;
using Json = nlohmann::json;

std::string gzip(const std::string& text) {
    z_stream stream{};
    constexpr int kGzip = 15 + 16;
    deflateInit2(&stream, 6, Z_DEFLATED, kGzip, 8, Z_DEFAULT_STRATEGY);
    std::string out(deflateBound(&stream, text.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

// Traces in which the service took part.
bool takes_part(const Json& trace) {
    for (const auto& [id, process] : trace.at("processes").items()) {
        if (process.at("serviceName") == kService) {
            return true;
        }
    }
    return false;
}

std::string respond(Json traces) {
    Json kept = Json::array();
    for (Json& trace : traces) {
        if (takes_part(trace)) {
            trace["matched"] = 0;
            kept.push_back(std::move(trace));
        }
    }
    Json answer;
    answer["data"] = std::move(kept);
    answer["errors"] = nullptr;
    answer["tracingServiceName"] = kService;
    return answer.dump();
}

std::string from_http(std::uint16_t port) {
    thread_local Connection upstream = Connection::open(port);
    Connection::Answer answer =
        upstream.get("/jaeger/api/traces?service=productpage.bookinfo&limit=20", "", true);
    Json document = Json::parse(answer.body);
    return respond(std::move(document["data"]));
}

std::string hex(const std::string& bytes) {
    std::string out;
    for (const char c : bytes) {
        out += fmt::format("{:02x}", static_cast<unsigned char>(c));
    }
    return out;
}

Json tags_of(const google::protobuf::RepeatedPtrField<api::KeyValue>& tags) {
    Json out = Json::array();
    for (const api::KeyValue& tag : tags) {
        if (tag.v_type() == api::INT64) {
            out.push_back({{"key", tag.key()}, {"type", "int64"}, {"value", tag.v_int64()}});
        } else {
            out.push_back({{"key", tag.key()}, {"type", "string"}, {"value", tag.v_str()}});
        }
    }
    return out;
}

Json span_of(const api::Span& span, const std::string& process_id) {
    Json references = Json::array();
    for (const api::SpanRef& reference : span.references()) {
        references.push_back(
            {{"refType", "CHILD_OF"},
             {"traceID", hex(reference.trace_id())},
             {"spanID", hex(reference.span_id())}}
        );
    }
    return {
        {"traceID", hex(span.trace_id())},
        {"spanID", hex(span.span_id())},
        {"operationName", span.operation_name()},
        {"references", std::move(references)},
        {"startTime", span.start_time().seconds() * 1'000'000 + span.start_time().nanos() / 1000},
        {"duration", span.duration().seconds() * 1'000'000 + span.duration().nanos() / 1000},
        {"tags", tags_of(span.tags())},
        {"logs", Json::array()},
        {"processID", process_id},
        {"warnings", nullptr},
    };
}

struct Collected {
    Json spans = Json::array();
    Json processes = Json::object();
    std::map<std::string, std::string> process_ids;
};

void add_span(const api::Span& span, Collected& trace) {
    const std::string key = span.process().SerializeAsString();
    std::string& process_id = trace.process_ids[key];
    if (process_id.empty()) {
        process_id = fmt::format("p{}", trace.process_ids.size());
        trace.processes[process_id] = {
            {"serviceName", span.process().service_name()}, {"tags", tags_of(span.process().tags())}
        };
    }
    trace.spans.push_back(span_of(span, process_id));
}

std::string from_grpc(api::QueryService::Stub& stub) {
    grpc::ClientContext context;
    api::FindTracesRequest request;
    request.mutable_query()->set_service_name(std::string(kService));
    const auto reader = stub.FindTraces(&context, request);
    std::map<std::string, Collected> traces;
    api::SpansResponseChunk chunk;
    while (reader->Read(&chunk)) {
        for (const api::Span& span : chunk.spans()) {
            add_span(span, traces[span.trace_id()]);
        }
    }
    if (!reader->Finish().ok()) {
        throw std::runtime_error("the replaying Jaeger failed");
    }
    Json list = Json::array();
    for (auto& [id, trace] : traces) {
        list.push_back(
            {{"traceID", hex(id)},
             {"spans", std::move(trace.spans)},
             {"processes", std::move(trace.processes)},
             {"warnings", nullptr}}
        );
    }
    return respond(std::move(list));
}

}  // namespace

void run_baseline(
    std::uint16_t port, std::uint16_t jaeger_http_port, std::uint16_t jaeger_grpc_port
) {
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(-1);
    const auto channel = grpc::CreateCustomChannel(
        fmt::format("127.0.0.1:{}", jaeger_grpc_port), grpc::InsecureChannelCredentials(), arguments
    );
    const auto stub = api::QueryService::NewStub(channel);
    serve(port, [&](std::string_view target, std::string_view head) -> std::string_view {
        static thread_local std::string response;
        response.clear();
        std::string body = target == "/grpc" ? from_grpc(*stub) : from_http(jaeger_http_port);
        if (head.find("Accept-Encoding: gzip") != std::string_view::npos) {
            body = gzip(body);
            response = response_head(body.size(), "Content-Encoding: gzip\r\n");
        } else {
            response = response_head(body.size());
        }
        response.append(body);
        return response;
    });
}

}  // namespace meshscope::bench
