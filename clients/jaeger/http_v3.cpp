#include "clients/jaeger/http_v3.hpp"

#include "clients/jaeger/http_calls.hpp"
#include "clients/jaeger/http_v3_query.hpp"
#include "clients/jaeger/http_v3_stream.hpp"
#include "clients/jaeger/otlp/otlp_json_decoder.hpp"
#include "clients/jaeger/release.hpp"
#include "core/text.hpp"

#include <algorithm>
#include <atomic>
#include <utility>

namespace meshscope::clients::jaeger {

namespace {

constexpr Release kFirstWithTagFilter{2, 19};

enum class Age : std::uint8_t { kUnknown, kIgnoresTags, kWhole };

std::vector<StoreError> errors_of(std::string body) {
    auto error = decode_v3_error(std::move(body));
    return error ? std::vector{std::move(*error)} : std::vector<StoreError>{};
}

HttpApi api() { return {.errors_of = errors_of, .is_v3 = true}; }

// Jaeger says so in the words of an error; only its own JSON makes the kind.
bool is_empty_search(const Error& error) {
    return error.kind() == ErrorKind::kNotFound &&
           to_lower(error.message()).find("no traces found") != std::string::npos;
}

// A body that ends in the middle although the connection did not: what Jaeger cannot write as JSON
// it leaves out, with everything behind it.
bool ends_early(const HttpResponse& response) {
    const std::string_view body = trim(response.body);
    return !response.streamed && !response.incomplete &&
           (body.empty() || (body.front() == '{' && body.back() != '}'));
}

Error cut_short(const Asked& asked) {
    return Error(
               ErrorKind::kUpstreamProtocol,
               "Jaeger's answer to " + asked.base.to_string() + asked.path + " ends in the middle"
    )
        .with_upstream("jaeger")
        .with_hint(
            {asked.setting_prefix + ".use_grpc",
             "a trace may hold a value that JSON cannot carry: set " + asked.setting_prefix +
                 ".use_grpc to true"}
        );
}

Error too_old(const Asked& asked, const std::string& version) {
    return Error(
               ErrorKind::kUpstreamProtocol,
               "Jaeger" + (version.empty() ? "" : " " + version) + " at " + asked.base.to_string() +
                   " ignores tag filters in /api/v3: releases from 2.19 on know them"
    )
        .with_code("server_too_old")
        .with_upstream("jaeger")
        .with_hint(
            {asked.setting_prefix + ".use_grpc",
             "use a newer release of Jaeger, or its gRPC port, 16685, with use_grpc set to true"}
        );
}

// Of an answer that holds errors and nothing else, though its status is 200.
Error of_errors(const std::vector<StoreError>& errors) {
    return errors.front().code == 404
               ? Error(ErrorKind::kNotFound, "Jaeger: " + errors.front().message)
                     .with_upstream("jaeger")
               : only_errors(errors);
}

// A list or a search is never "not found".
Error unexpected(const Error& error) {
    return error.kind() == ErrorKind::kNotFound
               ? Error(ErrorKind::kUpstreamProtocol, error.message()).with_upstream("jaeger")
               : error;
}

StoreWarning tag_filter_ignored() {
    return {
        "tag_filter_ignored",
        "This Jaeger ignores tag filters over HTTP: they were applied to the traces it gave, so "
        "there may be more that match"
    };
}

}  // namespace

struct HttpV3Protocol::Impl {
    Impl(HttpClientOptions options, const Clock& clock, WorkerPool* workers)
        : calls(std::move(options), clock, workers, api()) {}

    [[nodiscard]] std::shared_ptr<TraceStream> new_stream() const {
        return make_v3_trace_stream(calls.receive_limit());
    }

    // Whole batches; an answer of errors only is an error.
    Awaitable<Result<TraceBatch>> decode(
        HttpResponse response, Asked asked, std::shared_ptr<TraceStream> stream
    ) {
        const bool cut = ends_early(response);
        auto batch =
            co_await calls.decode(std::move(response), decode_otlp_traces, std::move(stream));
        if (!batch) {
            co_return cut ? cut_short(asked) : batch.error();
        }
        if (batch->traces.empty() && !batch->errors.empty()) {
            co_return of_errors(batch->errors);
        }
        if (!batch->errors.empty() && batch->stopped_by == StoppedBy::kComplete) {
            batch->stopped_by = StoppedBy::kBackend;
        }
        co_return batch;
    }

    // By a route that came with the tag filters, when no page tells the version.
    Awaitable<Age> age_by_behaviour(RequestContext context) {
        auto response = co_await calls.get(std::move(context), "/api/v3/trace-summaries");
        if (!response) {
            co_return Age::kUnknown;
        }
        if (is_unknown_path(*response, api()) ||
            is_html(response->header("content-type"), response->body)) {
            co_return Age::kIgnoresTags;
        }
        const bool answered = response->status / 100 == 2 || !errors_of(response->body).empty();
        co_return answered ? Age::kWhole : Age::kUnknown;
    }

