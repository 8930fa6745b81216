#include "business/trace_filters.hpp"

#include <algorithm>

namespace meshscope::business {

namespace {

// The first string tag of that key with a value; empty when there is none.
std::string_view text_of(const models::Span& span, std::string_view key) {
    for (const models::Tag& tag : span.tags) {
        if (tag.type() == models::ValueType::kString && !tag.text().empty() && tag.key() == key) {
            return tag.text();
        }
    }
    return {};
}

bool operation_names(
    std::string_view operation, std::string_view name_space, std::string_view name
) {
    if (!operation.starts_with(name)) {
        return false;
    }
    operation.remove_prefix(name.size());
    if (!operation.starts_with('.')) {
        return false;
    }
    operation.remove_prefix(1);
    if (!operation.starts_with(name_space)) {
        return false;
    }
    operation.remove_prefix(name_space.size());
    return operation.empty() || operation.front() == '.' || operation.front() == ':' ||
           operation.front() == '/';
}

}  // namespace

bool names_service(const models::Span& span, std::string_view name_space, std::string_view name) {
    const auto pair = [&](std::string_view service_key, std::string_view namespace_key) {
        return text_of(span, service_key) == name && text_of(span, namespace_key) == name_space;
    };
    return pair("istio.destination_canonical_service", "istio.destination_namespace") ||
           pair("istio.source_canonical_service", "istio.source_namespace") ||
           operation_names(span.operation, name_space, name);
}

bool any_names_service(const TraceView& view, std::string_view name_space, std::string_view name) {
    const auto& spans = view.trace->spans;
    for (std::size_t i = 0; i < spans.size(); ++i) {
        if (!view.hides(i) && names_service(spans[i], name_space, name)) {
            return true;
        }
    }
    return false;
}

std::vector<std::uint32_t> spans_of(
    const models::Trace& trace, const ResolvedName& name, std::string_view service
) {
    const bool own_name = name.lookup == name.app;
    std::vector<std::uint32_t> found;
    for (std::uint32_t i = 0; i < trace.spans.size(); ++i) {
        const models::Span& span = trace.spans[i];
        const std::string_view process = trace.processes[span.process].service;
        if (process != name.lookup && process != service) {
            continue;
        }
        if (own_name || names_service(span, name.own_namespace(), name.app)) {
            found.push_back(i);
        }
    }
    return found;
}

}  // namespace meshscope::business
