#pragma once

#include "clients/http/http_client.hpp"
#include "clients/jaeger/protocol.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace meshscope {
class WorkerPool;
}

namespace meshscope::clients::jaeger {

// Jaeger's HTTP v1 JSON API (the one of its UI, releases up to 2.20). Usable from every thread.
// The URL is used as it is given: a wrong prefix or port is explained in the error, never
// corrected. When a path is unknown, Jaeger's UI page is looked for at the base path, /jaeger/ and
// /, at most once in 30 s.
class HttpV1Protocol final : public Protocol {
 public:
    // `workers`, when given, decodes long bodies; it must outlive the calls.
    HttpV1Protocol(HttpClientOptions options, const Clock& clock, WorkerPool* workers);
    ~HttpV1Protocol() override;

    [[nodiscard]] std::string_view name() const override { return "http v1"; }
    [[nodiscard]] std::string endpoint() const override;

    Awaitable<Result<TraceBatch>> find_traces(RequestContext context, TraceQuery query) override;
    Awaitable<Result<TraceBatch>> get_trace(
        RequestContext context, TraceId id, std::optional<TimeRange> near
    ) override;
    Awaitable<Result<std::vector<std::string>>> services(RequestContext context) override;
    // Old servers give names without kinds; then `span_kind` cannot be honoured and kinds are "".
    Awaitable<Result<std::vector<Operation>>> operations(
        RequestContext context, std::string service, std::string span_kind
    ) override;
    Awaitable<std::string> version(RequestContext context) override;

 private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace meshscope::clients::jaeger
