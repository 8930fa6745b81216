#include "demo/jaeger/grpc_messages.hpp"
#include "demo/jaeger/grpc_services.hpp"
#include "jaeger/api_v2/query.grpc.pb.h"

#include <algorithm>

namespace meshscope::demo {
namespace v2 = jaeger::api_v2;
namespace {

constexpr std::size_t kSpansInChunk = 10;

using ChunkWriter = grpc::ServerWriter<v2::SpansResponseChunk>;

class QueryService final : public v2::QueryService::Service {
 public:
    QueryService(TraceArchive& archive, const JaegerOptions& options, const CallGate& gate)
        : archive_(archive), options_(options), gate_(gate) {}

    grpc::Status GetTrace(
        grpc::ServerContext* context, const v2::GetTraceRequest* request, ChunkWriter* writer
    ) override {
        if (grpc::Status status = gate_.enter(*context, "grpc", "GetTrace"); !status.ok()) {
            return status;
        }
        const std::size_t length = request->trace_id().size();
        if (length != 0 && length != 8 && length != 16) {
            return {
                grpc::StatusCode::INTERNAL,
                "grpc: failed to unmarshal the received message: invalid length for TraceID"
            };
        }
        const auto id = TraceId::from_bytes(request->trace_id());
        if (!id || id->is_zero()) {
            return {grpc::StatusCode::INVALID_ARGUMENT, "uninitialized TraceID is not allowed"};
        }
        const TraceRecordPtr trace = archive_.find(*id);
        if (!trace) {
            return {grpc::StatusCode::NOT_FOUND, "trace not found: trace not found"};
        }
        return send(*context, {trace}, *writer);
    }

    grpc::Status FindTraces(
        grpc::ServerContext* context, const v2::FindTracesRequest* request, ChunkWriter* writer
    ) override {
        if (grpc::Status status = gate_.enter(*context, "grpc", "FindTraces"); !status.ok()) {
            return status;
        }
        if (!request->has_query()) {
            return {grpc::StatusCode::INVALID_ARGUMENT, "missing query"};
        }
        const std::int32_t depth = request->query().search_depth();
        if (depth <= 0 || static_cast<std::size_t>(depth) > options_.max_traces) {
            return {
                grpc::StatusCode::INTERNAL,
                "failed when searching for traces: " + std::string(kBadDepth)
            };
        }
        SpanQuery query = to_query(request->query());
        query.false_is_complement = gate_.release().false_is_complement();
        query.misreads_fields = gate_.release().misreads_fields();
        return send(*context, archive_.search(query, static_cast<std::size_t>(depth)), *writer);
    }

    grpc::Status GetServices(
        grpc::ServerContext* context,
        const v2::GetServicesRequest* /*request*/,
        v2::GetServicesResponse* response
    ) override {
        if (grpc::Status status = gate_.enter(*context, "grpc", "GetServices"); !status.ok()) {
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
        if (grpc::Status status = gate_.enter(*context, "grpc", "GetOperations"); !status.ok()) {
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
    grpc::Status send(
        grpc::ServerContext& context, const std::vector<TraceRecordPtr>& traces, ChunkWriter& writer
    ) {
        std::int64_t sent = 0;
        v2::SpansResponseChunk chunk;
        for (const TraceRecordPtr& trace : traces) {
            const std::size_t count = trace->spans.size();
            for (std::size_t first = 0; first < count; first += kSpansInChunk) {
                if (const auto broken = gate_.interruption(context, sent)) {
                    return *broken;
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

    TraceArchive& archive_;
    const JaegerOptions& options_;
    const CallGate& gate_;
};

}  // namespace

std::unique_ptr<grpc::Service> make_query_v2(
    TraceArchive& archive, const JaegerOptions& options, const CallGate& gate
) {
    return std::make_unique<QueryService>(archive, options, gate);
}

}  // namespace meshscope::demo
