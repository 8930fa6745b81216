#include "clients/jaeger/http_v1.hpp"

#include "clients/jaeger/http_calls.hpp"
#include "clients/jaeger/http_v1_decoder.hpp"
#include "clients/jaeger/http_v1_query.hpp"
#include "clients/jaeger/http_v1_stream.hpp"

#include <algorithm>
#include <atomic>
#include <utility>

namespace meshscope::clients::jaeger {

struct HttpV1Protocol::Impl {
    Impl(HttpClientOptions options, const Clock& clock, WorkerPool* workers)
        : calls(std::move(options), clock, workers, HttpApi{}) {}

    HttpCalls calls;
    std::atomic<bool> old_operations{false};  // /api/operations is unknown there
};

HttpV1Protocol::HttpV1Protocol(HttpClientOptions options, const Clock& clock, WorkerPool* workers)
    : impl_(std::make_shared<Impl>(std::move(options), clock, workers)) {}

HttpV1Protocol::~HttpV1Protocol() = default;

std::string HttpV1Protocol::endpoint() const { return impl_->calls.endpoint(); }

Awaitable<Result<TraceBatch>> HttpV1Protocol::find_traces(
    RequestContext context, TraceQuery query
) {
    const auto impl = impl_;
    const std::shared_ptr<TraceStream> stream = make_v1_trace_stream(impl->calls.receive_limit());
    auto response = co_await impl->calls.ask(std::move(context), search_target(query), stream);
    if (!response) {
        co_return response.error();
    }
    auto batch = co_await impl->calls.decode(std::move(*response), decode_traces, stream);
    if (batch && batch->traces.empty() && !batch->errors.empty()) {
        co_return only_errors(batch->errors);
    }
    if (batch && !batch->errors.empty() && batch->stopped_by == StoppedBy::kComplete) {
        batch->stopped_by = StoppedBy::kBackend;
    }
    co_return batch;
}

Awaitable<Result<TraceBatch>> HttpV1Protocol::get_trace(
    RequestContext context, TraceId id, std::optional<TimeRange> near
) {
    const auto impl = impl_;
    const std::shared_ptr<TraceStream> stream = make_v1_trace_stream(impl->calls.receive_limit());
    auto response = co_await impl->calls.ask(std::move(context), trace_target(id, near), stream);
    if (!response) {
        co_return response.error().kind() == ErrorKind::kNotFound ? trace_not_found(id)
                                                                  : response.error();
    }
    auto batch = co_await impl->calls.decode(std::move(*response), decode_traces, stream);
    if (!batch) {
        co_return batch;
    }
    std::erase_if(batch->traces, [&](const models::TracePtr& trace) { return trace->id != id; });
    if (!batch->traces.empty()) {
        batch->traces.resize(1);
        co_return batch;
    }
    const bool failed =
        std::any_of(batch->errors.begin(), batch->errors.end(), [](const StoreError& error) {
            return error.code != 404;
        });
    co_return failed ? only_errors(batch->errors) : trace_not_in(*batch, id);
}

Awaitable<Result<std::vector<std::string>>> HttpV1Protocol::services(RequestContext context) {
    const auto impl = impl_;
    auto response = co_await impl->calls.ask(std::move(context), "/api/services");
    if (!response) {
        co_return response.error();
    }
    auto found = decode_services(std::move(response->body), response->incomplete);
    if (!found) {
        co_return found.error();
    }
    if (found->names.empty() && !found->errors.empty()) {
        co_return only_errors(found->errors);
    }
    co_return std::move(found->names);
}

Awaitable<Result<std::vector<Operation>>> HttpV1Protocol::operations(
    RequestContext context, std::string service, std::string span_kind
) {
    const auto impl = impl_;
    const bool old = impl->old_operations.load(std::memory_order_relaxed);
    std::string target =
        old ? service_operations_target(service) : operations_target(service, span_kind);
    auto response = co_await impl->calls.ask(context, std::move(target));
    if (!response && !old && response.error().kind() == ErrorKind::kUpstreamProtocol) {
        auto again =
            co_await impl->calls.ask(std::move(context), service_operations_target(service));
        if (again) {
            impl->old_operations.store(true, std::memory_order_relaxed);
            response = std::move(again);
        }
    }
    if (!response) {
        co_return response.error();
    }
    auto found = decode_operations(std::move(response->body), response->incomplete);
    if (!found) {
        co_return found.error();
    }
    if (found->operations.empty() && !found->errors.empty()) {
        co_return only_errors(found->errors);
    }
    co_return std::move(found->operations);
}

Awaitable<std::string> HttpV1Protocol::version(RequestContext context) {
    const auto impl = impl_;
    co_return co_await impl->calls.version(std::move(context));
}

}  // namespace meshscope::clients::jaeger
