#include "business/trace_columns.hpp"

#include "business/span_facts_parts.hpp"
#include "business/span_reader.hpp"

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
        const bool error = error_of(evidence, kinds.back()).is_error;
        columns.error.push_back(error);
        columns.errors += error ? 1 : 0;
    }
    pair_calls(trace, kinds, columns);
    columns.self_ns = self_times(trace, columns.shape);
    columns.critical_ns = critical_times(trace, columns.shape);
    return columns;
}

std::shared_ptr<const TraceColumns> columns_of(const Trace& trace) {
    return trace.memo.get<TraceColumns>([&trace] { return trace_columns(trace); });
}

}  // namespace meshscope::business
