#pragma once

#include "async/awaitable.hpp"
#include "async/request_context.hpp"
#include "clients/http/http_client.hpp"
#include "clients/kubernetes/connection.hpp"
#include "core/clock.hpp"
#include "core/result.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace meshscope::clients::kubernetes {

struct ApiRequest {
    std::string method = "GET";
    std::string target;  // below the server's path prefix
    std::string accept = "application/json";
    std::string body;        // JSON of a review: a POST without effect
    bool as_server = false;  // the server's own account; else context.caller.credentials decide
};

// The HTTP side: identity, Accept, warnings. Usable from every thread. A 401 to the server's own
// token is tried once more with the token as it is then; nothing else is: who asks knows whether
// asking again makes sense.
class ApiClient {
 public:
    // `on_warning` is told each text of the API server's Warning headers once, at most 1000 texts;
    // on any thread. `clock` outlives this.
    ApiClient(
        Connection connection,
        const Clock& clock,
        std::function<void(const std::string&)> on_warning = {}
    );

    // Every answer, also one of failure: fault_of() tells. Errors: no answer, another form than
    // JSON where that was asked for (kUpstreamProtocol), kUnauthenticated when the caller has no
    // credentials: such a call is never made with the server's own.
    Awaitable<Result<HttpResponse>> call(RequestContext context, ApiRequest request) const;

    // Watches and logs: the body of a 2xx goes to `sink` as it comes, without end; `silence` as
    // HttpRequest::idle_timeout.
    Awaitable<Result<HttpResponse>> stream(
        RequestContext context,
        ApiRequest request,
        std::shared_ptr<BodySink> sink,
        std::chrono::milliseconds silence
    ) const;

    [[nodiscard]] const Clock& clock() const;

 private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace meshscope::clients::kubernetes
