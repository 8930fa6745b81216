#pragma once

#include "clients/http/http_client.hpp"
#include "clients/jaeger/diagnosis.hpp"
#include "clients/jaeger/trace_stream.hpp"
#include "clients/trace_store.hpp"

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace meshscope {
class WorkerPool;
}

namespace meshscope::clients::jaeger {

// What the versions of Jaeger's HTTP API share: asking, and explaining what is no answer. When a
// path is unknown, Jaeger's UI page is looked for at the base path, /jaeger/ and /, at most once in
// 30 s. Usable from every thread; must outlive its calls.
class HttpCalls {
 public:
    using Decoder =
        Result<TraceBatch> (*)(std::string body, const std::optional<Error>& incomplete);

    // `workers`, when given, decodes long bodies.
    HttpCalls(HttpClientOptions options, const Clock& clock, WorkerPool* workers, HttpApi api);

    // "http jaeger:16686".
    [[nodiscard]] std::string endpoint() const;

    // An answer worth decoding, or the diagnosis. Asked once more when the server or a proxy says
    // that it is busy, after the pause it wishes for (http/retry_after.hpp).
    // A long body goes to `stream`, when given (HttpLimits::stream_above); the answer is then
    // `streamed`.
    Awaitable<Result<HttpResponse>> ask(
        RequestContext context, std::string target, std::shared_ptr<TraceStream> stream = nullptr
    );
    // The answer as it is.
    Awaitable<Result<HttpResponse>> get(RequestContext context, std::string target);
    // `stream` is the one of ask(): it has the traces when the answer was streamed.
    Awaitable<Result<TraceBatch>> decode(
        HttpResponse response, Decoder decoder, std::shared_ptr<TraceStream> stream = nullptr
    );
    // What one answer may take: bytes of a body, or of the memory that a stream fills.
    [[nodiscard]] std::size_t receive_limit() const;
    // Of the UI page at the base path; "" when there is none or it does not say.
    Awaitable<std::string> version(RequestContext context);

    // What error texts need of a question.
    [[nodiscard]] Asked asked(std::string_view target) const;

 private:
    Awaitable<Result<HttpResponse>> get(
        RequestContext context, std::string target, std::shared_ptr<BodySink> sink
    );
    Awaitable<Surroundings> look_around(RequestContext context);
    [[nodiscard]] Error too_slow(const Error& error) const;

    const std::string setting_prefix_;
    const std::string url_setting_;
    const Url base_;
    const HttpApi api_;
    HttpClient origin_;  // the same server without the base path, to look for the UI page
    HttpClient client_;
    const Clock& clock_;
    WorkerPool* const workers_;
    std::mutex mutex_;
    Surroundings seen_;
    SteadyTime look_again_at_{};
};

// An answer that holds errors and nothing else; `errors` is not empty.
[[nodiscard]] Error only_errors(const std::vector<StoreError>& errors);

[[nodiscard]] Error trace_not_found(TraceId id);
// Of an answer without the trace: not found, unless something of the answer is missing.
[[nodiscard]] Error trace_not_in(const TraceBatch& batch, TraceId id);

}  // namespace meshscope::clients::jaeger
