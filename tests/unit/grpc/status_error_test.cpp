#include "clients/grpc/status_error.hpp"

#include <catch2/catch.hpp>

using namespace meshscope;
using namespace meshscope::clients;

namespace {

GrpcErrorContext context_of(bool tls) {
    GrpcErrorContext context;
    context.upstream = "jaeger";
    context.address = "tracing.istio-system:16685";
    context.use_tls = tls;
    context.setting_prefix = "external_services.tracing";
    context.url_setting = "external_services.tracing.in_cluster_url";
    context.receive_limit_setting = "meshscope.receive_limit_mb";
    context.http_advice = "Use port 16685.";
    context.max_message_bytes = 64UL * 1024 * 1024;
    context.secret = "Bearer tok-very-secret";
    return context;
}

struct Row {
    int status;
    const char* text;
    bool tls;
    ErrorKind kind;
    const char* says;     // part of the message
    const char* setting;  // of the hint
};

}  // namespace

TEST_CASE("every failure names its cause and the setting to change") {
    constexpr const char* kUrl = "external_services.tracing.in_cluster_url";
    constexpr const char* kAuth = "external_services.tracing.auth";
    constexpr const char* kHeaders = "external_services.tracing.custom_headers";
    const Row row = GENERATE(
        Row{14,
            "last error: UNKNOWN: ipv4:127.0.0.1:1: Failed to connect to remote host: Connection "
            "refused",
            false,
            ErrorKind::kUpstreamUnavailable,
            "connection refused",
            kUrl},
        Row{14,
            "DNS resolution failed for nosuch:1: C-ares status is not ARES_SUCCESS: Domain name "
            "not found",
            false,
            ErrorKind::kUpstreamUnavailable,
            "cannot be resolved",
            kUrl},
        Row{14,
            "failed to connect to all addresses; last error: Trying to connect an http1.x server",
            false,
            ErrorKind::kUpstreamProtocol,
            "speaks HTTP, not gRPC",
            kUrl},
        Row{12,
            "Received http2 header with status: 404",
            false,
            ErrorKind::kUpstreamProtocol,
            "speaks HTTP",
            kUrl},
        Row{2,
            "Received http2 header with status: 302",
            false,
            ErrorKind::kUpstreamProtocol,
            "speaks HTTP",
            kUrl},
        Row{14,
            "Received http2 header with status: 503",
            false,
            ErrorKind::kUpstreamUnavailable,
            "unavailable",
            kUrl},
        Row{16,
            "Received http2 header with status: 401",
            false,
            ErrorKind::kUpstreamAuth,
            "refuses",
            kAuth},
        Row{14,
            "failed to connect to all addresses; last error: UNAVAILABLE: Socket closed",
            false,
            ErrorKind::kUpstreamUnavailable,
            "may expect TLS",
            kUrl},
        Row{14,
            "failed to connect to all addresses; last error: UNAVAILABLE: Socket closed",
            true,
            ErrorKind::kUpstreamUnavailable,
            "client certificate",
            "external_services.tracing.auth.cert_file"},
        Row{14,
            "Ssl handshake failed: SSL_ERROR_SSL: error:0A000086:SSL routines::certificate verify "
            "failed",
            true,
            ErrorKind::kUpstreamUnavailable,
            "not trusted",
            "external_services.tracing.auth.ca_file"},
        Row{14,
            "last error: UNKNOWN: Peer name 127.0.0.1 is not in peer certificate",
            true,
            ErrorKind::kUpstreamUnavailable,
            "another name",
            kUrl},
        Row{14,
            "Ssl handshake failed: error:0A00010B:SSL routines::wrong version number",
            true,
            ErrorKind::kUpstreamProtocol,
            "does not speak TLS",
            kUrl},
        Row{2, "Stream removed", false, ErrorKind::kUpstreamUnavailable, "connection was lost", kUrl
        },
        Row{14, "Socket closed", false, ErrorKind::kUpstreamUnavailable, "connection was lost", kUrl
        },
        Row{16,
            "missing tenant header",
            false,
            ErrorKind::kUpstreamAuth,
            "the tenant is missing or unknown",
            kHeaders},
        Row{7, "unknown Tenant", false, ErrorKind::kUpstreamAuth, "the tenant is", kHeaders},
        Row{16, "invalid token", false, ErrorKind::kUpstreamAuth, "refuses the credentials", kAuth},
        Row{7, "not allowed", false, ErrorKind::kUpstreamAuth, "refuses the credentials", kAuth},
        Row{12,
            "unknown service",
            false,
            ErrorKind::kUpstreamProtocol,
            "does not know this call",
            ""},
        Row{5, "trace not found", false, ErrorKind::kNotFound, "", ""},
        Row{3, "missing query", false, ErrorKind::kInvalidArgument, "does not accept", ""},
        Row{13,
            "failed to fetch spans from the backend",
            false,
            ErrorKind::kUpstreamProtocol,
            "failed to answer",
            ""},
        Row{8,
            "Received message larger than max (5 vs. 4)",
            false,
            ErrorKind::kUpstreamProtocol,
            "64 MiB",
            "meshscope.receive_limit_mb"},
        Row{8, "too many requests", false, ErrorKind::kUpstreamUnavailable, "overloaded", ""},
        Row{4,
            "Deadline Exceeded",
            false,
            ErrorKind::kDeadline,
            "in time",
            "external_services.tracing.query_timeout"},
        Row{1, "Cancelled", false, ErrorKind::kCancelled, "cancelled", ""}
    );
    INFO(row.text);
    const Error error = grpc_status_error(row.status, row.text, context_of(row.tls));
    CHECK(error.kind() == row.kind);
    CHECK(error.message().find(row.says) != std::string::npos);
    CHECK(error.hint().setting == row.setting);
    CHECK(error.hint().advice.empty() == error.hint().setting.empty());
    CHECK(error.upstream() == "jaeger");
    CHECK(error.detail() == row.text);
}

