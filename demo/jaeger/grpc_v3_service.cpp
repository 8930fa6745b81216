#include "demo/jaeger/go_values.hpp"
#include "demo/jaeger/grpc_services.hpp"
#include "demo/jaeger/grpc_v3_messages.hpp"
#include "demo/jaeger/grpc_values.hpp"
#include "jaeger/api_v3/query_service.grpc.pb.h"

namespace meshscope::demo {
namespace v3 = jaeger::api_v3;
namespace otlp = opentelemetry::proto::trace::v1;
namespace {

using TraceWriter = grpc::ServerWriter<otlp::TracesData>;

constexpr int kDefaultDepth = 100;

class QueryServiceV3 final : public v3::QueryService::Service {
 public:
    QueryServiceV3(TraceArchive& archive, const JaegerOptions& options, const CallGate& gate)
        : archive_(archive), options_(options), gate_(gate) {}

    grpc::Status GetTrace(
        grpc::ServerContext* context, const v3::GetTraceRequest* request, TraceWriter* writer
    ) override {
        if (grpc::Status status = enter(*context, "GetTrace"); !status.ok()) {
            return status;
        }
        const auto id = TraceId::from_hex(request->trace_id());
        if (!id) {
            return {
                grpc::StatusCode::UNKNOWN,
                "malform trace ID: " + not_a_trace_id(request->trace_id())
            };
        }
        const TraceRecordPtr trace = archive_.find(*id);
        if (trace) {
            return send(*context, {trace}, *writer);
        }
        return gate_.release().strict_grpc_v3()
                   ? grpc::Status(grpc::StatusCode::NOT_FOUND, "trace not found")
                   : grpc::Status::OK;
    }

    grpc::Status FindTraces(
        grpc::ServerContext* context, const v3::FindTracesRequest* request, TraceWriter* writer
    ) override {
        if (grpc::Status status = enter(*context, "FindTraces"); !status.ok()) {
            return status;
        }
        const Release release = gate_.release();
        if (!request->has_query()) {
            return {grpc::StatusCode::INVALID_ARGUMENT, "missing query"};
        }
        const v3::TraceQueryParameters& parameters = request->query();
        if (!parameters.has_start_time_min() || !parameters.has_start_time_max()) {
            return {
                release.full_http_v3() ? grpc::StatusCode::INVALID_ARGUMENT
                                       : grpc::StatusCode::UNKNOWN,
                "start time min and max are required parameters"
            };
        }
        const bool lenient = release.strict_grpc_v3() && parameters.search_depth() == 0;
        const int depth = lenient ? kDefaultDepth : parameters.search_depth();
        if (depth <= 0 || static_cast<std::size_t>(depth) > options_.max_traces) {
            return {grpc::StatusCode::UNKNOWN, std::string(kBadDepth)};
        }
        SpanQuery query = bounds_of(parameters);
        query.false_is_complement = release.false_is_complement();
        query.misreads_fields = release.misreads_fields();
        for (const auto& [key, value] : parameters.attributes()) {
            query.tags.emplace_back(key, value);
        }
        return send(*context, archive_.search(query, static_cast<std::size_t>(depth)), *writer);
    }

    grpc::Status GetServices(
        grpc::ServerContext* context,
        const v3::GetServicesRequest* /*request*/,
        v3::GetServicesResponse* response
    ) override {
        if (grpc::Status status = enter(*context, "GetServices"); !status.ok()) {
            return status;
        }
        for (const std::string& name : archive_.services()) {
            response->add_services(name);
        }
        return grpc::Status::OK;
    }

    grpc::Status GetOperations(
        grpc::ServerContext* context,
        const v3::GetOperationsRequest* request,
        v3::GetOperationsResponse* response
    ) override {
        if (grpc::Status status = enter(*context, "GetOperations"); !status.ok()) {
            return status;
        }
        for (const OperationName& operation :
             archive_.operations(request->service(), request->span_kind())) {
            v3::Operation& out = *response->add_operations();
            out.set_name(operation.name);
            out.set_span_kind(operation.kind);
        }
        return grpc::Status::OK;
    }

 private:
    grpc::Status enter(grpc::ServerContext& context, const char* method) {
        grpc::Status status = gate_.enter(context, "grpc_v3", method);
        if (status.ok() && !gate_.release().api_v3) {
            return {grpc::StatusCode::UNIMPLEMENTED, "unknown service jaeger.api_v3.QueryService"};
        }
        return status;
    }

    grpc::Status send(
        grpc::ServerContext& context, const std::vector<TraceRecordPtr>& traces, TraceWriter& writer
    ) {
        std::int64_t sent = 0;
        for (const TraceRecordPtr& trace : traces) {
            if (const auto broken = gate_.interruption(context, sent)) {
                return *broken;
            }
            if (!writer.Write(to_otlp(*trace))) {
                return grpc::Status::CANCELLED;
            }
            ++sent;
        }
        return grpc::Status::OK;
    }

    TraceArchive& archive_;
    const JaegerOptions& options_;
    const CallGate& gate_;
};

}  // namespace

std::unique_ptr<grpc::Service> make_query_v3(
    TraceArchive& archive, const JaegerOptions& options, const CallGate& gate
) {
    return std::make_unique<QueryServiceV3>(archive, options, gate);
}

}  // namespace meshscope::demo
