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

// Jaeger's HTTP api_v3 (OTLP in JSON). Usable from every thread. The URL is used as it is given; an
// unknown path is explained as by HttpV1Protocol.
//
// probe(): besides the services it finds out how old the server is: by the version on its UI page,
// else by whether it knows /api/v3/trace-summaries. Releases before 2.19 ignore tag filters: they
// are "server_too_old", and searches with tags get the warning "tag_filter_ignored" from then on.
class HttpV3Protocol final : public Protocol {
 public:
    // `workers`, when given, decodes long bodies; it must outlive the calls.
    HttpV3Protocol(HttpClientOptions options, const Clock& clock, WorkerPool* workers);
    ~HttpV3Protocol() override;

    [[nodiscard]] std::string_view name() const override { return "http api_v3"; }
    [[nodiscard]] std::string endpoint() const override;

    Awaitable<Result<TraceBatch>> find_traces(RequestContext context, TraceQuery query) override;
    Awaitable<Result<TraceBatch>> get_trace(
        RequestContext context, TraceId id, std::optional<TimeRange> near
    ) override;
    Awaitable<Result<std::vector<std::string>>> services(RequestContext context) override;
    Awaitable<Result<std::vector<Operation>>> operations(
        RequestContext context, std::string service, std::string span_kind
    ) override;
    Awaitable<Result<>> probe(RequestContext context) override;
    Awaitable<std::string> version(RequestContext context) override;

 private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace meshscope::clients::jaeger
