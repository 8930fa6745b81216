#pragma once

#include "async/awaitable.hpp"
#include "async/request_context.hpp"
#include "clients/credentials/secret.hpp"
#include "clients/grpc/grpc_message.hpp"
#include "clients/grpc/grpc_runtime.hpp"
#include "core/clock.hpp"
#include "core/result.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace meshscope::telemetry {
class Tracer;
}

namespace meshscope::clients {

struct GrpcChannelOptions {
    std::string upstream = "jaeger";                           // the name in errors and bills
    std::string setting_prefix = "external_services.tracing";  // where hints point
    std::string url_setting = "in_cluster_url";                // below the prefix
    std::string receive_limit_setting = "meshscope.receive_limit_mb";
    std::string http_advice = "Use Jaeger's gRPC port, 16685, or set use_grpc: false.";
    std::string host;  // no brackets around IPv6
    std::uint16_t port = 0;
    std::string authority = {};  // the name to check and to send in place of `host`; "" that
    bool use_tls = false;
    TlsSettings tls;          // TLS 1.2 and 1.3, whatever its version range says
    Credentials credentials;  // sent as `authorization` metadata, over plaintext too
    std::vector<std::pair<std::string, std::string>>
        custom_headers;  // sent as metadata, names lower-cased
    std::size_t max_message_bytes = 64UL * 1024 * 1024;
    std::chrono::milliseconds connect_timeout{3'000};
    std::chrono::milliseconds keepalive{360'000
    };  // at least 5 minutes: servers close chattier clients
    bool use_proxy_environment = false;   // http_proxy, https_proxy, grpc_proxy, no_proxy
    telemetry::Tracer* tracer = nullptr;  // takes a span of each call; outlives the channel
};

// How a call was ended, as the other side said it.
struct GrpcEnding {
    int code = 0;         // a gRPC status code; 0 before the end, too
    std::string details;  // google.rpc.Status, encoded; "" when none was sent
};

// A running server-streaming call. Used on one io_context thread. The server sends as fast as
// messages are taken: nothing is read ahead but gRPC's flow-control window.
class GrpcStream {
 public:
    GrpcStream(GrpcStream&&) noexcept;
    GrpcStream& operator=(GrpcStream&&) noexcept;
    ~GrpcStream();  // cancels the call when it has not ended

    // The next message; nullopt when the server has ended the call with OK. Errors as GrpcChannel
    // says; after an error or the end the same comes again. One call at a time.
    // Cancelling the awaiting coroutine (terminal) cancels the call.
    Awaitable<Result<std::optional<GrpcMessage>>> next_message();
    // The same, as one block: for messages that are small or kept.
    Awaitable<Result<std::optional<std::string>>> next();

    // For protocols that give codes a meaning of their own; next() words them for people.
    [[nodiscard]] GrpcEnding ending() const;

    // True when nothing had been received and the call failed in a way that a new connection or a
    // credential that was rotated meanwhile may heal.
    [[nodiscard]] bool worth_a_retry() const;

    struct Impl;
    explicit GrpcStream(std::shared_ptr<Impl> impl);

 private:
    friend class GrpcChannel;
    std::shared_ptr<Impl> impl_;
};

// gRPC to one address. Usable from every thread. Connects on the first call and reconnects by
// itself; TLS files and client certificates are looked at again at most once a second, and a change
// makes new connections (calls in flight end on the old one). Sends x-request-id and traceparent of
// the context (of the call's own span when there is one), and its deadline. Adds calls and received
// bytes to the context's bill.
//
// Errors carry the upstream, a cause and the setting to change: kUpstreamUnavailable (DNS, refused,
// TLS: which check failed), kUpstreamProtocol (speaks HTTP and not gRPC, TLS on one side only;
// codes "upstream_unimplemented" and "receive_limit"), kUpstreamAuth, kInvalidArgument, kNotFound,
// kDeadline, kCancelled.
class GrpcChannel {
 public:
    GrpcChannel(
        GrpcChannelOptions options, std::shared_ptr<GrpcRuntime> runtime, const Clock& clock
    );
    ~GrpcChannel();  // cancels what is still running and waits until gRPC has let go of it
    GrpcChannel(const GrpcChannel&) = delete;
    GrpcChannel& operator=(const GrpcChannel&) = delete;

    // `method` is the full path, "/package.Service/Method"; `request` an encoded message.
    Result<GrpcStream> server_stream(
        const RequestContext& context, std::string method, std::string request
    );
    // For a call that was worth_a_retry(): first gives gRPC up to 100 ms to notice that its
    // connection is gone, since a call made too early would go the same way.
    Awaitable<Result<GrpcStream>> server_stream_again(
        RequestContext context, std::string method, std::string request
    );
    // Tries once more by itself when that is worth it.
    Awaitable<Result<std::string>> unary(
        RequestContext context, std::string method, std::string request
    );

    [[nodiscard]] const GrpcChannelOptions& options() const;

 private:
    Result<GrpcStream> open(
        const RequestContext& context, const std::string& method, const std::string& request
    );

    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace meshscope::clients
