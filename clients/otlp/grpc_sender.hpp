#pragma once

#include "clients/grpc/grpc_runtime.hpp"
#include "clients/otlp/collector.hpp"
#include "clients/otlp/span_sender.hpp"
#include "core/clock.hpp"

#include <memory>

namespace meshscope::clients::otlp {

// OTLP over gRPC: TraceService/Export. `clock` outlives the sender.
std::unique_ptr<SpanSender> make_grpc_sender(
    Collector collector, std::shared_ptr<GrpcRuntime> runtime, const Clock& clock
);

}  // namespace meshscope::clients::otlp
