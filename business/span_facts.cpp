#include "business/span_facts.hpp"

#include "business/span_facts_parts.hpp"

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

// Reads each process once and each span in turn.
class Reader {
 public:
    explicit Reader(const Trace& trace) : trace_(trace), processes_(trace.processes.size()) {
        for (std::size_t i = 0; i < processes_.size(); ++i) {
            processes_[i].read(trace.processes[i].tags);
        }
    }

    // Valid until the next call.
    Attributes read(std::size_t index) {
        span_.read(trace_.spans[index].tags);
        return {span_, processes_[trace_.spans[index].process]};
    }

 private:
    const Trace& trace_;
    std::vector<AttributeSet> processes_;
    AttributeSet span_;
};

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
    facts.error = error_of(evidence);
    facts.identity = identity_of(evidence, facts.kind.kind);
    facts.component = shown.text(Concept::kComponent);
    facts.operation = operation_shown(evidence, shown, facts.source);
    facts.peer = named_peer(shown, facts.kind.kind);
}

// Whom a neighbour of a call names itself as.
std::string_view name_of(const Trace& trace, const SpanFacts& facts, std::uint32_t index) {
    return facts.identity.workload.empty() ? trace.processes[trace.spans[index].process].service
                                           : facts.identity.workload;
}

bool is_call(const Trace& trace, const std::vector<SpanFacts>& facts, std::uint32_t server) {
    const std::uint32_t client = trace.spans[server].parent;
    return client != kNoSpan && facts[server].kind.kind == SpanKind::kServer &&
           facts[client].kind.kind == SpanKind::kClient;
}

void pair_calls(const Trace& trace, TraceFacts& facts) {
    for (std::uint32_t client = 0; client < trace.spans.size(); ++client) {
        std::uint32_t servers = 0;
        std::uint32_t last = kNoSpan;
        for (const std::uint32_t child : facts.shape.children_of(client)) {
            if (is_call(trace, facts.spans, child)) {
                facts.spans[child].pair.other = client;
                last = child;
                ++servers;
            }
        }
        if (servers == 0) {
            continue;
        }
        facts.spans[client].pair.other = last;
        if (servers == 1) {
            const std::int64_t gap =
                trace.spans[client].duration_ns - trace.spans[last].duration_ns;
            facts.spans[client].pair.gap_ns = gap;
            facts.spans[last].pair.gap_ns = gap;
        }
    }
}

// What neither the span's own names nor addresses told.
void complete_peers(const Trace& trace, const Masker& masker, Reader& reader, TraceFacts& facts) {
    for (std::uint32_t i = 0; i < trace.spans.size(); ++i) {
        SpanFacts& span = facts.spans[i];
        if (!span.peer.value.empty()) {
            continue;
        }
        const bool server = span.kind.kind == SpanKind::kServer;
        if (server && span.pair.other != kNoSpan) {
            const SpanFacts& client = facts.spans[span.pair.other];
            span.peer.value = name_of(trace, client, span.pair.other);
            span.peer.ns = client.identity.ns;
            span.peer.rule = "parent client span";
            continue;
        }
        const Attributes attributes = reader.read(i);
        address_as_peer({attributes, masker, facts.masked}, span.kind.kind, span.peer);
        if (span.peer.value.empty() && !server && span.pair.other != kNoSpan) {
            span.peer.value = trace.processes[trace.spans[span.pair.other].process].service;
            span.peer.rule = "child server span";
        }
    }
}

void set_times(const Trace& trace, TraceFacts& facts) {
    const auto self = self_times(trace, facts.shape);
    const auto critical = critical_times(trace, facts.shape);
    const std::int64_t start = trace.start_ns();
    for (std::uint32_t i = 0; i < trace.spans.size(); ++i) {
        SpanFacts& span = facts.spans[i];
        const std::int64_t whole = trace.spans[facts.shape.root[i]].duration_ns;
        span.depth = facts.shape.depth[i];
        span.relative_start_ns = models::nanos_between(start, trace.spans[i].start_ns);
        span.self_ns = self[i];
        span.critical_ns = critical[i];
        span.critical_share =
            whole > 0 ? static_cast<double>(critical[i]) / static_cast<double>(whole) : 0.0;
    }
}

}  // namespace

TraceFacts trace_facts(const Trace& trace, const Masker& masker) {
    TraceFacts facts;
    facts.shape = trace_shape(trace);
    facts.spans.resize(trace.spans.size());
    Reader reader(trace);
    for (std::size_t i = 0; i < trace.spans.size(); ++i) {
        const Attributes attributes = reader.read(i);
        read_span({trace.spans[i], attributes}, {attributes, masker, facts.masked}, facts.spans[i]);
        facts.errors += facts.spans[i].error.is_error ? 1 : 0;
    }
    pair_calls(trace, facts);
    complete_peers(trace, masker, reader, facts);
    set_times(trace, facts);
    return facts;
}

std::vector<ErrorFact> error_facts(const Trace& trace) {
    std::vector<ErrorFact> errors;
    errors.reserve(trace.spans.size());
    Reader reader(trace);
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
