#pragma once

#include "clients/trace_store.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace meshscope::clients::jaeger {

// One way to talk to Jaeger. Speaks the wire and decodes, nothing else: no cap, no joining, no
// filter, no sorting over traces (JaegerStore does these for all protocols alike). Errors and
// partial answers as TraceStore says. Adds its wire calls and bytes to the context's bill under
// "jaeger".
class Protocol {
 public:
    virtual ~Protocol() = default;
    [[nodiscard]] virtual std::string_view name(
    ) const = 0;  // "grpc api_v3", "grpc api_v2", "http api_v3", "http v1"

    virtual Awaitable<Result<TraceBatch>> find_traces(RequestContext context, TraceQuery query) = 0;
    virtual Awaitable<Result<TraceBatch>> get_trace(
        RequestContext context, TraceId id, std::optional<TimeRange> near
    ) = 0;
    virtual Awaitable<Result<std::vector<std::string>>> services(RequestContext context) = 0;
    virtual Awaitable<Result<std::vector<Operation>>> operations(
        RequestContext context, std::string service, std::string span_kind
    ) = 0;

    // Where it is spoken, "grpc jaeger:16685"; protocols of one endpoint share its outages. "" when
    // it shares them with none.
    [[nodiscard]] virtual std::string endpoint() const { return {}; }

    // Whether the server speaks this protocol well enough to be used: asked when one of several is
    // chosen. Errors as services(); kUpstreamProtocol with code "server_too_old" when it speaks it,
    // but not the whole of it.
    virtual Awaitable<Result<>> probe(RequestContext context) {
        auto names = co_await services(std::move(context));
        if (!names) {
            co_return names.error();
        }
        co_return Result<>();
    }

    // The version of the server, best effort; "" where the protocol cannot tell.
    virtual Awaitable<std::string> version(RequestContext /*context*/) { co_return std::string(); }
};

}  // namespace meshscope::clients::jaeger
