#include "business/trace_filters.hpp"

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

}  // namespace meshscope::business
