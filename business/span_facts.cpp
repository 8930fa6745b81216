#include "business/span_facts.hpp"

#include "business/span_facts_parts.hpp"
#include "business/span_reader.hpp"

#include <numeric>
#include <utility>

namespace meshscope::business {

namespace {

using models::kNoSpan;
using models::SpanKind;
using models::Trace;

Direction direction_of(SpanKind kind) {
    switch (kind) {
        case SpanKind::kServer:
        case SpanKind::kConsumer:
            return Direction::kInbound;
        case SpanKind::kClient:
        case SpanKind::kProducer:
            return Direction::kOutbound;
        case SpanKind::kUnspecified:
        case SpanKind::kInternal:
            break;
    }
    return Direction::kInternal;
}

void read_span(const SpanEvidence& evidence, const ShownAttributes& shown, SpanFacts& facts) {
    facts.source = source_of(evidence);
    facts.kind = kind_of(evidence);
    facts.direction = direction_of(facts.kind.kind);
    facts.type = type_of(evidence, facts.source);
    facts.request = request_of(evidence.span, shown);
    facts.status = status_of(evidence);
    facts.status.http_raw = shown.shown(facts.status.http_raw);
    facts.status.grpc_raw = shown.shown(facts.status.grpc_raw);
    facts.target = target_of(shown, facts.type);
    facts.flags = response_flags(shown.text(Concept::kResponseFlags));
    facts.error = error_of(evidence, facts.kind.kind);
    facts.identity = identity_of(evidence, facts.kind.kind);
    facts.component = shown.text(Concept::kComponent);
    facts.operation = operation_shown(evidence, shown, facts.source);
    facts.peer = named_peer(shown, facts.kind.kind);
}

// What neither the span's own names nor addresses told. `reader` has just read the span.
void complete_peer(
    const Trace& trace,
    std::uint32_t other,
    const ShownAttributes& own,
    SpanReader& reader,
    SpanFacts& facts
) {
    const bool server = facts.kind.kind == SpanKind::kServer;
    if (server && other != kNoSpan) {
        const Attributes attributes = reader.read(other);
        const SpanEvidence client{trace.spans[other], attributes};
        const IdentityFact identity = identity_of(client, kind_of(client).kind);
        facts.peer.value = identity.workload.empty()
                               ? trace.processes[trace.spans[other].process].service
                               : identity.workload;
        facts.peer.ns = identity.ns;
        facts.peer.rule = "parent client span";
        return;
    }
    address_as_peer(own, facts.kind.kind, facts.peer);
    if (facts.peer.value.empty() && !server && other != kNoSpan) {
        facts.peer.value = trace.processes[trace.spans[other].process].service;
        facts.peer.rule = "child server span";
    }
}

void set_place(
    const Trace& trace, const TraceColumns& columns, std::uint32_t index, SpanFacts& span
) {
    const std::int64_t whole = trace.spans[columns.shape.root[index]].duration_ns;
    span.depth = columns.shape.depth[index];
    span.relative_start_ns = models::nanos_between(trace.start_ns(), trace.spans[index].start_ns);
    span.self_ns = columns.self_ns[index];
    span.critical_ns = columns.critical_ns[index];
    span.critical_share =
        whole > 0 ? static_cast<double>(span.critical_ns) / static_cast<double>(whole) : 0.0;
    span.pair = {columns.pair[index], columns.gap_ns(trace, index)};
}

}  // namespace

RowFacts row_facts(
    const Trace& trace,
    const TraceColumns& columns,
    const Masker& masker,
    std::span<const std::uint32_t> rows
) {
    RowFacts facts;
    facts.spans.resize(rows.size());
    SpanReader reader(trace);
    for (std::size_t row = 0; row < rows.size(); ++row) {
        const std::uint32_t index = rows[row];
        SpanFacts& span = facts.spans[row];
        const Attributes attributes = reader.read(index);
        const ShownAttributes shown(attributes, masker, facts.masked);
        read_span({trace.spans[index], attributes}, shown, span);
        if (span.peer.value.empty()) {
            complete_peer(trace, columns.pair[index], shown, reader, span);
        }
        set_place(trace, columns, index, span);
    }
    return facts;
}

TraceFacts trace_facts(const Trace& trace, const Masker& masker) {
    TraceColumns columns = trace_columns(trace);
    std::vector<std::uint32_t> all(trace.spans.size());
    std::iota(all.begin(), all.end(), 0U);
    RowFacts rows = row_facts(trace, columns, masker, all);
    TraceFacts facts;
    facts.spans = std::move(rows.spans);
    facts.masked = std::move(rows.masked);
    facts.errors = columns.errors;
    facts.shape = std::move(columns.shape);
    return facts;
}

std::vector<ErrorFact> error_facts(const Trace& trace) {
    std::vector<ErrorFact> errors;
    errors.reserve(trace.spans.size());
    SpanReader reader(trace);
    for (std::size_t i = 0; i < trace.spans.size(); ++i) {
        const Attributes attributes = reader.read(i);
        errors.push_back(error_of({trace.spans[i], attributes}));
    }
    return errors;
}

std::string_view to_string(SpanSource source) {
    switch (source) {
        case SpanSource::kEnvoy:
            return "envoy";
        case SpanSource::kKrakend:
            return "krakend";
        case SpanSource::kApp:
            return "app";
    }
    return "";
}

std::string_view to_string(SpanType type) {
    switch (type) {
        case SpanType::kHttp:
            return "http";
        case SpanType::kGrpc:
            return "grpc";
        case SpanType::kRpc:
            return "rpc";
        case SpanType::kDatabase:
            return "database";
        case SpanType::kMessaging:
            return "messaging";
        case SpanType::kTcp:
            return "tcp";
        case SpanType::kUnknown:
            return "unknown";
    }
    return "";
}

std::string_view to_string(Direction direction) {
    switch (direction) {
        case Direction::kInbound:
            return "inbound";
        case Direction::kOutbound:
            return "outbound";
        case Direction::kInternal:
            return "internal";
    }
    return "";
}

std::string_view to_string(ErrorClass error_class) {
    switch (error_class) {
        case ErrorClass::kNone:
            return "";
        case ErrorClass::kServer:
            return "server";
        case ErrorClass::kClient:
            return "client";
        case ErrorClass::kTransport:
            return "transport";
        case ErrorClass::kApplication:
            return "application";
    }
    return "";
}

std::string_view to_string(Confidence confidence) {
    return confidence == Confidence::kHigh ? "high" : "low";
}

std::string_view to_string(SpanKind kind) {
    switch (kind) {
        case SpanKind::kUnspecified:
            return "unspecified";
        case SpanKind::kInternal:
            return "internal";
        case SpanKind::kServer:
            return "server";
        case SpanKind::kClient:
            return "client";
        case SpanKind::kProducer:
            return "producer";
        case SpanKind::kConsumer:
            return "consumer";
    }
    return "";
}

}  // namespace meshscope::business
