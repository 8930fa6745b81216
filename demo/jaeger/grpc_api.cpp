#include "demo/jaeger/grpc_api.hpp"

#include "demo/jaeger/grpc_messages.hpp"
#include "jaeger/api_v2/query.grpc.pb.h"

#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>

#include <algorithm>

namespace meshscope::demo {
namespace v2 = jaeger::api_v2;
namespace {

constexpr std::size_t kSpansInChunk = 10;

using ChunkWriter = grpc::ServerWriter<v2::SpansResponseChunk>;

class QueryService final : public v2::QueryService::Service {
 public:
    QueryService(
        TraceArchive& archive,
        const JaegerOptions& options,
        const Faults& faults,
        Counters& counters,
        Stopper& stopper
    )
        : archive_(archive),
          options_(options),
          faults_(faults),
          counters_(counters),
          stopper_(stopper) {}

    grpc::Status GetTrace(
        grpc::ServerContext* context, const v2::GetTraceRequest* request, ChunkWriter* writer
    ) override {
        if (grpc::Status status = begin(*context, "GetTrace"); !status.ok()) {
            return status;
        }
        const auto id = TraceId::from_bytes(request->trace_id());
        if (!id || id->is_zero()) {
            return {grpc::StatusCode::INVALID_ARGUMENT, "uninitialized TraceID is not allowed"};
        }
        const TraceRecordPtr trace = archive_.find(*id);
        if (!trace) {
            return {grpc::StatusCode::NOT_FOUND, "trace not found"};
        }
        return send(*context, {trace}, *writer);
    }

    grpc::Status FindTraces(
        grpc::ServerContext* context, const v2::FindTracesRequest* request, ChunkWriter* writer
    ) override {
        if (grpc::Status status = begin(*context, "FindTraces"); !status.ok()) {
            return status;
        }
        if (!request->has_query()) {
            return {grpc::StatusCode::INVALID_ARGUMENT, "missing query"};
        }
        const std::int32_t depth = request->query().search_depth();
        if (depth <= 0 || static_cast<std::size_t>(depth) > options_.max_traces) {
            return {
                grpc::StatusCode::INTERNAL,
                "failed when searching for traces: search depth must be greater than 0 and less "
                "than max "
                "traces"
            };
        }
        const SpanQuery query = to_query(request->query());
        return send(*context, archive_.search(query, static_cast<std::size_t>(depth)), *writer);
    }

    grpc::Status GetServices(
        grpc::ServerContext* context,
        const v2::GetServicesRequest* /*request*/,
        v2::GetServicesResponse* response
    ) override {
        if (grpc::Status status = begin(*context, "GetServices"); !status.ok()) {
            return status;
        }
        for (const std::string& name : archive_.services()) {
            response->add_services(name);
        }
        return grpc::Status::OK;
    }

    grpc::Status GetOperations(
        grpc::ServerContext* context,
        const v2::GetOperationsRequest* request,
        v2::GetOperationsResponse* response
    ) override {
        if (grpc::Status status = begin(*context, "GetOperations"); !status.ok()) {
            return status;
        }
        std::string_view last;
        const auto operations = archive_.operations(request->service(), request->span_kind());
        for (const OperationName& operation : operations) {
            v2::Operation& out = *response->add_operations();
            out.set_name(operation.name);
            out.set_span_kind(operation.kind);
            if (operation.name != last) {
                response->add_operation_names(operation.name);
                last = operation.name;
            }
        }
        return grpc::Status::OK;
    }

 private:
    // Counts, waits, looks at the caller's credentials.
    grpc::Status begin(grpc::ServerContext& context, const char* method) {
        counters_.count("grpc", method);
        if (faults_.latency_ms > 0 &&
            stopper_.wait_for(std::chrono::milliseconds(faults_.latency_ms))) {
            return {grpc::StatusCode::UNAVAILABLE, "stopping"};
        }
        const auto& metadata = context.client_metadata();
        const auto found = metadata.find("authorization");
        const std::string_view given =
            found == metadata.end() ? std::string_view()
                                    : std::string_view(found->second.data(), found->second.size());
        if (!options_.credentials.accept(given)) {
            return {grpc::StatusCode::UNAUTHENTICATED, "authorization is missing or wrong"};
        }
        return grpc::Status::OK;
    }

