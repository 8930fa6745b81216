#include "demo/jaeger/grpc_api.hpp"

#include "demo/jaeger/grpc_services.hpp"

#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>

#include <chrono>

namespace meshscope::demo {

struct JaegerGrpcApi::Impl {
    Impl(
        TraceArchive& archive,
        const JaegerOptions& options,
        const RunningRelease& release,
        const Faults& faults,
        Counters& counters,
        Stopper& stopper
    )
        : gate(options.credentials, release, faults, counters, stopper),
          v2(make_query_v2(archive, options, gate)),
          v3(make_query_v3(archive, options, gate)) {}

    const CallGate gate;
    const std::unique_ptr<grpc::Service> v2;
    const std::unique_ptr<grpc::Service> v3;
    std::unique_ptr<grpc::Server> server;
    int port = 0;
    bool v3_was_shown = false;
};

JaegerGrpcApi::JaegerGrpcApi(
    TraceArchive& archive,
    const JaegerOptions& options,
    const RunningRelease& release,
    const Faults& faults,
    Counters& counters,
    Stopper& stopper
)
    : impl_(std::make_unique<Impl>(archive, options, release, faults, counters, stopper)) {}

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
    builder.RegisterService(impl_->v2.get());
    builder.RegisterService(impl_->v3.get());
    impl_->server = builder.BuildAndStart();
    if (!impl_->server || impl_->port == 0) {
        return Error(ErrorKind::kUnavailable, "cannot listen on " + where + ": the port is in use");
    }
    show(impl_->gate.release());
    return {};
}

void JaegerGrpcApi::show(const Release& release) {
    auto* health = impl_->server ? impl_->server->GetHealthCheckService() : nullptr;
    if (health != nullptr) {
        health->SetServingStatus("jaeger.api_v2.QueryService", true);
        // A name that was never set is unknown: how a server without api_v3 answers.
        if (release.api_v3 || impl_->v3_was_shown) {
            health->SetServingStatus("jaeger.api_v3.QueryService", release.api_v3);
            impl_->v3_was_shown = true;
        }
    }
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
