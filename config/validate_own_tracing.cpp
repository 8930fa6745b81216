#include "config/validate_own_tracing.hpp"

#include "config/mask.hpp"

#include <string>
#include <string_view>

namespace meshscope::config {

namespace {

std::string quote(std::string_view text) { return "\"" + mask_urls(text) + "\""; }

}  // namespace

void validate_own_tracing(const OwnTracing& own, Findings& findings) {
    const std::string base = "server.observability.tracing.";
    const std::string& protocol = own.otel.protocol;
    const std::string& url = own.collector_url;
    if (own.collector_type != "otel") {
        findings.error(
            base + "collector_type", quote(own.collector_type) + " is not known; write otel"
        );
    }
    if (protocol != "http" && protocol != "https" && protocol != "grpc") {
        findings.error(
            base + "otel.protocol", quote(protocol) + " is not known; write http, https or grpc"
        );
    } else if (own.otel.tls_enabled && protocol == "http") {
        findings.warning(
            base + "otel.tls_enabled", "is for grpc only; write protocol: https for TLS"
        );
    }
    if (url.find("://") != std::string::npos) {
        findings.error(
            base + "collector_url",
            quote(url) + " has a scheme; write host:port, otel.protocol says how it is reached"
        );
    } else if (url.empty() || url.front() == '/') {
        findings.error(base + "collector_url", quote(url) + " has no host; write host:port");
    } else if (protocol == "grpc" && url.find('/') != std::string::npos) {
        findings.error(base + "collector_url", quote(url) + " has a path; gRPC knows none");
    }
}

}  // namespace meshscope::config
