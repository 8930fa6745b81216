#include "clients/jaeger/http_v1.hpp"

#include "async/worker_pool.hpp"
#include "clients/jaeger/diagnosis.hpp"
#include "clients/jaeger/http_v1_decoder.hpp"
#include "clients/jaeger/http_v1_query.hpp"
#include "clients/jaeger/json_tokens.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <mutex>
#include <utility>

namespace meshscope::clients::jaeger {

namespace {

constexpr std::size_t kDecodeHere = 128UL * 1024;  // longer bodies take about a millisecond or more
constexpr std::chrono::seconds kLookAgain{30};

HttpClientOptions at_origin(HttpClientOptions options) {
    options.base.path.clear();
    options.limits.max_body_bytes =
        std::min<std::size_t>(options.limits.max_body_bytes, 1024UL * 1024);
    return options;
}

std::string_view path_of(std::string_view target) { return target.substr(0, target.find('?')); }

Error empty_with_errors(const std::vector<StoreError>& errors) {
    return Error(
               ErrorKind::kUpstreamProtocol,
               "Jaeger answers with errors only: " + errors.front().message
    )
        .with_upstream("jaeger")
        .with_hint({"", "look at Jaeger's log and its storage"});
}

Error not_found(TraceId id) {
    return Error(ErrorKind::kNotFound, "Jaeger has no trace " + id.to_hex())
        .with_upstream("jaeger");
}

}  // namespace

struct HttpV1Protocol::Impl {
    Impl(HttpClientOptions options, const Clock& the_clock, WorkerPool* the_workers)
        : setting_prefix(options.setting_prefix),
          url_setting(options.url_setting),
          base(options.base),
          origin(at_origin(options), the_clock),
          client(std::move(options), the_clock),
          clock(the_clock),
          workers(the_workers) {}

    Awaitable<Result<HttpResponse>> get(
        HttpClient& from, RequestContext context, std::string target
    ) {
        HttpRequest request;
        request.target = std::move(target);
        request.headers = {{"accept", "application/json"}};
        co_return co_await from.send(std::move(context), std::move(request));
    }

    // An answer worth decoding, or the diagnosis.
    Awaitable<Result<HttpResponse>> ask(RequestContext context, std::string target) {
        const Asked asked{
            .base = base,
            .path = std::string(path_of(target)),
            .setting_prefix = setting_prefix,
            .url_setting = url_setting,
        };
        auto response = co_await get(client, context, std::move(target));
        if (!response) {
            co_return response.error().kind() == ErrorKind::kDeadline ? too_slow(response.error())
                                                                      : response.error();
        }
        if (response->incomplete && response->incomplete->kind() == ErrorKind::kCancelled) {
            co_return *response->incomplete;
        }
        Surroundings surroundings;
        if (is_unknown_path(*response)) {
            surroundings = co_await look_around(std::move(context));
        }
        if (auto error = diagnose(*response, asked, surroundings)) {
            co_return std::move(*error);
        }
        co_return std::move(response);
    }

    [[nodiscard]] Error too_slow(const Error& error) const {
        return error.with_hint(
            {setting_prefix + ".query_timeout", "Give the backend more time, or ask for less."}
        );
    }

    Awaitable<Surroundings> look_around(RequestContext context) {
        const SteadyTime now = clock.steady_now();
        {
            const std::scoped_lock lock(mutex);
            if (seen.looked && now < look_again_at) {
                co_return seen;
            }
        }
        Surroundings found;
        for (const std::string& path : {base.path, std::string("/jaeger"), std::string()}) {
            auto response = co_await get(origin, context, path + "/");
            if (response && response->status == 200) {
                found.page = read_ui_page(response->body);
            }
            if (found.page) {
                break;
            }
            if (!response && (response.error().kind() == ErrorKind::kCancelled ||
                              response.error().kind() == ErrorKind::kDeadline)) {
                co_return found;  // broken off: says nothing to those who ask next
            }
        }
        found.looked = true;
        const std::scoped_lock lock(mutex);
        seen = found;
        look_again_at = now + kLookAgain;
        co_return found;
    }

    Awaitable<Result<TraceBatch>> decode(HttpResponse response) {
        if (workers == nullptr || response.body.size() <= kDecodeHere) {
            co_return decode_traces(std::move(response.body), response.incomplete);
        }
        auto work = [response = std::move(response)]() mutable {
            return decode_traces(std::move(response.body), response.incomplete);
        };
        co_return co_await workers->run(std::move(work));
    }

    std::string setting_prefix;
    std::string url_setting;
    Url base;
    HttpClient origin;  // the same server without the base path, to look for the UI page
    HttpClient client;
    const Clock& clock;
    WorkerPool* workers;
    std::atomic<bool> old_operations{false};  // /api/operations is unknown there
    std::mutex mutex;
    Surroundings seen;
    SteadyTime look_again_at{};
};

HttpV1Protocol::HttpV1Protocol(HttpClientOptions options, const Clock& clock, WorkerPool* workers)
    : impl_(std::make_shared<Impl>(std::move(options), clock, workers)) {}

HttpV1Protocol::~HttpV1Protocol() = default;

Awaitable<Result<TraceBatch>> HttpV1Protocol::find_traces(
    RequestContext context, TraceQuery query
) {
    const auto impl = impl_;
    auto response = co_await impl->ask(std::move(context), search_target(query));
    if (!response) {
        co_return response.error();
    }
    auto batch = co_await impl->decode(std::move(*response));
    if (batch && batch->traces.empty() && !batch->errors.empty()) {
        co_return empty_with_errors(batch->errors);
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
    auto response = co_await impl->ask(std::move(context), trace_target(id, near));
    if (!response) {
        co_return response.error().kind() == ErrorKind::kNotFound ? not_found(id)
                                                                  : response.error();
    }
    auto batch = co_await impl->decode(std::move(*response));
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
    co_return failed ? empty_with_errors(batch->errors) : not_found(id);
}

Awaitable<Result<std::vector<std::string>>> HttpV1Protocol::services(RequestContext context) {
    const auto impl = impl_;
    auto response = co_await impl->ask(std::move(context), "/api/services");
    if (!response) {
        co_return response.error();
    }
    auto found = decode_services(std::move(response->body), response->incomplete);
    if (!found) {
        co_return found.error();
    }
    if (found->names.empty() && !found->errors.empty()) {
        co_return empty_with_errors(found->errors);
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
    auto response = co_await impl->ask(context, std::move(target));
    if (!response && !old && response.error().kind() == ErrorKind::kUpstreamProtocol) {
        auto again = co_await impl->ask(std::move(context), service_operations_target(service));
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
        co_return empty_with_errors(found->errors);
    }
    co_return std::move(found->operations);
}

Awaitable<std::string> HttpV1Protocol::version(RequestContext context) {
    const auto impl = impl_;
    auto response = co_await impl->get(impl->client, std::move(context), "/");
    if (!response || response->status != 200) {
        co_return std::string();
    }
    const auto page = read_ui_page(response->body);
    co_return page ? page->version : std::string();
}

}  // namespace meshscope::clients::jaeger
