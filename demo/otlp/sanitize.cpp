#include "core/text.hpp"
#include "demo/otlp/received.hpp"

#include <algorithm>
#include <limits>
#include <tuple>
#include <utility>

namespace meshscope::demo {
namespace {

void clean(AttributeValue& value);

// Keys of bad UTF-8 get a name and keep their bytes in the value.
void clean(Attributes& attributes) {
    std::size_t bad = 0;
    for (Attribute& attribute : attributes) {
        clean(attribute.value);
        if (!is_valid_utf8(attribute.key)) {
            Bytes kept{attribute.key + ":" + to_text(attribute.value)};
            attribute.key = "invalid-tag-key-" + std::to_string(++bad);
            attribute.value = std::move(kept);
        }
    }
    std::sort(attributes.begin(), attributes.end(), [](const Attribute& a, const Attribute& b) {
        return a.key < b.key;
    });
}

void clean(AttributeValue& value) {
    if (auto* text = std::get_if<std::string>(&value); text != nullptr) {
        if (!is_valid_utf8(*text)) {
            Bytes kept{std::move(*text)};
            value = std::move(kept);
        }
    } else if (auto* list = std::get_if<ValueList>(&value); list != nullptr) {
        for (AttributeValue& item : *list) {
            clean(item);
        }
    } else if (auto* map = std::get_if<Attributes>(&value); map != nullptr) {
        clean(*map);
    }
}

// A name is shown: it stays text.
void clean_name(std::string& name, const char* when_empty, const char* when_bad) {
    if (name.empty()) {
        name = when_empty;
    } else if (!is_valid_utf8(name)) {
        name = when_bad;
    }
}

void clean_text(std::string& text) {
    if (!is_valid_utf8(text)) {
        text = to_valid_utf8(text);
    }
}

void clean_links(SpanRecord& span) {
    const std::size_t removed =
        std::erase_if(span.links, [](const LinkRecord& link) { return link.trace.is_zero(); });
    for (std::size_t i = 0; i < removed; ++i) {
        span.warnings.emplace_back("Invalid span link removed");
    }
    for (LinkRecord& link : span.links) {
        clean_text(link.trace_state);
        clean(link.attributes);
    }
}

void clean(SpanRecord& span) {
    clean_name(span.operation, "empty-span-name", "invalid-span-name");
    clean_text(span.status_message);
    clean_text(span.trace_state);
    span.duration_ns = std::max<std::int64_t>(span.duration_ns, 1);
    clean(span.attributes);
    for (EventRecord& event : span.events) {
        clean_text(event.name);
        clean(event.attributes);
    }
    std::sort(
        span.events.begin(),
        span.events.end(),
        [](const EventRecord& a, const EventRecord& b) {
            return std::tie(a.name, a.time_ns) < std::tie(b.name, b.time_ns);
        }
    );
    clean_links(span);
}

// service.name leaves the attributes: it is the process's name.
void name_service(ProcessRecord& process) {
    const auto is_name = [](const Attribute& tag) { return tag.key == "service.name"; };
    const auto at = std::find_if(process.tags.begin(), process.tags.end(), is_name);
    if (at == process.tags.end()) {
        process.service = "missing-service-name";
        return;
    }
    process.service = to_text(at->value);
    clean_name(process.service, "empty-service-name", "invalid-service-name");
    std::erase_if(process.tags, is_name);
}

}  // namespace

std::int64_t nanos_from_wire(std::uint64_t nanos) {
    // One less than the greatest, so that the shortest span still ends.
    constexpr auto kLatest =
        static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max() - 1);
    return static_cast<std::int64_t>(std::min(nanos, kLatest));
}

void sanitize(Received& received) {
    for (ProcessRecord& process : received.processes) {
        name_service(process);
        clean(process.tags);
    }
    for (ScopeRecord& scope : received.scopes) {
        clean_text(scope.name);
        clean_text(scope.version);
        clean(scope.attributes);
    }
    for (ReceivedSpan& received_span : received.spans) {
        clean(received_span.span);
    }
}

}  // namespace meshscope::demo
