#include "clients/http/fault.hpp"

namespace meshscope::clients {

namespace {

std::string headline(const Fault& fault, const std::string& upstream) {
    switch (fault.kind) {
        case ErrorKind::kUpstreamUnavailable:
            return "cannot reach " + upstream + ": " + fault.cause;
        case ErrorKind::kUpstreamProtocol:
            return "unexpected answer from " + upstream + ": " + fault.cause;
        case ErrorKind::kDeadline:
            return fault.code.empty() ? upstream + " did not answer in time"
                                      : upstream + ": " + fault.cause;
        default:
            return upstream + ": " + fault.cause;
    }
}

}  // namespace

Error to_error(
    const Fault& fault,
    const HttpClientOptions& options,
    const std::string& method,
    const std::string& url
) {
    std::string detail = method + " " + url + ": " + fault.cause;
    if (!fault.where.empty()) {
        detail += " (" + fault.where + ")";
    }
    Error error = Error(fault.kind, headline(fault, options.upstream))
                      .with_upstream(options.upstream)
                      .with_detail(std::move(detail))
                      .with_cause(fault.known);
    if (!fault.code.empty()) {
        error = error.with_code(fault.code);
    }
    if (fault.setting.empty() && fault.advice.empty()) {
        return error;
    }
    Hint hint;
    hint.advice = fault.advice;
    if (!fault.setting.empty()) {
        const std::string name = fault.setting == kUrlSetting ? options.url_setting : fault.setting;
        hint.setting = options.setting_prefix.empty() ? name : options.setting_prefix + "." + name;
    }
    return error.with_hint(std::move(hint));
}

Fault cancelled_fault() { return {ErrorKind::kCancelled, "the request was cancelled", "", "", ""}; }

Fault grpc_port_fault() {
    return {
        ErrorKind::kUpstreamProtocol,
        "this is a gRPC port",
        "use_grpc",
        "this is a gRPC port; set use_grpc to true, or use the HTTP port (16686 for Jaeger)",
        "",
        false,
        "",
        Cause::kGrpcPort
    };
}

Fault tls_on_plain_fault() {
    return {
        ErrorKind::kUpstreamProtocol,
        "the server speaks TLS on this port, the URL says http",
        kUrlSetting,
        "use https:// in the URL, or the server's plain port",
        "",
        false,
        "",
        Cause::kPlainOnTls
    };
}

Fault plain_on_tls_fault() {
    return {
        ErrorKind::kUpstreamProtocol,
        "the server does not speak TLS on this port, the URL says https",
        kUrlSetting,
        "use http:// in the URL, or the server's TLS port",
        "",
        false,
        "",
        Cause::kTlsOnPlain
    };
}

}  // namespace meshscope::clients
