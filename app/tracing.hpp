#pragma once

#include "app/upstream_parts.hpp"
#include "clients/grpc/grpc_runtime.hpp"
#include "clients/jaeger/jaeger_store.hpp"
#include "config/load.hpp"
#include "config/tracing_urls.hpp"
#include "core/result.hpp"

#include <functional>
#include <memory>
#include <string>

namespace meshscope::app {

// What the trace store is made with; all of it outlives the store.
struct TracingParts : UpstreamParts {
    std::shared_ptr<clients::GrpcRuntime> grpc;
    // Of stores that are made for one try: nothing is logged or counted, addresses are asked about,
    // and gRPC connects to the address that was looked at ("" the URL's host).
    bool for_one_try = false;
    std::function<bool(const std::string& address)> may_connect = {};
    std::string grpc_address = {};
};

// The store for the internal URL and the transport that the configuration names. The error
// (kInvalidArgument) says which key cannot be used and why.
Result<std::unique_ptr<clients::jaeger::JaegerStore>> make_trace_store(
    const config::Loaded& loaded, const config::TracingTarget& target, const TracingParts& parts
);

// What every request for traces is answered with when there is no store: the reason and the key to
// change.
Error tracing_unavailable(const config::TracingTarget& target);

}  // namespace meshscope::app
