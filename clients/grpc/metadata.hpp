#pragma once

#include "async/request_context.hpp"
#include "clients/grpc/grpc_channel.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace meshscope::clients {

using GrpcMetadata = std::vector<std::pair<std::string, std::string>>;

// What every call sends: authorization, custom headers, x-request-id, traceparent, tracestate.
// Custom headers that belong to the transport (content-type, host, te, grpc-...) are left out; a
// custom `authorization` gives way to credentials. Errors: kUpstreamAuth (credential unreadable or
// unsendable), kInvalidArgument (a custom header that gRPC cannot carry, named).
Result<GrpcMetadata> grpc_metadata(
    const GrpcChannelOptions& options, const RequestContext& context, std::string_view authorization
);

}  // namespace meshscope::clients