TEST_CASE("codes that callers decide by are stable") {
    CHECK(
        grpc_status_error(12, "unknown service", context_of(false)).code() ==
        "upstream_unimplemented"
    );
    CHECK(grpc_status_error(8, "larger than max", context_of(false)).code() == "receive_limit");
}

TEST_CASE("what a server says is cut, made valid and never holds our credential") {
    const Error echoed = grpc_status_error(
        16, "bad header Bearer tok-very-secret and tok-very-secret", context_of(false)
    );
    CHECK(echoed.detail() == "bad header *** and ***");
    const Error lines = grpc_status_error(13, "a\nb\xff", context_of(false));
    CHECK(lines.detail() == "a b\xEF\xBF\xBD");
    std::string long_text = std::string(299, 'x');
    for (int i = 0; i < 50; ++i) {
        long_text += "\xC3\xA4";
    }
    CHECK(
        grpc_status_error(13, long_text, context_of(false)).detail() ==
        std::string(299, 'x') + "..."
    );
}

TEST_CASE("only a connection lost under way is worth a second try") {
    CHECK(grpc_connection_lost(14, "Socket closed"));
    CHECK(grpc_connection_lost(14, "GOAWAY received"));
    CHECK(grpc_connection_lost(2, "Stream removed"));
    CHECK_FALSE(grpc_connection_lost(2, "the store says: Stream removed"));
    CHECK_FALSE(
        grpc_connection_lost(14, "failed to connect to all addresses; last error: Socket closed")
    );
    CHECK_FALSE(grpc_connection_lost(14, "storage is unavailable"));
    CHECK_FALSE(grpc_connection_lost(4, "Socket closed"));
}

TEST_CASE("a server that asks to come back later is told from one that is gone") {
    const auto code = [](int status, const char* text) {
        return grpc_status_error(status, text, context_of(false)).code();
    };
    CHECK(code(14, "no healthy upstream") == "upstream_busy");
    CHECK(code(14, "Received http2 header with status: 503") == "upstream_busy");
    CHECK(code(8, "too many requests") == "upstream_busy");
    CHECK(code(14, "Socket closed") == "upstream_unreachable");
    CHECK(
        code(14, "Failed to connect to remote host: Connection refused") == "upstream_unreachable"
    );
}

TEST_CASE("what is sure about a failure is its cause, too") {
    struct Known {
        int status;
        const char* text;
        bool tls;
        Cause cause;
    };
    const auto* const certificate =
        "failed to connect; SSL_ERROR_SSL: CERTIFICATE_VERIFY_FAILED: self signed certificate";
    const Known row = GENERATE_COPY(
        Known{14, "Failed to connect to remote host: Connection refused", false, Cause::kRefused},
        Known{14, "DNS resolution failed for nosuch:1", false, Cause::kDns},
        Known{14, "Trying to connect an http1.x server", false, Cause::kHttpPort},
        Known{14, "failed to connect; wrong version number", true, Cause::kTlsOnPlain},
        Known{14, "Peer name x is not in peer certificate", true, Cause::kCertificateName},
        Known{14, certificate, true, Cause::kCertificate},
        Known{14, "failed to connect; Socket closed", true, Cause::kNone},
        Known{4, "Deadline Exceeded", false, Cause::kSilent},
        Known{16, "token has expired", false, Cause::kExpiredToken},
        Known{16, "who are you", false, Cause::kCredentials},
        Known{16, "missing tenant header", false, Cause::kTenant},
        Known{8, "Received message larger than max (5 vs. 4)", false, Cause::kReceiveLimit},
        Known{8, "too many", false, Cause::kOverloaded},
        Known{13, "failed when searching for traces: no such host", false, Cause::kStorage},
        Known{2, "?", false, Cause::kNone}
    );
    INFO(row.text);
    CHECK(grpc_status_error(row.status, row.text, context_of(row.tls)).cause() == row.cause);
}
