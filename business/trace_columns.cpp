#include "business/trace_columns.hpp"

#include "business/span_facts_parts.hpp"
#include "business/span_reader.hpp"

#include <unordered_map>

namespace meshscope::business {

namespace {

using models::kNoSpan;
using models::SpanKind;
using models::Trace;

void pair_calls(const Trace& trace, const std::vector<SpanKind>& kinds, TraceColumns& columns) {
    columns.pair.assign(trace.spans.size(), kNoSpan);
    columns.one_to_one.assign(trace.spans.size(), false);
    for (std::uint32_t client = 0; client < trace.spans.size(); ++client) {
        if (kinds[client] != SpanKind::kClient) {
            continue;
        }
        std::uint32_t servers = 0;
        for (const std::uint32_t child : columns.shape.children_of(client)) {
            if (kinds[child] == SpanKind::kServer) {
                columns.pair[child] = client;
                columns.pair[client] = child;
                ++servers;
            }
        }
        if (servers == 1) {
            columns.one_to_one[client] = true;
            columns.one_to_one[columns.pair[client]] = true;
        }
    }
}

}  // namespace

std::optional<std::int64_t> TraceColumns::gap_ns(const Trace& trace, std::uint32_t span) const {
    if (!one_to_one[span]) {
        return std::nullopt;
    }
    const std::uint32_t other = pair[span];
    const bool is_server = trace.spans[span].parent == other;
    const std::uint32_t client = is_server ? other : span;
    const std::uint32_t server = is_server ? span : other;
    return trace.spans[client].duration_ns - trace.spans[server].duration_ns;
}

TraceColumns trace_columns(const Trace& trace) {
    TraceColumns columns;
    columns.shape = trace_shape(trace);
    std::vector<SpanKind> kinds;
    kinds.reserve(trace.spans.size());
    columns.error.reserve(trace.spans.size());
    SpanReader reader(trace);
    for (std::size_t i = 0; i < trace.spans.size(); ++i) {
        const Attributes attributes = reader.read(i);
        const SpanEvidence evidence{trace.spans[i], attributes};
        kinds.push_back(kind_of(evidence).kind);
        const bool error = error_of(evidence).is_error;
        columns.error.push_back(error);
        columns.errors += error ? 1 : 0;
    }
    pair_calls(trace, kinds, columns);
    columns.self_ns = self_times(trace, columns.shape);
    columns.critical_ns = critical_times(trace, columns.shape);
    return columns;
}

NamespaceColumn span_namespaces(const Trace& trace) {
    NamespaceColumn column;
    column.of_span.reserve(trace.spans.size());
    std::unordered_map<std::string_view, std::uint32_t> known;
    SpanReader reader(trace);
    for (std::size_t i = 0; i < trace.spans.size(); ++i) {
        const Attributes attributes = reader.read(i);
        const SpanEvidence evidence{trace.spans[i], attributes};
        const std::string_view name = identity_of(evidence, kind_of(evidence).kind).ns;
        const auto [entry, added] =
            known.emplace(name, static_cast<std::uint32_t>(column.names.size()));
        if (added) {
            column.names.push_back(name);
        }
        column.of_span.push_back(entry->second);
    }
    return column;
}

std::shared_ptr<const TraceColumns> columns_of(const Trace& trace) {
    return trace.memo.get<TraceColumns>([&trace] { return trace_columns(trace); });
}

std::shared_ptr<const NamespaceColumn> namespaces_of(const Trace& trace) {
    return trace.memo.get<NamespaceColumn>([&trace] { return span_namespaces(trace); });
}

}  // namespace meshscope::business
