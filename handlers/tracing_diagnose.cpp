#include "business/diagnose.hpp"
#include "business/meta.hpp"
#include "core/json_writer.hpp"
#include "core/time_text.hpp"
#include "handlers/bind.hpp"
#include "handlers/check_body.hpp"
#include "handlers/error_response.hpp"
#include "handlers/meta_json.hpp"
#include "handlers/routes.hpp"
#include "handlers/safe_text.hpp"

#include <string>
#include <utility>

namespace meshscope::handlers {

namespace {

using business::ValidSettings;
using server::Request;
using server::Response;

Response unkept(std::string body) {
    Response response = Response::json(std::move(body));
    response.headers.set("Cache-Control", "no-store");
    return response;
}

void write_settings(JsonWriter& json, const ValidSettings& valid) {
    json.begin_object();
    if (!valid.auth_type.empty()) {
        json.field("authType", valid.auth_type);
    }
    json.field("namespaceSelector", valid.namespace_selector).field("provider", "jaeger");
    json.field("url", safe_text(valid.url)).field("useGRPC", valid.use_grpc);
    json.field("warning", valid.warning).field("protocol", valid.protocol);
    json.field("services", valid.services).field("yaml", safe_text(valid.yaml)).end_object();
}

void write_diagnosis(JsonWriter& json, const business::Diagnosis& found) {
    json.begin_object().field("code", 0).key("logLine").begin_array();
    for (const business::DiagnosisLine& line : found.lines) {
        json.begin_object().field("result", safe_text(line.result));
        json.field("test", safe_text(line.test)).field("time", format_rfc3339(line.time));
        json.end_object();
    }
    json.end_array().field("message", "").key("validConfig").begin_array();
    for (const ValidSettings& valid : found.valid) {
        write_settings(json, valid);
    }
    json.end_array();
}

Awaitable<Response> diagnose(
    const Parts& parts, RequestContext context, const Request& /*request*/
) {
    if (parts.diagnose->disabled()) {
        co_return unkept(
            R"({"code":0,"logLine":null,"message":"tracing is disabled","validConfig":null})"
        );
    }
    auto found = co_await parts.diagnose->run(context);
    if (!found) {
        co_return error_response(found.error(), context.request_id);
    }
    business::Meta meta;
    meta.returned = found->valid.size();
    meta.scanned = found->lines.size();
    meta.upstream = context.bill->by_name;
    if (found->out_of_time) {
        meta.stopped_by = clients::StoppedBy::kTime;
        meta.warn("diagnosis_cut", "not every place was tried in time");
    }
    std::string body;
    JsonWriter json(body);
    write_diagnosis(json, *found);
    write_meta(json.key("meta"), meta);
    json.end_object();
    co_return unkept(std::move(body));
}

void write_check(JsonWriter& json, const business::CheckResult& result) {
    json.begin_object();
    if (result.error) {
        json.field("error", safe_text(result.error->message())).field("message", "");
        json.field("code", result.error->code());
        const Hint& hint = result.error->hint();
        if (!hint.advice.empty()) {
            json.key("hint").begin_object();
            if (!hint.setting.empty()) {
                json.field("setting", hint.setting);
            }
            json.field("advice", safe_text(hint.advice)).end_object();
        }
    } else {
        json.field("error", "").field("message", "Success getting service status");
        write_settings(json.key("validConfig"), *result.works);
    }
    json.end_object();
}

Awaitable<Response> check(const Parts& parts, RequestContext context, const Request& request) {
    auto settings = read_check_body(request.body);
    if (!settings) {
        co_return error_response(settings.error(), context.request_id);
    }
    const std::string provider = provider_of(request.body);
    if (!provider.empty() && provider != "jaeger") {
        const Error error(
            ErrorKind::kInvalidArgument,
            "the body: 'provider' must be jaeger, the only one that this version reads"
        );
        co_return error_response(error, context.request_id);
    }
    const auto result = co_await parts.diagnose->check(context, std::move(*settings));
    if (!result) {
        co_return error_response(result.error(), context.request_id);
    }
    std::string body;
    JsonWriter json(body);
    write_check(json, *result);
    co_return unkept(std::move(body));
}

}  // namespace

void add_tracing_diagnose_routes(server::Router& router, const Parts& parts) {
    router.add(
        server::Method::kGet, "/api/tracing/diagnose", bind(parts, Entry::kSignedIn, diagnose)
    );
    router.add(server::Method::kPost, "/api/tracing/check", bind(parts, Entry::kSignedIn, check));
}

}  // namespace meshscope::handlers
