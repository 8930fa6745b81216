#include "business/forensics.hpp"

#include "core/json_writer.hpp"
#include "handlers/bind.hpp"
#include "handlers/error_response.hpp"
#include "handlers/meta_json.hpp"
#include "handlers/parameters.hpp"
#include "handlers/routes.hpp"
#include "handlers/safe_text.hpp"
#include "handlers/trace_json.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace meshscope::handlers {

namespace {

using server::Request;
using server::Response;

constexpr std::size_t kMostSpans = 20;  // listed of one gap
constexpr std::int64_t kMostWaitMs = 10'000;

constexpr std::array<ParameterRule, 1> kRules{{
    {"waitMs", ParameterType::kInteger, 0, kMostWaitMs},
}};

void write_gap(JsonWriter& json, const business::TraceGap& gap, const models::Trace& trace) {
    json.begin_object().field("kind", business::to_string(gap.kind));
    if (gap.parent) {
        json.field("parent", gap.parent->to_hex());
    }
    json.key("spans").begin_array();
    for (std::size_t i = 0; i < std::min(gap.spans.size(), kMostSpans); ++i) {
        json.string(trace.spans[gap.spans[i]].id.to_hex());
    }
    json.end_array().field("count", static_cast<std::uint64_t>(gap.spans.size()));
    json.field("cause", business::to_string(gap.cause));
    json.field("certainty", business::to_string(gap.certainty));
    json.field("evidence", safe_text(gap.evidence)).end_object();
}

void write_offset(JsonWriter& json, const business::ClockOffset& offset) {
    json.begin_object();
    json.field("from", safe_text(offset.from)).field("to", safe_text(offset.to));
    json.field("offset", offset.offset_ns / 1000).field("low", offset.low_ns / 1000);
    json.field("high", offset.high_ns / 1000).field("spread", offset.spread_ns / 1000);
    json.field("samples", static_cast<std::uint64_t>(offset.samples)).end_object();
}

void write_host(JsonWriter& json, const business::HostSpans& host, const models::Trace& trace) {
    json.begin_object().field("name", safe_text(host.host)).key("spans").begin_array();
    for (const std::size_t span : host.spans) {
        json.string(trace.spans[span].id.to_hex());
    }
    json.end_array().end_object();
}

std::string body_of(const business::ForensicsAnswer& answer) {
    const models::Trace& trace = *answer.view.trace;
    std::string body;
    JsonWriter json(body);
    json.begin_object().field("traceID", trace.id.to_hex());
    json.field("spans", static_cast<std::uint64_t>(trace.spans.size()));
    json.field("reads", static_cast<std::uint64_t>(answer.reads));
    json.field("arrived", answer.arrived).field("young", answer.young);
    json.key("gaps").begin_array();
    for (const business::TraceGap& gap : answer.gaps.gaps) {
        write_gap(json, gap, trace);
    }
    json.end_array().key("clocks").begin_array();
    for (const business::ClockOffset& offset : answer.clocks) {
        write_offset(json, offset);
    }
    json.end_array().key("hosts").begin_array();
    for (const business::HostSpans& host : answer.hosts) {
        write_host(json, host, trace);
    }
    json.end_array();
    write_meta(json.key("meta"), answer.meta);
    json.end_object();
    return body;
}

Awaitable<Response> forensics(const Parts& parts, RequestContext context, const Request& request) {
    const auto id = read_trace_id(request.path_parameter("traceID"));
    if (!id) {
        co_return error_response(id.error(), context.request_id);
    }
    const auto parameters = Parameters::read(request.query, kRules);
    if (!parameters) {
        co_return error_response(parameters.error(), context.request_id);
    }
    business::ForensicsQuery query;
    query.id = *id;
    query.wait = std::chrono::milliseconds(parameters->integer("waitMs").value_or(0));
    const auto answer = co_await parts.forensics->of(context, query);
    if (!answer) {
        co_return error_response(answer.error(), context.request_id);
    }
    Response response = Response::json(body_of(*answer));
    response.headers.set("Cache-Control", "no-store");
    co_return response;
}

}  // namespace

void add_forensics_routes(server::Router& router, const Parts& parts) {
    router.add(
        server::Method::kGet,
        "/api/traces/{traceID}/forensics",
        bind(parts, Entry::kSignedIn, forensics)
    );
}

}  // namespace meshscope::handlers
