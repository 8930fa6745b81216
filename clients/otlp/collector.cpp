#include "clients/otlp/collector.hpp"

namespace meshscope::clients::otlp {

namespace {

constexpr std::uint16_t kHttpPort = 4318;
constexpr std::uint16_t kGrpcPort = 4317;

Error bad(const std::string& why) {
    return Error(ErrorKind::kInvalidArgument, why)
        .with_hint({std::string(kSettings) + ".collector_url", "write it as host:port"});
}

bool has(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

Hint own(const char* key, const char* advice) {
    return {std::string(kSettings) + "." + key, advice};
}

}  // namespace

Result<Url> parse_collector(std::string_view text, Wire wire, bool tls) {
    if (has(text, "://")) {
        return bad("the collector's address has a scheme; otel.protocol says how to reach it");
    }
    Result<Url> url = parse_url((tls ? "https://" : "http://") + std::string(text));
    if (!url) {
        return bad("the collector's address cannot be used: " + url.error().message());
    }
    if (!url->userinfo.empty()) {
        return bad("the collector's address has a user; credentials go into headers");
    }
    if (wire == Wire::kGrpc && !url->path.empty()) {
        return bad("the collector's address has a path, which gRPC does not know");
    }
    if (url->port == 0) {
        url->port = wire == Wire::kGrpc ? kGrpcPort : kHttpPort;
    }
    return url;
}

std::string place_of(const Collector& collector) {
    return collector.url.host_header() + collector.url.path;
}

Error with_own_hint(const Error& error, const Collector& collector) {
    const std::string& setting = error.hint().setting;
    const std::string said = error.message() + " " + error.detail();
    const bool http = collector.wire == Wire::kHttp;
    if (setting.ends_with(".use_grpc")) {
        return error.with_hint(
            own("otel.protocol",
                "set it to grpc, or use the collector's HTTP port, usually 4318, in collector_url")
        );
    }
    if (setting.ends_with(".auth.ca_file")) {
        return error.with_hint(own(
            "otel.skip_verify",
            "add the authority that signed the certificate to the bundle of authorities; to accept "
            "any certificate, set this to true"
        ));
    }
    if (setting.ends_with(".auth.cert_file")) {
        return error.with_hint(
            own("collector_url",
                "the collector may demand a client certificate, which is not sent; use a port that "
                "does not")
        );
    }
    if (has(said, "speaks TLS on this port") || has(said, "may expect TLS")) {
        return error.with_hint(
            http ? own("otel.protocol", "set it to https, or use the collector's plain port")
                 : own("otel.tls_enabled", "set it to true, or use the collector's plain port")
        );
    }
    if (has(said, "does not speak TLS")) {
        return error.with_hint(
            http ? own("otel.protocol", "set it to http, or use the collector's TLS port")
                 : own("otel.tls_enabled", "set it to false, or use the collector's TLS port")
        );
    }
    if (setting.ends_with(".query_timeout") || setting.ends_with(".auth")) {
        return error.with_hint(own("collector_url", "check that the collector is well"));
    }
    return error;
}

}  // namespace meshscope::clients::otlp
