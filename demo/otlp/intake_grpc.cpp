#include "demo/otlp/intake_grpc.hpp"

#include "demo/otlp/gunzip.hpp"
#include "demo/otlp/otlp_proto.hpp"
#include "opentelemetry/proto/collector/trace/v1/trace_service.grpc.pb.h"

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <vector>

namespace meshscope::demo {
namespace collector = opentelemetry::proto::collector::trace::v1;
namespace {

using RawService =
    collector::TraceService::WithRawCallbackMethod_Export<collector::TraceService::Service>;

std::string joined(const grpc::ByteBuffer& buffer) {
    std::vector<grpc::Slice> slices;
    std::string out;
    if (buffer.Dump(&slices).ok()) {
        for (const grpc::Slice& slice : slices) {
            out.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
        }
    }
    return out;
}

// Takes the bytes as they came: unpacked by gRPC itself a small message could become any size.
class ExportService final : public RawService {
 public:
    explicit ExportService(OtlpIntake& intake) : intake_(intake) {}

    grpc::ServerUnaryReactor* Export(
        grpc::CallbackServerContext* context,
        const grpc::ByteBuffer* request,
        grpc::ByteBuffer* response
    ) override {
        grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
        reactor->Finish(answer(*request, *response));
        return reactor;
    }

 private:
    grpc::Status answer(const grpc::ByteBuffer& request, grpc::ByteBuffer& response) {
        intake_.count("grpc");
        const std::string body = joined(request);
        const auto outcome =
            intake_.take(body, looks_like_gzip(body), OtlpIntake::Encoding::kProtobuf);
        if (!outcome) {
            const bool large = outcome.error().kind() == ErrorKind::kTooLarge;
            return {
                large ? grpc::StatusCode::RESOURCE_EXHAUSTED : grpc::StatusCode::INVALID_ARGUMENT,
                outcome.error().message()
            };
        }
        const grpc::Slice bytes(otlp_response_proto(outcome->rejected, outcome->why));
        response = grpc::ByteBuffer(&bytes, 1);
        return grpc::Status::OK;
    }

    OtlpIntake& intake_;
};

}  // namespace

struct OtlpGrpcApi::Impl {
    explicit Impl(OtlpIntake& i) : intake(i), service(i) {}

    OtlpIntake& intake;
    ExportService service;
    std::unique_ptr<grpc::Server> server;
    int port = 0;
};

OtlpGrpcApi::OtlpGrpcApi(OtlpIntake& intake) : impl_(std::make_unique<Impl>(intake)) {}

OtlpGrpcApi::~OtlpGrpcApi() { close(); }

Result<> OtlpGrpcApi::listen(const std::string& address, std::uint16_t port) {
    grpc::ServerBuilder builder;
    builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
    builder.AddChannelArgument(GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, 0);
    builder.SetMaxReceiveMessageSize(static_cast<int>(impl_->intake.most()));
    const std::string where = address + ":" + std::to_string(port);
    builder.AddListeningPort(where, grpc::InsecureServerCredentials(), &impl_->port);
    builder.RegisterService(&impl_->service);
    impl_->server = builder.BuildAndStart();
    if (!impl_->server || impl_->port == 0) {
        return Error(ErrorKind::kUnavailable, "cannot listen on " + where + ": the port is in use");
    }
    return {};
}

std::uint16_t OtlpGrpcApi::port() const { return static_cast<std::uint16_t>(impl_->port); }

void OtlpGrpcApi::close() {
    if (impl_->server) {
        impl_->server->Shutdown(std::chrono::system_clock::now());
        impl_->server->Wait();
        impl_->server.reset();
    }
}

}  // namespace meshscope::demo
