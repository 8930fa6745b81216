#include "handlers/span_facts_json.hpp"

#include "core/json_writer.hpp"
#include "handlers/envelope.hpp"

#include <optional>
#include <string_view>

namespace meshscope::handlers {

namespace {

using business::SpanFacts;

void integer_or_null(JsonWriter& json, std::string_view name, std::optional<std::int64_t> value) {
    json.key(name);
    if (value) {
        json.safe_integer(*value);
    } else {
        json.null();
    }
}

void write_place(
    JsonWriter& json,
    const business::TraceRows& rows,
    const business::PageRow& row,
    const SpanFacts& facts
) {
    const models::Trace& trace = *rows.view.trace;
    const models::Span& span = trace.spans[row.span];
    const business::TraceShape& shape = rows.page.columns->shape;
    json.key("spanID").plain_string(span.id.to_hex());
    json.key("parentSpanID");
    if (span.parent == models::kNoSpan) {
        json.null();
    } else {
        json.plain_string(trace.spans[span.parent].id.to_hex());
    }
    json.field("startTime", span.start_ns / 1000).field("duration", span.duration_ns / 1000);
    json.field("relativeStart", facts.relative_start_ns / 1000);
    json.field("selfTime", facts.self_ns / 1000);
    json.field("criticalTime", facts.critical_ns / 1000);
    json.field("criticalShare", facts.critical_share);
    json.field("depth", facts.depth);
    json.field("children", shape.children_of(row.span).size);
    json.field("descendants", shape.subtree[row.span] - 1);
    json.field("collapsed", row.collapsed).field("orphan", span.orphan);
}

void write_identity(JsonWriter& json, const business::IdentityFact& identity) {
    text_or_null(json, "workload", identity.workload);
    text_or_null(json, "workloadRule", identity.workload_rule);
    text_or_null(json, "pod", identity.pod);
    text_or_null(json, "namespace", identity.ns);
    text_or_null(json, "namespaceRule", identity.ns_rule);
    text_or_null(json, "app", identity.app);
    text_or_null(json, "canonicalService", identity.service);
    text_or_null(json, "cluster", identity.cluster);
    json.field("waypoint", identity.waypoint);
}

// What the cluster makes of it all.
void write_resolved(JsonWriter& json, const business::SpanIdentity* identity) {
    json.key("identity");
    if (identity == nullptr) {
        json.null();
        return;
    }
    json.begin_object();
    text_or_null(json, "namespace", identity->ns);
    text_or_null(json, "workload", identity->workload);
    text_or_null(json, "pod", identity->pod);
    text_or_null(json, "service", identity->service);
    text_or_null(json, "app", identity->app);
    json.field("evidence", business::to_string(identity->evidence));
    text_or_null(json, "rule", identity->rule);
    json.field("certainty", business::to_string(identity->certainty));
    json.key("conflicts").begin_array();
    for (unsigned bit = 1; bit <= static_cast<unsigned>(business::Evidence::kUniqueName); ++bit) {
        if ((identity->conflicts >> bit & 1U) != 0) {
            json.plain_string(business::to_string(static_cast<business::Evidence>(bit)));
        }
    }
    json.end_array().end_object();
}

void write_peer(JsonWriter& json, const business::PeerFact& peer) {
    json.key("peer");
    if (peer.value.empty() && peer.address.empty()) {
        json.null();
        return;
    }
    json.begin_object();
    text_or_null(json, "value", peer.value);
    text_or_null(json, "service", peer.service);
    text_or_null(json, "namespace", peer.ns);
    text_or_null(json, "address", peer.address);
    text_or_null(json, "rule", peer.rule);
    json.end_object();
}

void write_request(JsonWriter& json, const business::RequestFact& request) {
    json.key("request").begin_object();
    text_or_null(json, "method", request.method);
    text_or_null(json, "url", request.url);
    text_or_null(json, "route", request.route);
    text_or_null(json, "protocol", request.protocol);
    text_or_null(json, "id", request.id);
    integer_or_null(json, "requestBytes", request.request_bytes);
    integer_or_null(json, "responseBytes", request.response_bytes);
    json.end_object();
}

void write_status(JsonWriter& json, const business::StatusFact& status) {
    json.key("status").begin_object();
    integer_or_null(json, "http", status.http == 0 ? std::nullopt : std::optional(status.http));
    text_or_null(json, "httpRaw", status.http_raw);
    json.field("noResponse", status.no_response);
    integer_or_null(json, "grpc", status.grpc);
    text_or_null(json, "grpcRaw", status.grpc_raw);
    json.end_object();
}

void write_target(JsonWriter& json, const business::TargetFact& target) {
    json.key("target").begin_object();
    text_or_null(json, "system", target.system);
    text_or_null(json, "name", target.name);
    text_or_null(json, "operation", target.operation);
    json.end_object();
}

void write_outcome(JsonWriter& json, const SpanFacts& facts) {
    json.key("flags").begin_array();
    for (const business::ResponseFlag& flag : facts.flags) {
        json.begin_object().field("code", flag.code).field("meaning", flag.meaning).end_object();
    }
    json.end_array().key("error");
    if (!facts.error.is_error) {
        json.null();
        return;
    }
    json.begin_object().field("class", business::to_string(facts.error.error_class));
    json.field("rule", facts.error.rule);
    json.field("confidence", business::to_string(facts.error.confidence)).end_object();
}

void write_pair(JsonWriter& json, const business::TraceRows& rows, const business::PairFact& pair) {
    json.key("pair");
    if (pair.other == models::kNoSpan) {
        json.null();
        return;
    }
    json.begin_object();
    json.key("spanID").plain_string(rows.view.trace->spans[pair.other].id.to_hex());
    const auto gap = pair.gap_ns ? std::optional(*pair.gap_ns / 1000) : std::nullopt;
    integer_or_null(json, "gap", gap);
    json.end_object();
}

}  // namespace

void RowWriter::head(std::string& out) const {
    const models::Trace& trace = *rows_.view.trace;
    JsonWriter json(out);
    json.begin_object().key("traceID").plain_string(trace.id.to_hex());
    json.field("startTime", trace.start_ns() / 1000);
    json.field("duration", trace.duration_ns() / 1000);
    json.field("total", trace.spans.size()).field("errors", rows_.page.visible_errors);
    json.field("hidden", rows_.view.hidden_spans());
    json.field("rows", rows_.page.total_rows).field("from", rows_.request.from);
    json.key("spans").begin_array();
}

void RowWriter::row(std::string& out, std::size_t index) const {
    const models::Trace& trace = *rows_.view.trace;
    const business::PageRow& row = rows_.page.rows[index];
    const SpanFacts& facts = rows_.page.facts.spans[index];
    const bool hidden = rows_.view.hides(row.span);
    JsonWriter json(out);
    json.begin_object();
    write_place(json, rows_, row, facts);
    json.field("redacted", hidden).field("operationName", facts.operation);
    text_or_null(
        json,
        "service",
        hidden ? std::string_view() : trace.processes[trace.spans[row.span].process].service
    );
    json.field("source", business::to_string(facts.source));
    json.field("type", business::to_string(facts.type));
    json.field("direction", business::to_string(facts.direction));
    json.field("kind", business::to_string(facts.kind.kind));
    text_or_null(json, "kindRule", facts.kind.rule);
    text_or_null(json, "component", facts.component);
    write_identity(json, facts.identity);
    write_resolved(json, rows_.identity_of(row.span));
    write_peer(json, facts.peer);
    write_request(json, facts.request);
    write_status(json, facts.status);
    write_target(json, facts.target);
    write_outcome(json, facts);
    write_pair(json, rows_, facts.pair);
    json.end_object();
}

}  // namespace meshscope::handlers