    grpc::Status send(
        grpc::ServerContext& context, const std::vector<TraceRecordPtr>& traces, ChunkWriter& writer
    ) {
        std::int64_t sent = 0;
        v2::SpansResponseChunk chunk;
        for (const TraceRecordPtr& trace : traces) {
            const std::size_t count = trace->spans.size();
            for (std::size_t first = 0; first < count; first += kSpansInChunk) {
                if (const std::int64_t stall = faults_.stall_after_chunks;
                    stall >= 0 && sent >= stall) {
                    return hang(context);
                }
                if (const std::int64_t cut = faults_.cut_after_chunks; cut >= 0 && sent >= cut) {
                    return {grpc::StatusCode::UNAVAILABLE, "connection reset by the storage"};
                }
                chunk.clear_spans();
                const std::size_t end = std::min(count, first + kSpansInChunk);
                for (std::size_t i = first; i < end; ++i) {
                    fill_span(*trace, trace->spans[i], *chunk.add_spans());
                }
                if (!writer.Write(chunk)) {
                    return grpc::Status::CANCELLED;
                }
                ++sent;
            }
        }
        return grpc::Status::OK;
    }

    // Until the caller has left.
    grpc::Status hang(grpc::ServerContext& context) {
        while (!context.IsCancelled() && !stopper_.wait_for(std::chrono::milliseconds(5))) {
        }
        return grpc::Status::CANCELLED;
    }

    TraceArchive& archive_;
    const JaegerOptions& options_;
    const Faults& faults_;
    Counters& counters_;
    Stopper& stopper_;
};

}  // namespace

struct JaegerGrpcApi::Impl {
    template <class... Parts>
    explicit Impl(Parts&... parts) : service(parts...) {}

    QueryService service;
    std::unique_ptr<grpc::Server> server;
    int port = 0;
};

JaegerGrpcApi::JaegerGrpcApi(
    TraceArchive& archive,
    const JaegerOptions& options,
    const Faults& faults,
    Counters& counters,
    Stopper& stopper
)
    : impl_(std::make_unique<Impl>(archive, options, faults, counters, stopper)) {}

JaegerGrpcApi::~JaegerGrpcApi() { close(); }

Result<> JaegerGrpcApi::listen(const std::string& address, std::uint16_t port) {
    grpc::EnableDefaultHealthCheckService(true);
    grpc::ServerBuilder builder;
    // Else a second demo would share the port with the first in silence.
    builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
    builder.SetSyncServerOption(grpc::ServerBuilder::SyncServerOption::NUM_CQS, 1);
    builder.SetMaxSendMessageSize(-1);
    const std::string where = address + ":" + std::to_string(port);
    builder.AddListeningPort(where, grpc::InsecureServerCredentials(), &impl_->port);
    builder.RegisterService(&impl_->service);
    impl_->server = builder.BuildAndStart();
    if (!impl_->server || impl_->port == 0) {
        return Error(ErrorKind::kUnavailable, "cannot listen on " + where + ": the port is in use");
    }
    if (auto* health = impl_->server->GetHealthCheckService()) {
        health->SetServingStatus("jaeger.api_v2.QueryService", true);
    }
    return {};
}

std::uint16_t JaegerGrpcApi::port() const { return static_cast<std::uint16_t>(impl_->port); }

void JaegerGrpcApi::close() {
    if (impl_->server) {
        impl_->server->Shutdown(std::chrono::system_clock::now());
        impl_->server->Wait();
        impl_->server.reset();
    }
}

}  // namespace meshscope::demo
