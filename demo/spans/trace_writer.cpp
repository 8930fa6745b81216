#include "demo/spans/trace_writer.hpp"

#include "demo/mesh/random.hpp"
#include "demo/spans/render.hpp"

#include <algorithm>
#include <utility>

namespace meshscope::demo {
namespace {

// Jaeger leaves a note where a child does not fit into its parent on another host.
void note_clock_skew(TraceRecord& trace) {
    std::map<SpanId, std::size_t> by_id;
    for (std::size_t i = 0; i < trace.spans.size(); ++i) {
        by_id[trace.spans[i].id] = i;
    }
    for (SpanRecord& span : trace.spans) {
        const auto parent = by_id.find(span.parent);
        if (parent == by_id.end()) {
            continue;
        }
        const SpanRecord& above = trace.spans[parent->second];
        const bool fits = span.start_ns >= above.start_ns && span.end_ns() <= above.end_ns();
        if (above.process != span.process && !fits) {
            const std::int64_t latency =
                std::max<std::int64_t>(0, above.duration_us() - span.duration_us()) / 2;
            const std::int64_t delta = above.start_us() + latency - span.start_us();
            span.warnings.push_back(
                "clock skew adjustment disabled; not applying calculated delta of " +
                std::to_string(delta / 1000) + "." + std::to_string(std::abs(delta) % 1000) + "ms"
            );
        }
    }
}

}  // namespace

TraceWriter::TraceWriter(const Request& request, const Topology& topology)
    : request_(request),
      topology_(topology),
      server_span_(request.calls.size()),
      client_span_(request.calls.size()) {
    trace_.id = request.trace;
    trace_.scopes.emplace_back();  // of those that name none
}

SpanId TraceWriter::id_of(std::uint32_t call, char role) const {
    const auto letter = static_cast<unsigned char>(role);
    return SpanId{mix(mix(request_.trace.low, call), letter) | 1U};
}

SpanRecord& TraceWriter::span(
    std::uint32_t call,
    char role,
    WorkloadIndex reporter,
    std::int64_t start_us,
    std::int64_t duration_us
) {
    SpanRecord& span = trace_.spans.emplace_back();
    span.id = id_of(call, role);
    span.start_ns =
        (to_micros(request_.start) + start_us + topology_[reporter].clock_skew_us) * 1000;
    span.duration_ns = duration_us * 1000;
    span.process = process_of(reporter);
    return span;
}

SpanId TraceWriter::parent_of(const Call& call) const {
    return call.parent == kNoCall ? SpanId{} : server_span_[call.parent];
}

std::uint32_t TraceWriter::process_of(WorkloadIndex reporter) {
    const auto [at, added] =
        processes_.try_emplace(reporter, static_cast<std::uint32_t>(trace_.processes.size()));
    if (added) {
        const Workload& workload = topology_[reporter];
        ProcessRecord& process = trace_.processes.emplace_back();
        if (workload.proxy == Proxy::kNone) {
            process.service = workload.name;
            process.tags = {
                {"deployment.environment", "demo"},
                {"host.name", workload.pod},
                {"service.version", "2.7.0"},
                {"telemetry.sdk.language", "go"},
                {"telemetry.sdk.name", "opentelemetry"}
            };
        } else {
            process.service = workload.app + "." + workload.ns;
            process.tags = {{"ip", workload.ip}};
        }
        if (!workload.marker.empty()) {
            process.tags.push_back({"note", workload.marker});
        }
    }
    return at->second;
}

std::uint32_t TraceWriter::scope(std::string_view name) {
    const auto at =
        std::find_if(trace_.scopes.begin(), trace_.scopes.end(), [name](const ScopeRecord& scope) {
            return scope.name == name;
        });
    const auto index = static_cast<std::uint32_t>(at - trace_.scopes.begin());
    if (at == trace_.scopes.end()) {
        trace_.scopes.push_back({std::string(name), {}, {}});
    }
    return index;
}

TraceRecord TraceWriter::take() {
    for (SpanRecord& span : trace_.spans) {
        std::sort(
            span.attributes.begin(),
            span.attributes.end(),
            [](const Attribute& a, const Attribute& b) { return a.key < b.key; }
        );
    }
    if (!trace_.spans.empty()) {
        trace_.start_ns = trace_.spans.front().start_ns;
        for (const SpanRecord& span : trace_.spans) {
            trace_.start_ns = std::min(trace_.start_ns, span.start_ns);
            trace_.end_ns = std::max(trace_.end_ns, span.end_ns());
        }
    }
    const bool skewed = std::any_of(
        topology_.workloads().begin(),
        topology_.workloads().end(),
        [](const Workload& workload) { return workload.clock_skew_us != 0; }
    );
    if (skewed) {
        note_clock_skew(trace_);
    }
    return std::move(trace_);
}

TraceRecord render_spans(const Request& request, const Topology& topology) {
    TraceWriter writer(request, topology);
    for (std::uint32_t i = 0; i < request.calls.size(); ++i) {
        const Call& call = request.calls[i];
        if (call.caller != kOutside && topology[call.caller].proxy != Proxy::kZtunnel) {
            if (topology[call.caller].proxy == Proxy::kNone) {
                write_krakend_made(writer, i);
            } else {
                write_envoy_client(writer, i);
            }
        }
        if (!call.arrived) {
            continue;
        }
        switch (topology[call.callee].proxy) {
            case Proxy::kSidecar:
                write_envoy_server(writer, i);
                break;
            case Proxy::kNone:
                write_krakend_served(writer, i);
                break;
            case Proxy::kZtunnel:
                break;
            case Proxy::kRouter:
                break;  // a gateway reports its own call onward, nothing for the client's
        }
    }
    return writer.take();
}

}  // namespace meshscope::demo