    HttpCalls calls;
    std::atomic<Age> age{Age::kUnknown};
};

HttpV3Protocol::HttpV3Protocol(HttpClientOptions options, const Clock& clock, WorkerPool* workers)
    : impl_(std::make_shared<Impl>(std::move(options), clock, workers)) {}

HttpV3Protocol::~HttpV3Protocol() = default;

std::string HttpV3Protocol::endpoint() const { return impl_->calls.endpoint(); }

Awaitable<Result<TraceBatch>> HttpV3Protocol::find_traces(
    RequestContext context, TraceQuery query
) {
    const auto impl = impl_;
    std::string target = v3_search_target(query);
    Asked asked = impl->calls.asked(target);
    const std::shared_ptr<TraceStream> stream = impl->new_stream();
    auto response = co_await impl->calls.ask(std::move(context), std::move(target), stream);
    Result<TraceBatch> batch = TraceBatch{};
    if (response) {
        batch = co_await impl->decode(std::move(*response), std::move(asked), stream);
    } else {
        batch = response.error();
    }
    if (!batch && is_empty_search(batch.error())) {
        batch = TraceBatch{};
    }
    if (!batch) {
        co_return unexpected(batch.error());
    }
    const bool ignored = !query.tags.empty() && impl->age == Age::kIgnoresTags;
    if (ignored) {
        batch->warnings.push_back(tag_filter_ignored());
    }
    co_return batch;
}

Awaitable<Result<TraceBatch>> HttpV3Protocol::get_trace(
    RequestContext context, TraceId id, std::optional<TimeRange> near
) {
    const auto impl = impl_;
    std::string target = v3_trace_target(id, near);
    Asked asked = impl->calls.asked(target);
    const std::shared_ptr<TraceStream> stream = impl->new_stream();
    auto response = co_await impl->calls.ask(std::move(context), std::move(target), stream);
    if (!response) {
        co_return response.error().kind() == ErrorKind::kNotFound ? trace_not_found(id)
                                                                  : response.error();
    }
    auto batch = co_await impl->decode(std::move(*response), std::move(asked), stream);
    if (!batch) {
        co_return batch.error().kind() == ErrorKind::kNotFound ? trace_not_found(id)
                                                               : batch.error();
    }
    const std::size_t strangers = std::erase_if(batch->traces, [id](const models::TracePtr& trace) {
        return trace->id != id;
    });
    if (batch->traces.empty()) {
        co_return trace_not_in(*batch, id);
    }
    if (strangers > 0) {
        batch->dropped.push_back({"other_trace", strangers});
    }
    co_return batch;
}

Awaitable<Result<std::vector<std::string>>> HttpV3Protocol::services(RequestContext context) {
    const auto impl = impl_;
    auto response = co_await impl->calls.ask(std::move(context), "/api/v3/services");
    if (!response) {
        co_return unexpected(response.error());
    }
    co_return decode_v3_services_json(std::move(response->body), response->incomplete);
}

Awaitable<Result<std::vector<Operation>>> HttpV3Protocol::operations(
    RequestContext context, std::string service, std::string span_kind
) {
    const auto impl = impl_;
    std::string target = v3_operations_target(service, span_kind);
    auto response = co_await impl->calls.ask(std::move(context), std::move(target));
    if (!response) {
        co_return unexpected(response.error());
    }
    co_return decode_v3_operations_json(std::move(response->body), response->incomplete);
}

Awaitable<Result<>> HttpV3Protocol::probe(RequestContext context) {
    const auto impl = impl_;
    const auto names = co_await services(context);
    if (!names) {
        co_return names.error();
    }
    const std::string shown = co_await impl->calls.version(context);
    Age age = Age::kUnknown;
    if (const auto release = read_release(shown)) {
        age = *release < kFirstWithTagFilter ? Age::kIgnoresTags : Age::kWhole;
    } else {
        age = co_await impl->age_by_behaviour(std::move(context));
    }
    if (age == Age::kUnknown) {
        age = impl->age;  // nothing told it this time: a failed request makes no server younger
    }
    impl->age = age;
    if (age == Age::kIgnoresTags) {
        co_return too_old(impl->calls.asked("/"), shown);
    }
    co_return Result<>();
}

Awaitable<std::string> HttpV3Protocol::version(RequestContext context) {
    const auto impl = impl_;
    co_return co_await impl->calls.version(std::move(context));
}

}  // namespace meshscope::clients::jaeger
