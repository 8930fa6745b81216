#pragma once

#include "async/awaitable.hpp"
#include "async/request_context.hpp"
#include "clients/credentials/secret.hpp"
#include "clients/http/url.hpp"
#include "core/clock.hpp"
#include "core/result.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace meshscope::telemetry {
class Tracer;
}

namespace meshscope::clients {

class Authorizer;

struct HttpLimits {
    std::size_t max_header_bytes = 64 * 1024;
    std::size_t max_header_fields = 200;
    std::size_t max_body_bytes = 256UL * 1024 * 1024;  // decoded; more is cut and said
    std::size_t stream_above =
        8UL * 1024 * 1024;  // decoded; for callers that can take more in pieces
    std::chrono::milliseconds connect_timeout{3'000};  // one address
    std::chrono::milliseconds header_timeout{0};       // 0: the call's deadline; see `endless`
    std::chrono::milliseconds max_idle{60'000};        // of a pooled connection
    std::size_t max_idle_connections = 16;             // for each thread
};

struct HttpClientOptions {
    std::string upstream;        // "jaeger": the name in errors and bills
    std::string setting_prefix;  // "external_services.tracing": where hints point
    Url base;
    Credentials credentials;
    std::shared_ptr<Authorizer> authorizer;  // in place of `credentials`; null: those
    TlsSettings tls;
    std::vector<std::pair<std::string, std::string>> custom_headers;
    HttpLimits limits;
    bool use_proxy_environment = true;           // HTTP_PROXY, HTTPS_PROXY, NO_PROXY
    std::optional<Url> proxy;                    // http only; in place of the environment's
    std::string url_setting = "in_cluster_url";  // below setting_prefix: what `base` came from
    telemetry::Tracer* tracer = nullptr;         // takes a span of each call; outlives the client
    // Asked for each address before it is connected to, a proxy's aside; null: all may be.
    std::function<bool(const std::string& address)> may_connect = {};
};

struct HttpRequest {
    std::string method = "GET";
    std::string target;  // path and query below the base path, begins with '/'
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
    bool accept_gzip = false;  // ask for a compressed body; it is decoded
    // This value in place of the client's credentials; "" sends none. A 401 to it is handed back as
    // it is. kInvalidArgument when it cannot stand in a header.
    std::optional<std::string> authorization;
    bool repeatable = false;  // a POST without effect: repeated as a GET is
    // The longest silence while the body comes; then `incomplete` is kDeadline with the code
    // "stalled". 0: only the call's deadline.
    std::chrono::milliseconds idle_timeout{0};
    // send_streaming() only: the body has no end to be waited for. No max_body_bytes; the sink gets
    // what came with each read at once, from the first byte on; never compressed. Without an
    // idle_timeout there is no header_timeout either.
    bool endless = false;
};

// The code of the error of a body that stopped coming for idle_timeout.
inline constexpr std::string_view kStalledCode = "stalled";

struct HttpResponse {
    unsigned status = 0;
    std::vector<std::pair<std::string, std::string>> headers;  // names lower-case
    std::string body;  // content encoding removed; capacity has room for simdjson's padding
    // Set when the body ends early: kDeadline, kCancelled, kTooLarge (max_body_bytes),
    // kUpstreamUnavailable (connection lost). What came is in `body`.
    std::optional<Error> incomplete;
    bool streamed = false;  // the body went to the sink of send_streaming(); `body` is empty

    [[nodiscard]] std::string_view header(std::string_view lower_case_name
    ) const;  // "" when absent
};

// Takes a long body as it comes. Called on the client's thread, one call at a time.
class BodySink {
 public:
    virtual ~BodySink() = default;
    // The header of a 2xx answer has come; the body may follow much later, or fit the response.
    virtual void begins() {}
    // The next bytes, content encoding removed, with room for simdjson's padding behind them: about
    // a megabyte, the first ones as many as were gathered before; any number when `endless`.
    // Nothing more is read from the server until this has returned. False: no more is wanted; the
    // answer is then `incomplete` with kTooLarge.
    virtual Awaitable<bool> take(std::string bytes) = 0;
};

// HTTP/1.1 to one upstream. Usable from every thread: each thread has its own pool of connections.
// Retries once, on a new connection, when a pooled one turns out dead (idempotent methods, and what
// is `repeatable`).
// Redirects are followed only on the same origin, at most 3; to elsewhere is an error that names
// the place. Sends X-Request-Id of the context and traceparent (of the call's own span when there
// is one). Adds calls and bytes to the context's bill.
//
// Any HTTP status is a response, not an error: 4xx and 5xx are the caller's to judge. Errors name
// the URL (never userinfo), the cause and the setting to change: kUpstreamUnavailable (DNS,
// refused, TLS: which check failed), kUpstreamProtocol (no HTTP, framing broken, a TLS/plain
// mismatch, "this is a gRPC port"), kUpstreamAuth (credential unreadable, client certificate
// demanded), kDeadline, kCancelled.
class HttpClient {
 public:
    HttpClient(HttpClientOptions options, const Clock& clock);
    ~HttpClient();
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;

    Awaitable<Result<HttpResponse>> send(RequestContext context, HttpRequest request);

    // The same, but the body of a 2xx answer goes to `sink` as it comes once it is longer than
    // `above` bytes, decoded; any other is in the response as usual. The limits hold for both.
    Awaitable<Result<HttpResponse>> send_streaming(
        RequestContext context,
        HttpRequest request,
        std::shared_ptr<BodySink> sink,
        std::size_t above
    );

    [[nodiscard]] const HttpClientOptions& options() const;

    // One line for each CA file or certificate that is not used and why; for the log. Empty before
    // the first https call.
    [[nodiscard]] std::vector<std::string> tls_warnings() const;

 private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace meshscope::clients
