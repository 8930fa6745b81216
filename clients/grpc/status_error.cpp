#include "clients/grpc/status_error.hpp"

#include "core/text.hpp"

#include <grpc/status.h>

#include <algorithm>
#include <array>
#include <initializer_list>

namespace meshscope::clients {

namespace {

constexpr std::size_t kMaxDetail = 300;
constexpr const char* kBusy = "upstream_busy";

bool has(std::string_view text, std::initializer_list<std::string_view> words) {
    return std::any_of(words.begin(), words.end(), [text](std::string_view word) {
        return text.find(word) != std::string_view::npos;
    });
}

// What the other side says, fit for a client: short, valid, without our credential.
std::string cleaned(std::string_view text, const std::string& secret) {
    std::string out = to_valid_utf8(text.substr(0, 4 * kMaxDetail));
    const auto mask = [&out](std::string_view word) {
        for (std::size_t at = 0;
             word.size() > 3 && (at = out.find(word, at)) != std::string::npos;) {
            out.replace(at, word.size(), "***");
        }
    };
    mask(secret);
    mask(std::string_view(secret).substr(std::min(secret.size(), secret.find(' ') + 1)));
    std::replace_if(out.begin(), out.end(), [](char c) { return c >= 0 && c < ' '; }, ' ');
    if (out.size() > kMaxDetail) {
        std::size_t end = kMaxDetail;
        while (end > 0 && (static_cast<unsigned char>(out[end]) & 0xC0U) == 0x80U) {
            --end;
        }
        out.resize(end);
        out += "...";
    }
    return out;
}

// gRPC's own words for an answer whose end did not reach it: proxies may reset a stream whose
// request they have not read to its end as soon as they have answered.
bool is_broken_stream(int code, std::string_view text) {
    return code == GRPC_STATUS_UNKNOWN && text == "Stream removed";
}

class Diagnosis {
 public:
    Diagnosis(int code, std::string_view text, const GrpcErrorContext& context)
        : code_(code), text_(text), context_(context) {}

    Error make() const {
        if (code_ == GRPC_STATUS_CANCELLED) {
            return error(
                ErrorKind::kCancelled, "the call to " + context_.upstream + " was cancelled"
            );
        }
        if (code_ == GRPC_STATUS_DEADLINE_EXCEEDED) {
            return error(
                       ErrorKind::kDeadline,
                       place() + " did not answer in time",
                       {context_.setting_prefix + ".query_timeout",
                        "Give the backend more time, or ask for less."}
            )
                .with_cause(Cause::kSilent);
        }
        if (code_ == GRPC_STATUS_RESOURCE_EXHAUSTED && has(text_, {"larger than max"})) {
            return too_large();
        }
        if (speaks_http()) {
            return error(
                       ErrorKind::kUpstreamProtocol,
                       place() + " speaks HTTP, not gRPC",
                       {context_.url_setting, context_.http_advice}
            )
                .with_cause(Cause::kHttpPort);
        }
        if (is_broken_stream(code_, text_)) {
            return lost();
        }
        return code_ == GRPC_STATUS_UNAVAILABLE ? unreachable() : answered();
    }

 private:
    [[nodiscard]] std::string place() const {
        return context_.upstream + " at " + context_.address;
    }

    [[nodiscard]] Error error(ErrorKind kind, std::string message, Hint hint = {}) const {
        return Error(kind, std::move(message))
            .with_upstream(context_.upstream)
            .with_detail(cleaned(text_, context_.secret))
            .with_hint(std::move(hint));
    }

    [[nodiscard]] Error no_way(std::string_view cause, std::string setting, std::string advice)
        const {
        return error(
            ErrorKind::kUpstreamUnavailable,
            "cannot reach " + place() + " over gRPC: " + std::string(cause),
            {std::move(setting), std::move(advice)}
        );
    }

    [[nodiscard]] Error mismatch(std::string cause, std::string advice) const {
        return error(
            ErrorKind::kUpstreamProtocol,
            "cannot talk to " + place() + " over gRPC: " + std::move(cause),
            {context_.url_setting, std::move(advice)}
        );
    }

    [[nodiscard]] Error too_large() const {
        constexpr std::size_t kMebi = 1024UL * 1024;
        return error(
                   ErrorKind::kUpstreamProtocol,
                   "a message of " + place() + " is larger than the receive limit of " +
                       std::to_string(std::max<std::size_t>(1, context_.max_message_bytes / kMebi)
                       ) +
                       " MiB",
                   {context_.receive_limit_setting,
                    "Raise the limit, or ask for fewer or smaller traces."}
        )
            .with_code("receive_limit")
            .with_cause(Cause::kReceiveLimit);
    }

    // Text of gRPC's HTTP/2 layer about an answer that no gRPC server gives.
    [[nodiscard]] bool speaks_http() const {
        if (has(text_, {"http1.x server", "unexpected content-type", "invalid content-type"})) {
            return true;
        }
        return has(text_, {"Received http2 header with status: "}) &&
               !has(
                   text_, {"status: 401", "status: 403", "status: 407", "status: 429", "status: 5"}
               );
    }

