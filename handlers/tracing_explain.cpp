#include "business/explain.hpp"
#include "core/json_writer.hpp"
#include "handlers/bind.hpp"
#include "handlers/envelope.hpp"
#include "handlers/error_response.hpp"
#include "handlers/explain_json.hpp"
#include "handlers/meta_json.hpp"
#include "handlers/parameters.hpp"
#include "handlers/routes.hpp"

#include <array>
#include <string>
#include <utility>

namespace meshscope::handlers {

namespace {

using server::Request;
using server::Response;

constexpr std::int64_t kMaxName = 253;

constexpr std::array<ParameterRule, 5> kRules{{
    {"namespace", ParameterType::kText, 1, kMaxName, true},
    {"workload", ParameterType::kText, 1, kMaxName, true},
    {"startMicros", ParameterType::kInteger, 0, kMaxMicros},
    {"endMicros", ParameterType::kInteger, 0, kMaxMicros},
    {"clusterName", ParameterType::kText, 0, kMaxName},
}};

std::optional<SystemTime> time_of(const Parameters& parameters, std::string_view name) {
    const auto micros = parameters.integer(name);
    return micros ? std::optional<SystemTime>(from_micros(*micros)) : std::nullopt;
}

Result<business::ExplainQuery> read_query(const Request& request) {
    const auto parameters = Parameters::read(request.query, kRules);
    if (!parameters) {
        return parameters.error();
    }
    business::ExplainQuery query;
    query.name_space = parameters->text("namespace").value_or("");
    query.workload = parameters->text("workload").value_or("");
    query.cluster_name = parameters->text("clusterName").value_or("");
    query.start = time_of(*parameters, "startMicros");
    query.end = time_of(*parameters, "endMicros");
    if (auto bad = check_name("namespace", query.name_space, false)) {
        return std::move(*bad);
    }
    if (auto bad = check_name("workload", query.workload, true)) {
        return std::move(*bad);
    }
    return query;
}

Awaitable<Response> explain(const Parts& parts, RequestContext context, const Request& request) {
    auto query = read_query(request);
    if (!query) {
        co_return error_response(query.error(), context.request_id);
    }
    const auto answer = co_await parts.explain->workload(context, std::move(*query));
    if (!answer) {
        co_return error_response(answer.error(), context.request_id);
    }
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    write_explanation(json, **answer);
    write_meta(json.key("meta"), (*answer)->meta);
    json.end_object();
    Response response = Response::json(std::move(body));
    response.headers.set("Cache-Control", "no-store");
    co_return response;
}

}  // namespace

void add_tracing_explain_routes(server::Router& router, const Parts& parts) {
    router.add(
        server::Method::kGet, "/api/tracing/explain", bind(parts, Entry::kSignedIn, explain)
    );
}

}  // namespace meshscope::handlers
