#include "server/server_span.hpp"

#include <charconv>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace meshscope::server {

namespace {

// "host", "host:port", "[v6]:port" of a Host field.
void add_authority(telemetry::SpanRecord& span, std::string_view host) {
    const std::size_t bracket = host.starts_with('[') ? host.find(']') : std::string_view::npos;
    const std::size_t from = bracket == std::string_view::npos ? 0 : bracket;
    const std::size_t colon = host.find(':', from);
    const std::string_view name =
        bracket == std::string_view::npos ? host.substr(0, colon) : host.substr(1, bracket - 1);
    if (name.empty()) {
        return;
    }
    span.set("server.address", name);
    if (colon != std::string_view::npos) {
        const std::string_view digits = host.substr(colon + 1);
        std::uint16_t port = 0;
        const auto end = digits.data() + digits.size();
        if (std::from_chars(digits.data(), end, port).ptr == end && port != 0) {
            span.set("server.port", std::int64_t{port});
        }
    }
}

void add_outcome(telemetry::SpanRecord& span, unsigned status, std::uint64_t bytes) {
    if (status == kClientGone) {
        span.set("error.type", "client_gone");  // nothing the server did wrong
        return;
    }
    span.set("http.response.status_code", std::int64_t{status});
    span.set("http.response.size", static_cast<std::int64_t>(bytes));
    if (status >= 500) {
        span.fail(std::to_string(status), "");
    }
}

}  // namespace

telemetry::SpanPtr server_span(const Exchange& exchange, unsigned status, std::uint64_t bytes) {
    const Request& request = exchange.request;
    const TraceContext& trace = exchange.context.trace;
    auto span = std::make_unique<telemetry::SpanRecord>();
    span->trace = trace.trace;
    span->id = trace.span;
    span->parent = exchange.caller_span;
    span->remote_parent = !exchange.caller_span.is_zero();
    span->trace_state = trace.state;
    span->kind = telemetry::SpanKind::kServer;
    const bool known = request.method != Method::kOther;
    const std::string_view method = known ? to_string(request.method) : "_OTHER";
    span->name = known ? method : "HTTP";
    if (exchange.route != nullptr) {
        span->name += " " + exchange.route->pattern;
        span->set("http.route", exchange.route->pattern);
    }
    span->set("http.request.method", method);
    span->set("url.scheme", request.tls ? "https" : "http");
    if (!request.path.empty()) {
        span->set("url.path", request.path);
    }
    add_authority(*span, request.headers.get("Host").value_or(""));
    span->set("client.address", request.peer);
    span->set("network.protocol.version", exchange.facts.http10 ? "1.0" : "1.1");
    if (const auto agent = request.headers.get("User-Agent")) {
        span->set("user_agent.original", *agent);
    }
    span->set("http.request.header.x-request-id", exchange.context.request_id);
    add_outcome(*span, status, bytes);
    return span;
}

}  // namespace meshscope::server
