#pragma once

#include "clients/grpc/grpc_channel.hpp"
#include "clients/jaeger/protocol.hpp"

#include <cstddef>
#include <memory>

namespace meshscope::clients::jaeger {

// Jaeger's jaeger.api_v2.QueryService over a channel (shared with other protocols of the same
// backend). Usable from every thread. An answer stops at `receive_limit_bytes` of messages with
// stopped_by kBytes; one message alone may be as large as the channel allows. A call that lost its
// connection before anything was received is tried once more.
//
// Messages that cannot be read are counted in dropped ("bad_message") and the rest is read on; with
// no trace at all they are kUpstreamProtocol. A server without this API gives the code
// "upstream_unimplemented".
std::unique_ptr<Protocol> make_grpc_v2(
    std::shared_ptr<GrpcChannel> channel, std::size_t receive_limit_bytes = 256UL * 1024 * 1024
);

}  // namespace meshscope::clients::jaeger
