#pragma once

#include "clients/trace_store.hpp"
#include "telemetry/tracer.hpp"

#include <string>
#include <vector>

namespace meshscope::app {

// A trace store whose calls leave a span in sampled requests: how long the caller waited, what it
// cost, whether it shared another request's call or was served from memory. The calls on the wire,
// when there were any, are its children.
class TracedStore final : public clients::TraceStore {
 public:
    // Both outlive this one; `upstream` is the name in bills.
    TracedStore(clients::TraceStore& inner, telemetry::Tracer& tracer, std::string upstream)
        : inner_(inner), tracer_(tracer), upstream_(std::move(upstream)) {}

    Awaitable<Result<clients::TraceBatch>> find_traces(
        RequestContext context, clients::TraceQuery query
    ) override;
    Awaitable<Result<clients::TraceBatch>> get_trace(
        RequestContext context, TraceId id, std::optional<TimeRange> near
    ) override;
    Awaitable<Result<std::vector<std::string>>> services(RequestContext context) override;
    Awaitable<Result<std::vector<clients::Operation>>> operations(
        RequestContext context, std::string service, std::string span_kind
    ) override;
    [[nodiscard]] clients::StoreState state() const override { return inner_.state(); }

 private:
    clients::TraceStore& inner_;
    telemetry::Tracer& tracer_;
    const std::string upstream_;
};

}  // namespace meshscope::app
