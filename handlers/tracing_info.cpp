#include "business/traces.hpp"
#include "core/text.hpp"
#include "handlers/bind.hpp"
#include "handlers/envelope.hpp"
#include "handlers/error_response.hpp"
#include "handlers/meta_json.hpp"
#include "handlers/parameters.hpp"
#include "handlers/public_config.hpp"
#include "handlers/routes.hpp"

#include <array>
#include <utility>

namespace meshscope::handlers {

namespace {

using server::Request;
using server::Response;

constexpr std::size_t kMaxServiceBytes = 1024;

constexpr std::array<ParameterRule, 1> kOperationRules{{
    {"spanKind", ParameterType::kText, 0, 32},
}};

Awaitable<Response> tracing(
    const Parts& parts, RequestContext context, const Request& /*request*/
) {
    co_return Response::json(tracing_json(*parts.config, context.caller.cluster_wide));
}

Awaitable<Response> services(const Parts& parts, RequestContext context, const Request& request) {
    const auto parameters = Parameters::read(request.query, {});
    if (!parameters) {
        co_return error_response(parameters.error(), context.request_id);
    }
    auto list = co_await parts.traces->services(context);
    if (!list) {
        co_return error_response(list.error(), context.request_id);
    }
    std::string body;
    JsonWriter json(body);
    json.begin_object().key("data").begin_array();
    for (const std::string& name : list->names) {
        json.string(name);
    }
    write_meta(json.end_array().key("meta"), list->meta);
    json.end_object();
    co_return Response::json(std::move(body));
}

Awaitable<Response> operations(const Parts& parts, RequestContext context, const Request& request) {
    const std::string_view service = request.path_parameter("service");
    if (service.size() > kMaxServiceBytes || !is_valid_utf8(service)) {
        const Error error(
            ErrorKind::kInvalidArgument,
            "the service in the path must be at most 1024 bytes of UTF-8"
        );
        co_return error_response(error, context.request_id);
    }
    const auto parameters = Parameters::read(request.query, kOperationRules);
    if (!parameters) {
        co_return error_response(parameters.error(), context.request_id);
    }
    std::string kind(parameters->text("spanKind").value_or(""));
    auto list = co_await parts.traces->operations(context, std::string(service), std::move(kind));
    if (!list) {
        co_return error_response(list.error(), context.request_id);
    }
    std::string body;
    JsonWriter json(body);
    json.begin_object().key("data").begin_array();
    for (const clients::Operation& operation : list->operations) {
        json.begin_object().field("name", parts.masker->masked_text(operation.name));
        text_or_null(json, "spanKind", operation.span_kind);
        json.end_object();
    }
    write_meta(json.end_array().key("meta"), list->meta);
    json.end_object();
    co_return Response::json(std::move(body));
}

}  // namespace

void add_tracing_info_routes(server::Router& router, const Parts& parts) {
    const std::string base = "/api/tracing";
    router.add(server::Method::kGet, base, bind(parts, Entry::kSignedIn, tracing));
    router.add(server::Method::kGet, base + "/services", bind(parts, Entry::kSignedIn, services));
    router.add(
        server::Method::kGet,
        base + "/services/{service}/operations",
        bind(parts, Entry::kSignedIn, operations)
    );
}

}  // namespace meshscope::handlers