    [[nodiscard]] Error unreachable() const {
        if (has(text_, {"DNS resolution failed", "C-ares status", "Domain name not found"})) {
            return no_way(
                       "its host name cannot be resolved",
                       context_.url_setting,
                       "Check the host name in the URL."
            )
                .with_cause(Cause::kDns);
        }
        if (context_.use_tls) {
            if (has(text_, {"is not in peer certificate", "Hostname Verification"})) {
                return no_way(
                           "its TLS certificate is for another name",
                           context_.url_setting,
                           "Use a host name that the certificate holds."
                )
                    .with_cause(Cause::kCertificateName);
            }
            if (has(text_, {"certificate verify failed", "CERTIFICATE_VERIFY_FAILED"})) {
                return no_way(
                           "its TLS certificate is not trusted (unknown authority, or expired)",
                           context_.setting_prefix + ".auth.ca_file",
                           "Add the authority that signed it to the CA bundle or to ca_file."
                )
                    .with_cause(Cause::kCertificate);
            }
            if (has(text_, {"wrong version number", "packet length too long", "http request"})) {
                return mismatch(
                           "the port does not speak TLS",
                           "Use an http:// URL, or the port that serves TLS."
                )
                    .with_cause(Cause::kTlsOnPlain);
            }
        }
        return lost();
    }

    [[nodiscard]] Error lost() const {
        if (has(text_, {"Connection refused"})) {
            return no_way(
                       "connection refused",
                       context_.url_setting,
                       "Check the host and the port, and that the backend runs."
            )
                .with_cause(Cause::kRefused);
        }
        if (has(text_, {"Failed parsing HTTP/2"})) {
            return mismatch(
                "the port speaks something else; it may expect TLS",
                "Use an https:// URL when the port serves TLS, else check the port."
            );
        }
        const bool at_start = has(text_, {"failed to connect"});
        const bool closed =
            is_broken_stream(code_, text_) ||
            has(text_, {"Socket closed", "Transport closed", "Connection reset", "Broken pipe"});
        if (at_start && closed) {
            return context_.use_tls
                       ? no_way(
                             "the connection is closed during the TLS set-up; a client certificate "
                             "may be missing or refused",
                             context_.setting_prefix + ".auth.cert_file",
                             "Give the client certificate and key that the server demands."
                         )
                       : no_way(
                             "the connection is closed at once; the port may expect TLS",
                             context_.url_setting,
                             "Use an https:// URL when the port serves TLS, else check the port."
                         );
        }
        if (at_start) {
            return no_way(
                has(text_, {"imed out", "FD Shutdown"}) ? "no answer to the connection attempt"
                                                        : "the connection failed",
                context_.url_setting,
                "Check the host and the port, and the network between."
            );
        }
        const Error error = no_way(
            closed ? "the connection was lost" : "it says it is unavailable",
            context_.url_setting,
            "Check that the backend runs and is not overloaded."
        );
        return closed ? error : error.with_code(kBusy);
    }

    // Statuses that a gRPC server has chosen.
    [[nodiscard]] Error answered() const {
        switch (code_) {
            case GRPC_STATUS_UNAUTHENTICATED:
            case GRPC_STATUS_PERMISSION_DENIED:
                if (has(to_lower(text_), {"tenant"})) {
                    return error(
                               ErrorKind::kUpstreamAuth,
                               place() + " refuses the call: the tenant is missing or unknown",
                               {context_.setting_prefix + ".custom_headers",
                                "Send the tenant header (x-tenant) by custom_headers, with a "
                                "tenant that "
                                "exists."}
                    )
                        .with_cause(Cause::kTenant);
                }
                return error(
                           ErrorKind::kUpstreamAuth,
                           place() + " refuses the credentials",
                           {context_.setting_prefix + ".auth",
                            "Check the auth block; a store with tenants also needs its tenant "
                            "header in "
                            "custom_headers."}
                )
                    .with_cause(
                        has(to_lower(text_), {"expired"}) ? Cause::kExpiredToken
                                                          : Cause::kCredentials
                    );
            case GRPC_STATUS_UNIMPLEMENTED:
                return error(ErrorKind::kUpstreamProtocol, place() + " does not know this call")
                    .with_code("upstream_unimplemented");
            case GRPC_STATUS_NOT_FOUND:
                return error(
                    ErrorKind::kNotFound, context_.upstream + " does not have what was asked for"
                );
            case GRPC_STATUS_INVALID_ARGUMENT:
            case GRPC_STATUS_OUT_OF_RANGE:
            case GRPC_STATUS_FAILED_PRECONDITION:
                return error(
                    ErrorKind::kInvalidArgument, context_.upstream + " does not accept the query"
                );
            case GRPC_STATUS_RESOURCE_EXHAUSTED:
                return error(ErrorKind::kUpstreamUnavailable, place() + " is overloaded")
                    .with_code(kBusy)
                    .with_cause(Cause::kOverloaded);
            default:
                // What Jaeger says when its storage fails.
                return error(ErrorKind::kUpstreamProtocol, place() + " failed to answer")
                    .with_cause(code_ == GRPC_STATUS_INTERNAL ? Cause::kStorage : Cause::kNone);
        }
    }

    int code_;
    std::string_view text_;
    const GrpcErrorContext& context_;
};

}  // namespace

Error grpc_status_error(int code, std::string_view text, const GrpcErrorContext& context) {
    return Diagnosis(code, text, context).make();
}

bool grpc_connection_lost(int code, std::string_view text) {
    if (is_broken_stream(code, text)) {
        return true;
    }
    return code == GRPC_STATUS_UNAVAILABLE && !has(text, {"failed to connect", "DNS resolution"}) &&
           has(text,
               {"Socket closed",
                "Transport closed",
                "GOAWAY",
                "Connection reset",
                "Broken pipe",
                "Stream refused",
                "RST_STREAM with error code 7"});  // REFUSED_STREAM: not looked at
}

}  // namespace meshscope::clients
