#include "tests/bench/replay.hpp"

#include "jaeger/api_v2/query.grpc.pb.h"
#include "tests/bench/sockets.hpp"
#include "tests/bench/traces.hpp"
#include "tests/bench/traces_proto.hpp"

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

std::atomic<std::uint64_t> search_calls{0};

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

    Service service(to_chunks(traces));
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
