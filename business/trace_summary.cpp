#include "business/trace_summary.hpp"

#include "business/span_facts.hpp"

#include <map>
#include <string_view>

namespace meshscope::business {

namespace {

// The root that starts first, a true root before an orphan; spans are ascending by start.
std::size_t main_root(const models::Trace& trace) {
    for (std::size_t i = 0; i < trace.spans.size(); ++i) {
        if (trace.spans[i].parent == models::kNoSpan && !trace.spans[i].orphan) {
            return i;
        }
    }
    return 0;
}

}  // namespace

TraceSummary summarize(const TraceView& view) {
    const models::Trace& trace = *view.trace;
    TraceSummary summary;
    summary.id = trace.id;
    summary.start_us = trace.start_ns() / 1000;
    summary.duration_us = trace.duration_ns() / 1000;
    summary.spans = static_cast<std::uint32_t>(trace.spans.size());
    const std::size_t root = main_root(trace);
    if (!view.hides(root)) {
        summary.root_service = trace.processes[trace.spans[root].process].service;
        summary.root_operation = trace.spans[root].operation;
    }
    const std::vector<ErrorFact> errors = error_facts(trace);
    std::map<std::string_view, ServiceSummary> services;
    for (std::size_t i = 0; i < trace.spans.size(); ++i) {
        const models::Span& span = trace.spans[i];
        summary.orphans += span.orphan ? 1 : 0;
        if (view.hides(i)) {
            ++summary.hidden;
            continue;
        }
        ServiceSummary& service = services[trace.processes[span.process].service];
        ++service.spans;
        if (errors[i].is_error) {
            ++service.errors;
            ++summary.errors;
        }
    }
    summary.services.reserve(services.size());
    for (auto& [name, service] : services) {
        service.name = name;
        summary.services.push_back(std::move(service));
    }
    return summary;
}

}  // namespace meshscope::business
