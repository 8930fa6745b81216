#include "clients/http/call_span.hpp"

#include <cstdint>

namespace meshscope::clients {

telemetry::ActiveSpan start_call_span(
    const HttpClientOptions& options,
    RequestContext& context,
    const std::string& method,
    const std::string& url
) {
    auto span = telemetry::start_span(
        options.tracer, context, method + " " + options.upstream, telemetry::SpanKind::kClient
    );
    if (span) {
        span->set("http.request.method", method);
        span->set("url.full", url);
        span->set("server.address", options.base.host);
        span->set("server.port", std::int64_t{options.base.port_or_default()});
        span->set("peer.service", options.upstream);
    }
    return span;
}

void finish_call_span(telemetry::ActiveSpan& span, const Result<HttpResponse>& result) {
    if (!span) {
        return;
    }
    if (!result) {
        span->fail(result.error().code(), result.error().message());
        return span.end();
    }
    span->set("http.response.status_code", std::int64_t{result->status});
    if (!result->streamed) {
        span->set("http.response.body.size", static_cast<std::int64_t>(result->body.size()));
    }
    if (result->incomplete) {
        span->fail(result->incomplete->code(), result->incomplete->message());
    } else if (result->status >= 400) {
        span->fail(std::to_string(result->status), "");
    }
    span.end();
}

}  // namespace meshscope::clients
