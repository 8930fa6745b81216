#pragma once

#include "clients/grpc/grpc_channel.hpp"
#include "clients/jaeger/protocol.hpp"

#include <cstddef>
#include <memory>

namespace meshscope {
class WorkerPool;
}

namespace meshscope::clients::jaeger {

// Jaeger's jaeger.api_v3.QueryService over a channel (shared with other protocols of the same
// backend). Usable from every thread. A message is a whole trace; one alone may be as large as the
// channel allows. `workers`, when given, decodes long messages; it must outlive the calls. Limits,
// retries, bad messages and errors as with make_grpc_v2.
//
// probe(): asks the health service first, where there is one, then for the services. A server whose
// health service does not name this API, though it answers, is "server_too_old"; one without the
// API is "upstream_unimplemented".
std::unique_ptr<Protocol> make_grpc_v3(
    std::shared_ptr<GrpcChannel> channel,
    WorkerPool* workers = nullptr,
    std::size_t receive_limit_bytes = 256UL * 1024 * 1024
);

}  // namespace meshscope::clients::jaeger
