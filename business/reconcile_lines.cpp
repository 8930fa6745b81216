#include "business/reconcile_lines.hpp"

#include "business/logs.hpp"
#include "business/span_facts_parts.hpp"
#include "business/trace_calls.hpp"

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace meshscope::business {

namespace {

constexpr const char* kProxyContainer = "istio-proxy";
// Lines are stamped when a request has ended; nothing that is of the window is stamped before it.
constexpr std::chrono::seconds kStampedBefore{1};

std::int64_t end_of(const models::LogLine& line) {
    std::int64_t duration_ms = 0;
    const std::string_view text = line.access->duration;
    std::from_chars(text.data(), text.data() + text.size(), duration_ms);
    return later(line.time_ns, std::chrono::milliseconds(duration_ms));
}

bool is_inbound(const models::AccessLine& line) {
    return line.upstream_cluster.starts_with("inbound|") ||
           line.upstream_cluster.starts_with("inbound_.");
}

PeerClue clue_of(const models::LogLine& line) {
    const models::AccessLine& access = *line.access;
    PeerClue clue;
    clue.time = from_micros(line.time_ns / 1000);
    if (is_inbound(access)) {
        clue.address = without_port(access.downstream_remote);
        return clue;
    }
    clue.direction = TrafficDirection::kOutbound;
    clue.arrived = !never_arrived(access.response_flags);
    clue.address = without_port(access.upstream_service);
    const ClusterHost host = cluster_host(outbound_host(access.upstream_cluster));
    clue.service = host.service;
    clue.ns = host.ns;
    return clue;
}

bool failed(std::string_view status) { return status.starts_with('5') || status == "0"; }

}  // namespace

Awaitable<Result<CountedLines>> count_lines(
    const Logs& logs, RequestContext context, TimeRange window, EdgeBook& book
) {
    TimelineQuery query;
    query.ns = book.parts().ns;
    query.workload = book.parts().workload;
    query.since = window.start - kStampedBefore;
    query.containers = {kProxyContainer};
    query.tail = kMaxTail;
    const auto timeline = co_await logs.timeline(std::move(context), std::move(query));
    if (!timeline) {
        co_return timeline.error();
    }
    CountedLines out;
    for (const SourceState& source : timeline->sources) {
        const bool read =
            source.state == SourceState::State::kOk || source.state == SourceState::State::kEmpty;
        if (!read) {
            co_return Error(ErrorKind::kUnavailable, source.reason);
        }
        out.complete = out.complete && !source.more;
    }
    const std::int64_t from = to_micros(window.start) * 1000;
    const std::int64_t to = to_micros(window.end) * 1000;
    for (const LogEntry& entry : timeline->entries) {
        const auto* line = std::get_if<models::LogLine>(&entry.what);
        if (line == nullptr || line->access == nullptr) {
            continue;
        }
        const std::int64_t end = end_of(*line);
        if (end <= from || end > to) {
            continue;
        }
        const std::size_t edge = book.of_clue(clue_of(*line));
        out.edges.resize(book.edges().size());
        ++out.edges[edge].lines;
        out.edges[edge].errors += failed(line->access->status_code) ? 1U : 0U;
    }
    out.edges.resize(book.edges().size());
    co_return out;
}

}  // namespace meshscope::business
