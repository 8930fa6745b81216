#pragma once

#include "demo/jaeger/call_gate.hpp"
#include "demo/jaeger/http_api.hpp"
#include "demo/jaeger/trace_archive.hpp"

#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/codegen/service_type.h>

#include <memory>

namespace meshscope::demo {

// The services of Jaeger's gRPC port. What is given must outlive them.
// api_v2: chunks of at most ten spans, never two traces in one.
std::unique_ptr<grpc::Service> make_query_v2(
    TraceArchive& archive, const JaegerOptions& options, const CallGate& gate
);
// api_v3: one message for each whole trace; UNIMPLEMENTED while the release has no api_v3.
std::unique_ptr<grpc::Service> make_query_v3(
    TraceArchive& archive, const JaegerOptions& options, const CallGate& gate
);

}  // namespace meshscope::demo
