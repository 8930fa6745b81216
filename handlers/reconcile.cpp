#include "business/reconcile.hpp"

#include "business/trace_request.hpp"
#include "handlers/bind.hpp"
#include "handlers/envelope.hpp"
#include "handlers/error_response.hpp"
#include "handlers/meta_json.hpp"
#include "handlers/parameters.hpp"
#include "handlers/reconcile_routes.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <string>
#include <utility>

namespace meshscope::handlers {

namespace {

using server::Request;
using server::Response;

constexpr std::array<ParameterRule, 6> kRules{{
    {"startMicros", ParameterType::kInteger, 0, kMaxMicros},
    {"endMicros", ParameterType::kInteger, 0, kMaxMicros},
    {"sampling", ParameterType::kText, 0, 32},
    {"limit", ParameterType::kInteger, 1, business::kMaxTraceLimit},
    {"lines", ParameterType::kBoolean},
    {"clusterName", ParameterType::kText, 0, 253},
}};

// Percent to a share of one.
Result<double> read_percent(std::string_view text) {
    double percent = 0;
    const char* end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, percent);
    if (parsed.ec != std::errc() || parsed.ptr != end || !std::isfinite(percent) || percent < 0 ||
        percent > 100) {
        return Error(
            ErrorKind::kInvalidArgument, "parameter 'sampling' must be a number from 0 to 100"
        );
    }
    return percent / 100;
}

Result<business::ReconcileQuery> read_query(const Request& request) {
    business::ReconcileQuery query;
    query.ns = request.path_parameter("namespace");
    query.workload = request.path_parameter("workload");
    if (auto error = check_name("namespace", query.ns, false)) {
        return std::move(*error);
    }
    if (auto error = check_name("workload", query.workload, true)) {
        return std::move(*error);
    }
    const auto parameters = Parameters::read(request.query, kRules);
    if (!parameters) {
        return parameters.error();
    }
    if (const auto start = parameters->integer("startMicros")) {
        query.start = from_micros(*start);
    }
    if (const auto end = parameters->integer("endMicros")) {
        query.end = from_micros(*end);
    }
    if (const auto limit = parameters->integer("limit")) {
        query.limit = static_cast<std::uint32_t>(*limit);
    }
    if (const auto text = parameters->text("sampling")) {
        const auto share = read_percent(*text);
        if (!share) {
            return share.error();
        }
        query.sampling = *share;
    }
    query.lines = !parameters->has("lines") || parameters->boolean("lines");
    query.cluster = parameters->text("clusterName").value_or("");
    return query;
}

// What is extrapolated has no more than three digits behind the point.
double rounded(double value) { return std::round(value * 1000) / 1000; }

void write_rate(JsonWriter& json, const business::SamplingRate& rate) {
    json.begin_object().field("basis", business::to_string(rate.basis));
    json.field("percent", rounded(rate.rate * 100));
    json.field("low", rounded(rate.interval.low * 100));
    json.field("high", rounded(rate.interval.high * 100));
    json.field("requests", rounded(rate.requests)).field("calls", rate.calls).end_object();
}

void write_peer(JsonWriter& json, const business::EdgePeer& peer) {
    json.begin_object();
    text_or_null(json, "namespace", peer.ns);
    text_or_null(json, "workload", peer.workload);
    json.key("services").begin_array();
    for (const business::ServicePlace& service : peer.services) {
        json.begin_object().field("namespace", service.ns).field("name", service.name).end_object();
    }
    json.end_array().end_object();
}

void write_found(JsonWriter& json, const std::optional<business::EdgeCalls>& found) {
    if (!found) {
        json.null();
        return;
    }
    json.begin_object().field("traces", found->traces).field("calls", found->calls);
    json.field("ownSpans", found->own).field("peerSpans", found->peer);
    json.field("hiddenPeerSpans", found->hidden).field("errors", found->errors);
    json.field("beginTraces", found->begun).end_object();
}

void write_outcomes(JsonWriter& json, const std::vector<business::OutcomeCount>& outcomes) {
    json.begin_array();
    for (const business::OutcomeCount& outcome : outcomes) {
        json.begin_object().field("code", outcome.code).field("flags", outcome.flags);
        json.field("requests", rounded(outcome.requests));
        json.field("mayLeaveNoSpan", outcome.may_leave_no_span).end_object();
    }
    json.end_array();
}

void write_reasons(JsonWriter& json, const std::vector<business::GapReason>& reasons) {
    json.begin_array();
    for (const business::GapReason& reason : reasons) {
        json.begin_object().field("class", business::to_string(reason.gap));
        json.field("summary", reason.summary).key("evidence").begin_object();
        for (const auto& [name, value] : reason.evidence) {
            json.field(name, rounded(value));
        }
        json.end_object().end_object();
    }
    json.end_array();
}

void write_edge(JsonWriter& json, const business::ReconciledEdge& edge) {
    json.begin_object().field("direction", business::to_string(edge.counts.direction));
    write_peer(json.key("peer"), edge.peer);
    json.field("requests", rounded(edge.counts.requests));
    json.field("errors", rounded(edge.counts.errors));
    write_outcomes(json.key("outcomes"), edge.outcomes);
    json.key("expected").begin_object().field("calls", rounded(edge.verdict.expected));
    json.field("low", rounded(edge.verdict.interval.low));
    json.field("high", rounded(edge.verdict.interval.high)).end_object();
    write_found(json.key("found"), edge.counts.found);
    json.key("lines");
    if (edge.lines) {
        json.begin_object().field("count", edge.lines->lines);
        json.field("errors", edge.lines->errors).end_object();
    } else {
        json.null();
    }
    json.field("class", business::to_string(edge.verdict.gap));
    write_reasons(json.key("reasons"), edge.verdict.reasons);
    json.end_object();
}

Awaitable<Response> of_workload(
    const Parts& parts, RequestContext context, const Request& request
) {
    auto query = read_query(request);
    if (!query) {
        co_return error_response(query.error(), context.request_id);
    }
    const std::string ns = query->ns;
    const std::string workload = query->workload;
    const auto found = co_await parts.reconcile->of(context, std::move(*query));
    if (!found) {
        co_return error_response(found.error(), context.request_id);
    }
    std::string body;
    JsonWriter json(body);
    json.begin_object().key("workload").begin_object();
    json.field("cluster", found->cluster).field("namespace", ns);
    json.field("name", workload).end_object();
    write_rate(json.key("sampling"), found->rate);
    json.key("edges").begin_array();
    for (const business::ReconciledEdge& edge : found->edges) {
        write_edge(json, edge);
    }
    json.end_array();
    text_or_null(json, "noLines", found->no_lines);
    write_meta(json.key("meta"), found->meta);
    json.end_object();
    co_return Response::json(std::move(body));
}

}  // namespace

void add_reconcile_routes(server::Router& router, const Parts& parts) {
    router.add(
        server::Method::kGet,
        "/api/namespaces/{namespace}/workloads/{workload}/reconcile",
        bind(parts, Entry::kSignedIn, of_workload)
    );
}

}  // namespace meshscope::handlers
