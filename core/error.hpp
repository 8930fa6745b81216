#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace meshscope {

// What went wrong, seen from the caller. handlers/error_response maps each kind to one HTTP status.
enum class ErrorKind {
    kInvalidArgument,      // 400: a parameter or body is wrong
    kUnauthenticated,      // 401
    kForbidden,            // 403
    kNotFound,             // 404
    kMethodNotAllowed,     // 405
    kRequestTimeout,       // 408: the client was too slow to send
    kConflict,             // 409
    kTooLarge,             // 413
    kUriTooLong,           // 414
    kUnsupportedMedia,     // 415
    kRateLimited,          // 429
    kHeadersTooLarge,      // 431
    kCancelled,            // 499 in logs: the client went away
    kInternal,             // 500: a bug of ours
    kNotImplemented,       // 501
    kUpstreamAuth,         // 502: the upstream refused our credentials
    kUpstreamProtocol,     // 502: the upstream answered something else than expected
    kUpstreamUnavailable,  // 503: the upstream could not be reached
    kUnavailable,          // 503: this server cannot do it now (feature off, draining, overloaded)
    kDeadline,             // 504: nothing was received before the deadline
};

// Why an upstream could not be used, where that is known for sure: what explanations are made of,
// never on the wire. kNone: not told apart.
enum class Cause : std::uint8_t {
    kNone,
    kDns,                       // the host name does not resolve
    kRefused,                   // nothing listens
    kNoRoute,                   // no way to the host
    kSilent,                    // nothing came, not even a refusal
    kPlainOnTls,                // we spoke plain text, the port wants TLS
    kTlsOnPlain,                // we began TLS, the port does not speak it
    kGrpcPort,                  // we spoke HTTP to a gRPC port
    kHttpPort,                  // we spoke gRPC to an HTTP port
    kUnknownAuthority,          // the certificate's issuer is not trusted
    kCertificateName,           // the certificate is for other names
    kCertificateTime,           // the certificate has expired or is not valid yet
    kCertificate,               // it is not accepted; which check failed is not told
    kNoClientCertificate,       // one is demanded and none was sent
    kRefusedClientCertificate,  // the one that was sent is not taken
    kPathPrefix,                // the path of the URL is wrong
    kApiRemoved,                // a newer release without this API
    kLoginPage,                 // an authenticating proxy is in front
    kCredentials,               // missing, wrong, or without the right
    kExpiredToken,              // the other side says that the token has expired
    kTenant,                    // missing or unknown
    kWebPage,                   // some other web server
    kStorage,                   // the upstream is up, its storage is not
    kReceiveLimit,              // more came than is taken
    kOverloaded,                // it, or a proxy in front of it, has no room
};

// The default wire word of a kind (`code` of the error body), for instance "upstream_unreachable".
std::string_view code_of(ErrorKind kind);

// A setting to change, as an operator finds it in the configuration file.
struct Hint {
    std::string setting;     // dotted key, "external_services.tracing.in_cluster_url"; may be empty
    std::string advice;      // one sentence, safe for clients
    std::string value = {};  // what to set it to, where that is known
};

// A failed operation. Cheap to copy (one shared pointer). Everything but log_detail() is safe to
// show to any caller: no secrets, no upstream credentials, no stack of ours.
class Error {
 public:
    Error();  // kInternal, "unknown error"
    Error(ErrorKind kind, std::string message);

    // Each returns a copy with one part replaced.
    [[nodiscard]] Error with_code(std::string code) const;
    [[nodiscard]] Error with_detail(std::string detail) const;
    [[nodiscard]] Error with_upstream(std::string upstream) const;
    [[nodiscard]] Error with_hint(Hint hint) const;
    [[nodiscard]] Error with_cause(Cause cause) const;
    [[nodiscard]] Error with_log_detail(std::string text) const;

    [[nodiscard]] ErrorKind kind() const;
    [[nodiscard]] const std::string& message() const;  // `error` of the body
    [[nodiscard]] const std::string& code() const;     // `code` of the body
    [[nodiscard]] const std::string& detail() const;   // `detail` of the body; may be empty
    [[nodiscard]] const std::string& upstream(
    ) const;                                 // "jaeger", "prometheus", "kubernetes" or ""
    [[nodiscard]] const Hint& hint() const;  // may be empty
    [[nodiscard]] Cause cause() const;
    [[nodiscard]] const std::string& log_detail() const;  // for logs only

 private:
    struct Data;
    explicit Error(std::shared_ptr<const Data> data);
    std::shared_ptr<const Data> data_;
};

}  // namespace meshscope
