#include "business/traces.hpp"

#include "handlers/bind.hpp"
#include "handlers/envelope.hpp"
#include "handlers/error_response.hpp"
#include "handlers/meta_json.hpp"
#include "handlers/parameters.hpp"
#include "handlers/response_limit.hpp"
#include "handlers/routes.hpp"
#include "handlers/trace_json.hpp"
#include "handlers/trace_summary_json.hpp"

#include <array>
#include <limits>
#include <utility>
#include <vector>

namespace meshscope::handlers {

namespace {

using server::Request;
using server::Response;

constexpr std::array<ParameterRule, 11> kSearchRules{{
    {"service", ParameterType::kText, 0, 1024},
    {"operation", ParameterType::kText, 0, 2048},
    {"tags", ParameterType::kText, 0, 8192},
    {"minDuration", ParameterType::kInteger, 0, kMaxMicros},
    {"maxDuration", ParameterType::kInteger, 0, kMaxMicros},
    {"errors", ParameterType::kBoolean},
    {"limit", ParameterType::kInteger, 1, std::numeric_limits<std::int64_t>::max()},
    {"startMicros", ParameterType::kInteger, 0, kMaxMicros},
    {"endMicros", ParameterType::kInteger, 0, kMaxMicros},
    {"clusterName", ParameterType::kText, 0, 253},
    {"cursor", ParameterType::kText, 0, 128},
}};

Result<business::SearchQuery> read_search(const Request& request) {
    const auto parameters = Parameters::read(request.query, kSearchRules);
    if (!parameters) {
        return parameters.error();
    }
    auto common = read_trace_request(*parameters);
    if (!common) {
        return common.error();
    }
    business::SearchQuery query;
    query.request = std::move(*common);
    query.request.max_duration =
        std::chrono::microseconds(parameters->integer("maxDuration").value_or(0));
    query.service = parameters->text("service").value_or("");
    query.operation = parameters->text("operation").value_or("");
    query.errors = parameters->boolean("errors");
    if (const auto cursor = parameters->text("cursor")) {
        query.after = business::TracePosition::from_cursor(*cursor);
        if (!query.after) {
            return Error(
                ErrorKind::kInvalidArgument,
                "parameter 'cursor' is not a cursor that this server gave"
            );
        }
    }
    return query;
}

Awaitable<Response> search(const Parts& parts, RequestContext context, const Request& request) {
    auto query = read_search(request);
    if (!query) {
        co_return error_response(query.error(), context.request_id);
    }
    auto list = co_await parts.traces->search(context, std::move(*query));
    if (!list) {
        co_return error_response(list.error(), context.request_id);
    }
    std::string body;
    JsonWriter json(body);
    json.begin_object().key("data").begin_array();
    for (const business::TraceSummary& trace : list->traces) {
        write_summary(json, trace, *parts.masker);
    }
    json.end_array();
    write_store_errors(json.key("errors"), list->errors);
    text_or_null(json, "cursor", list->cursor);
    write_meta(json.key("meta"), list->meta);
    json.end_object();
    co_return Response::json(std::move(body));
}

// Parameters are ignored, as clients of old send some.
Awaitable<Response> by_id(const Parts& parts, RequestContext context, const Request& request) {
    const auto id = read_trace_id(request.path_parameter("traceID"));
    if (!id) {
        co_return error_response(id.error(), context.request_id);
    }
    auto single = co_await parts.traces->by_id(context, *id);
    if (!single) {
        co_return error_response(single.error(), context.request_id);
    }
    std::vector<business::TraceView> shown;
    shown.push_back(std::move(single->view));
    const TraceFit fit = co_await fit_traces(parts, shown);
    declare_cut(parts, fit.left_spans, single->meta, &single->errors);
    std::string tail;
    JsonWriter json(tail);
    write_store_errors(json.key("errors"), single->errors);
    write_meta(json.key("meta"), single->meta);
    co_return Response::stream(
        single_trace_body(std::move(shown.front()), fit.last_spans, parts.masker, std::move(tail))
    );
}

}  // namespace

void add_trace_routes(server::Router& router, const Parts& parts) {
    router.add(server::Method::kGet, "/api/traces", bind(parts, Entry::kSignedIn, search));
    router.add(server::Method::kGet, "/api/traces/{traceID}", bind(parts, Entry::kSignedIn, by_id));
}

}  // namespace meshscope::handlers
