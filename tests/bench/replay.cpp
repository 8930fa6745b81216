#include "tests/bench/replay.hpp"

#include "jaeger/api_v2/query.grpc.pb.h"
#include "tests/bench/sockets.hpp"
#include "tests/bench/traces.hpp"

#include <fmt/format.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

namespace meshscope::bench {

namespace {

namespace api = jaeger::api_v2;

constexpr std::size_t kTraces = 20;
constexpr std::size_t kSpans = 500;
constexpr std::size_t kSpansPerChunk = 100;

std::atomic<std::uint64_t> search_calls{0};

std::string big_endian(std::uint64_t value) {
    std::string out(8, '\0');
    for (std::size_t i = 0; i < 8; ++i) {
        out[7 - i] = static_cast<char>(static_cast<unsigned char>(value >> (8 * i)));
    }
    return out;
}

void fill_tag(const BenchTag& tag, api::KeyValue& out) {
    out.set_key(tag.key);
    if (tag.is_number) {
        out.set_v_type(api::INT64);
        out.set_v_int64(std::stoll(tag.value));
    } else {
        out.set_v_str(tag.value);
    }
}

void fill_span(const BenchTrace& trace, const BenchSpan& span, api::Span& out) {
    const std::string trace_id = big_endian(trace.id_high) + big_endian(trace.id_low);
    out.set_trace_id(trace_id);
    out.set_span_id(big_endian(span.id));
    out.set_operation_name(span.operation);
    if (span.parent != 0) {
        api::SpanRef& reference = *out.add_references();
        reference.set_trace_id(trace_id);
        reference.set_span_id(big_endian(span.parent));
    }
    out.mutable_start_time()->set_seconds(static_cast<std::int64_t>(span.start_us / 1'000'000));
    out.mutable_start_time()->set_nanos(static_cast<std::int32_t>(span.start_us % 1'000'000 * 1000)
    );
    out.mutable_duration()->set_nanos(static_cast<std::int32_t>(span.duration_us * 1000));
    for (const BenchTag& tag : span.tags) {
        fill_tag(tag, *out.add_tags());
    }
    const BenchProcess& process = trace.processes[span.process];
    out.mutable_process()->set_service_name(process.service);
    for (const BenchTag& tag : process.tags) {
        fill_tag(tag, *out.mutable_process()->add_tags());
    }
}

std::vector<api::SpansResponseChunk> make_chunks(const std::vector<BenchTrace>& traces) {
    std::vector<api::SpansResponseChunk> chunks;
    for (const BenchTrace& trace : traces) {
        for (std::size_t i = 0; i < trace.spans.size(); ++i) {
            if (i % kSpansPerChunk == 0) {
                chunks.emplace_back();
            }
            fill_span(trace, trace.spans[i], *chunks.back().add_spans());
        }
    }
    return chunks;
}

class Service final : public api::QueryService::Service {
 public:
    explicit Service(std::vector<api::SpansResponseChunk> chunks) : chunks_(std::move(chunks)) {}

    grpc::Status FindTraces(
        grpc::ServerContext*,
        const api::FindTracesRequest*,
        grpc::ServerWriter<api::SpansResponseChunk>* writer
    ) override {
        ++search_calls;
        for (const api::SpansResponseChunk& chunk : chunks_) {
            if (!writer->Write(chunk)) {
                break;
            }
        }
        return grpc::Status::OK;
    }

    grpc::Status GetServices(
        grpc::ServerContext*, const api::GetServicesRequest*, api::GetServicesResponse* answer
    ) override {
        answer->add_services(std::string(kService));
        return grpc::Status::OK;
    }

 private:
    std::vector<api::SpansResponseChunk> chunks_;
};

}  // namespace

void run_replay(std::uint16_t http_port, std::uint16_t grpc_port) {
    const std::vector<BenchTrace> traces = make_traces(kTraces, kSpans);
    const std::string json = to_jaeger_json(traces);
    const std::string search = response_head(json.size()) + json;
    const std::string list =
        fmt::format(R"({{"data":["{}"],"total":1,"limit":0,"offset":0,"errors":null}})", kService);
    const std::string services = response_head(list.size()) + list;
    const std::string missing = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";

    Service service(make_chunks(traces));
    grpc::ServerBuilder builder;
    builder.AddListeningPort(
        fmt::format("127.0.0.1:{}", grpc_port), grpc::InsecureServerCredentials()
    );
    builder.RegisterService(&service);
    const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();

    serve(http_port, [&](std::string_view target, std::string_view) -> std::string_view {
        static thread_local std::string calls;
        if (target.starts_with("/jaeger/api/traces")) {
            ++search_calls;
            return search;
        }
        if (target.starts_with("/jaeger/api/services")) {
            return services;
        }
        if (target == "/calls") {
            const std::string count = std::to_string(search_calls.load());
            calls = response_head(count.size()) + count;
            return calls;
        }
        return missing;
    });
}

}  // namespace meshscope::bench
