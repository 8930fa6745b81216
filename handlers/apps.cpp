#include "business/traces.hpp"
#include "handlers/bind.hpp"
#include "handlers/envelope.hpp"
#include "handlers/error_response.hpp"
#include "handlers/parameters.hpp"
#include "handlers/routes.hpp"

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
    router.add(
        server::Method::kGet, app + "/errortraces", bind(parts, Entry::kSignedIn, app_error_traces)
    );
}

}  // namespace meshscope::handlers
