#pragma once

#include "clients/http/http_client.hpp"
#include "telemetry/tracer.hpp"

#include <string>

namespace meshscope::clients {

// The client span of one call, by OpenTelemetry's conventions for HTTP clients; becomes the span of
// `context`. `url` without query and userinfo, which may hold secrets.
telemetry::ActiveSpan start_call_span(
    const HttpClientOptions& options,
    RequestContext& context,
    const std::string& method,
    const std::string& url
);

// From 400 on a status is an error, as is an answer that was cut.
void finish_call_span(telemetry::ActiveSpan& span, const Result<HttpResponse>& result);

}  // namespace meshscope::clients
