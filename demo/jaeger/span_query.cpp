#include "demo/jaeger/span_query.hpp"

#include <algorithm>
#include <limits>
#include <string_view>

namespace meshscope::demo {
namespace {

bool holds(const Attributes& attributes, std::string_view key, const std::string& value) {
    return std::any_of(attributes.begin(), attributes.end(), [&](const Attribute& attribute) {
        return attribute.key == key && to_text(attribute.value) == value;
    });
}

// Read from the status, so text in an attribute of that name is not found.
bool has_error(const SpanRecord& span, const std::string& value, const SpanQuery& query) {
    if (value == "true" && !query.misreads_fields) {
        return span.status == StatusCode::kError;
    }
    return query.false_is_complement ? span.status != StatusCode::kError
                                     : span.status == StatusCode::kOk;
}

bool has_tag(
    const TraceRecord& trace,
    const SpanRecord& span,
    const std::string& key,
    const std::string& value,
    const SpanQuery& query
) {
    constexpr std::string_view kResource = "resource.";
    const ProcessRecord& process = trace.processes[span.process];
    const ScopeRecord& scope = trace.scopes[span.scope];
    if (key == "error") {
        return has_error(span, value, query);
    }
    if ((key == "span.kind" && value == to_string(span.kind) && !query.misreads_fields) ||
        (key == "scope.name" && value == scope.name) ||
        (key == "scope.version" && value == scope.version) ||
        (key.starts_with(kResource) && holds(process.tags, key.substr(kResource.size()), value))) {
        return true;
    }
    if (holds(span.attributes, key, value) || holds(process.tags, key, value) ||
        holds(scope.attributes, key, value)) {
        return true;
    }
    const bool in_event =
        std::any_of(span.events.begin(), span.events.end(), [&](const EventRecord& event) {
            return (key == "event" && event.name == value) || holds(event.attributes, key, value);
        });
    return in_event || std::any_of(span.links.begin(), span.links.end(), [&](const LinkRecord& l) {
               return holds(l.attributes, key, value);
           });
}

}  // namespace

bool matches(const TraceRecord& trace, const SpanRecord& span, const SpanQuery& query) {
    if (span.start_ns < query.start_ns || span.start_ns > query.end_ns) {
        return false;
    }
    if (!query.service.empty() && trace.processes[span.process].service != query.service) {
        return false;
    }
    if (!query.operation.empty() && span.operation != query.operation) {
        return false;
    }
    if (query.min_duration_ns && span.duration_ns < *query.min_duration_ns) {
        return false;
    }
    if (query.max_duration_ns && span.duration_ns > *query.max_duration_ns) {
        return false;
    }
    return std::all_of(query.tags.begin(), query.tags.end(), [&](const auto& tag) {
        return has_tag(trace, span, tag.first, tag.second, query);
    });
}

std::int64_t nanos_from(std::int64_t amount, std::int64_t unit_ns) {
    constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
    if (amount > kMost / unit_ns) {
        return kMost;
    }
    return amount < -(kMost / unit_ns) ? -kMost : amount * unit_ns;
}

}  // namespace meshscope::demo
