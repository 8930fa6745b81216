#include "business/traces.hpp"
#include "handlers/bind.hpp"
#include "handlers/envelope.hpp"
#include "handlers/error_response.hpp"
#include "handlers/meta_json.hpp"
#include "handlers/parameters.hpp"
#include "handlers/response_limit.hpp"
#include "handlers/routes.hpp"
#include "handlers/trace_json.hpp"

#include <array>
#include <limits>
#include <utility>

namespace meshscope::handlers {

namespace {

using server::Request;
using server::Response;

// 2^63 ns: longer windows would reach before any clock.
constexpr std::int64_t kMaxSeconds = std::numeric_limits<std::int64_t>::max() / 1'000'000'000;

constexpr std::array<ParameterRule, 2> kErrorTraceRules{{
    {"duration", ParameterType::kInteger, 1, kMaxSeconds, true},
    {"clusterName", ParameterType::kText, 0, 253},
}};

std::optional<Error> check_path(const Request& request) {
    if (auto error = check_name("namespace", request.path_parameter("namespace"), false)) {
        return error;
    }
    return check_name("app", request.path_parameter("app"), true);
}

Result<business::AppQuery> read_app_query(const Request& request) {
    if (auto error = check_path(request)) {
        return std::move(*error);
    }
    const auto parameters = Parameters::read(request.query, trace_search_rules());
    if (!parameters) {
        return parameters.error();
    }
    auto search = read_trace_request(*parameters);
    if (!search) {
        return search.error();
    }
    business::AppQuery query;
    query.name_space = request.path_parameter("namespace");
    query.app = request.path_parameter("app");
    query.request = std::move(*search);
    return query;
}

Awaitable<Response> app_traces(const Parts& parts, RequestContext context, const Request& request) {
    auto query = read_app_query(request);
    if (!query) {
        co_return error_response(query.error(), context.request_id);
    }
    auto list = co_await parts.traces->of_app(context, std::move(*query));
    if (!list) {
        co_return error_response(list.error(), context.request_id);
    }
    const TraceFit fit = co_await fit_traces(parts, list->traces);
    declare_cut(parts, list->traces, fit, list->meta, list->errors);
    std::string tail;
    JsonWriter json(tail);
    write_store_errors(json.key("errors"), list->errors);
    json.field("tracingServiceName", list->service);
    write_meta(json.key("meta"), list->meta);
    co_return Response::stream(
        trace_list_body(std::move(list->traces), fit.last_spans, parts.masker, std::move(tail))
    );
}

Awaitable<Response> app_spans(const Parts& parts, RequestContext context, const Request& request) {
    auto query = read_app_query(request);
    if (!query) {
        co_return error_response(query.error(), context.request_id);
    }
    auto list = co_await parts.traces->spans_of_app(context, std::move(*query));
    if (!list) {
        co_return error_response(list.error(), context.request_id);
    }
    const std::uint64_t left = co_await fit_spans(parts, list->traces);
    declare_cut(parts, left, list->meta, nullptr);
    list->meta.returned -= left;
    Response response = Response::stream(span_list_body(std::move(list->traces), parts.masker));
    co_return with_meta(std::move(response), list->meta);
}

Awaitable<Response> app_error_traces(
    const Parts& parts, RequestContext context, const Request& request
) {
    if (auto error = check_path(request)) {
        co_return error_response(*error, context.request_id);
    }
    const auto parameters = Parameters::read(request.query, kErrorTraceRules);
    if (!parameters) {
        co_return error_response(parameters.error(), context.request_id);
    }
    business::ErrorCountQuery query;
    query.name_space = request.path_parameter("namespace");
    query.app = request.path_parameter("app");
    query.duration = std::chrono::seconds(parameters->integer("duration").value_or(0));
    query.cluster_name = parameters->text("clusterName").value_or("");
    auto count = co_await parts.traces->count_errors(context, std::move(query));
    if (!count) {
        co_return error_response(count.error(), context.request_id);
    }
    Response response = Response::json(std::to_string(count->count));
    co_return with_meta(std::move(response), count->meta);
}

}  // namespace

void add_app_routes(server::Router& router, const Parts& parts) {
    const std::string app = "/api/namespaces/{namespace}/apps/{app}";
    router.add(server::Method::kGet, app + "/traces", bind(parts, Entry::kSignedIn, app_traces));
    router.add(server::Method::kGet, app + "/spans", bind(parts, Entry::kSignedIn, app_spans));
    router.add(
        server::Method::kGet, app + "/errortraces", bind(parts, Entry::kSignedIn, app_error_traces)
    );
}

}  // namespace meshscope::handlers
