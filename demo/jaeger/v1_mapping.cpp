#include "demo/jaeger/v1_mapping.hpp"

#include <algorithm>
#include <cmath>
#include <string>

namespace meshscope::demo {
namespace {

void flat(const Attribute& attribute, const TagSink& sink) {
    const AttributeValue& value = attribute.value;
    if (std::holds_alternative<ValueList>(value) || std::holds_alternative<Attributes>(value) ||
        std::holds_alternative<std::monostate>(value)) {
        sink(attribute.key, to_text(value));
    } else {
        sink(attribute.key, value);
    }
}

void flat(const Attributes& attributes, const TagSink& sink) {
    for (const Attribute& attribute : attributes) {
        flat(attribute, sink);
    }
}

void words(std::string_view key, std::string_view text, const TagSink& sink) {
    if (!text.empty()) {
        sink(key, std::string(text));
    }
}

bool says_child_of(const LinkRecord& link) {
    return std::any_of(link.attributes.begin(), link.attributes.end(), [](const Attribute& a) {
        return a.key == "opentracing.ref_type" && to_text(a.value) == "child_of";
    });
}

}  // namespace

void each_tag(const TraceRecord& trace, const SpanRecord& span, const TagSink& sink) {
    const ScopeRecord& scope = trace.scopes[span.scope];
    words("otel.scope.name", scope.name, sink);
    words("otel.scope.version", scope.version, sink);
    flat(span.attributes, sink);
    words("span.kind", to_string(span.kind), sink);
    if (span.status == StatusCode::kError) {
        sink("otel.status_code", std::string("ERROR"));
        sink("error", true);
    } else if (span.status == StatusCode::kOk) {
        sink("otel.status_code", std::string("OK"));
    }
    words("otel.status_description", span.status_message, sink);
    words("w3c.tracestate", span.trace_state, sink);
}

void each_process_tag(const ProcessRecord& process, const TagSink& sink) {
    flat(process.tags, sink);
}

void each_field(const EventRecord& event, const TagSink& sink) {
    const bool named =
        std::any_of(event.attributes.begin(), event.attributes.end(), [](const Attribute& a) {
            return a.key == "event";
        });
    if (!named) {
        words("event", event.name, sink);
    }
    flat(event.attributes, sink);
}

bool has_non_finite(const TraceRecord& trace) {
    const auto wild = [](const Attributes& attributes) {
        return std::any_of(attributes.begin(), attributes.end(), [](const Attribute& a) {
            const auto* number = std::get_if<double>(&a.value);
            return number != nullptr && !std::isfinite(*number);
        });
    };
    return std::any_of(trace.spans.begin(), trace.spans.end(), [&](const SpanRecord& span) {
        return wild(span.attributes) ||
               std::any_of(span.events.begin(), span.events.end(), [&](const EventRecord& event) {
                   return wild(event.attributes);
               });
    });
}

std::vector<Reference> references(const TraceRecord& trace, const SpanRecord& span) {
    std::vector<Reference> out;
    if (!span.parent.is_zero()) {
        out.push_back({trace.id, span.parent, true});
    }
    for (const LinkRecord& link : span.links) {
        out.push_back({link.trace, link.span, says_child_of(link)});
    }
    return out;
}

}  // namespace meshscope::demo
