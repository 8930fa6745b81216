#pragma once

#include "clients/http/http_client.hpp"
#include "clients/prometheus/diagnosis.hpp"
#include "clients/prometheus/query_form.hpp"

#include <atomic>
#include <string>
#include <string_view>

namespace meshscope::clients::prometheus {

// Asks one store over HTTP: forms by POST, by GET for ten minutes once POST was refused and GET was
// not. Usable from every thread; must outlive its calls.
class QueryCalls {
 public:
    QueryCalls(HttpClientOptions options, const Clock& clock);

    // An answer worth decoding, or the diagnosis. `timeout` is added to the form: a little less
    // than what the context's deadline leaves. Asked once more when the store or a proxy says that
    // it is busy or not ready, after the pause it wishes for (http/retry_after.hpp).
    Awaitable<Result<HttpResponse>> ask(RequestContext context, std::string path, QueryForm form);
    // A plain GET: the answer worth decoding, or the diagnosis.
    Awaitable<Result<HttpResponse>> get(RequestContext context, std::string path);

    [[nodiscard]] Asked asked(std::string_view path) const;

 private:
    Awaitable<Result<HttpResponse>> ask_once(
        RequestContext context, std::string path, QueryForm form
    );
    Awaitable<Result<HttpResponse>> post(
        RequestContext context, std::string path, const QueryForm& form
    );
    Awaitable<Result<HttpResponse>> get_form(
        RequestContext context, std::string path, const QueryForm& form
    );
    [[nodiscard]] Result<HttpResponse> judged(
        Result<HttpResponse> response, const std::string& path
    ) const;

    HttpClient client_;
    const Clock& clock_;
    std::atomic<SteadyTime::rep> get_until_{SteadyTime::min().time_since_epoch().count()};
};

}  // namespace meshscope::clients::prometheus
