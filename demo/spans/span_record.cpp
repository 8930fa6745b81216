#include "demo/spans/span_record.hpp"

#include "core/json_writer.hpp"
#include "core/text.hpp"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

namespace meshscope::demo {
namespace {

struct Json {
    JsonWriter& out;
    void operator()(std::monostate) const { out.null(); }
    void operator()(const std::string& text) const { out.string(text); }
    void operator()(bool flag) const { out.boolean(flag); }
    void operator()(std::int64_t number) const { out.integer(number); }
    void operator()(double number) const { out.number(number); }
    void operator()(const Bytes& bytes) const { out.string(base64_encode(bytes.data)); }
    void operator()(const ValueList& list) const {
        out.begin_array();
        for (const AttributeValue& value : list) {
            std::visit(*this, static_cast<const AnyValue&>(value));
        }
        out.end_array();
    }
    void operator()(const Attributes& map) const {
        out.begin_object();
        for (const Attribute& attribute : map) {
            out.key(attribute.key);
            std::visit(*this, static_cast<const AnyValue&>(attribute.value));
        }
        out.end_object();
    }
};

struct Same {
    template <class T>
    bool operator()(const T& a, const T& b) const {
        return a == b;
    }
    template <class T, class U>
    bool operator()(const T&, const U&) const {
        return false;
    }
    bool operator()(const ValueList& a, const ValueList& b) const {
        return std::equal(a.begin(), a.end(), b.begin(), b.end(), equal);
    }
    bool operator()(const Attributes& a, const Attributes& b) const { return same(a, b); }

    static bool equal(const AttributeValue& a, const AttributeValue& b) {
        return std::visit(Same{}, static_cast<const AnyValue&>(a), static_cast<const AnyValue&>(b));
    }
};

}  // namespace

bool same(const Attributes& a, const Attributes& b) {
    const auto equal = [](const Attribute& x, const Attribute& y) {
        return x.key == y.key && Same::equal(x.value, y.value);
    };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), equal);
}

bool same(const SpanRecord& a, const SpanRecord& b) {
    const auto fields = [](const SpanRecord& span) {
        return std::tie(
            span.id,
            span.parent,
            span.operation,
            span.start_ns,
            span.duration_ns,
            span.kind,
            span.status,
            span.flags,
            span.status_message,
            span.trace_state,
            span.warnings,
            span.process,
            span.scope
        );
    };
    const auto same_event = [](const EventRecord& x, const EventRecord& y) {
        return x.time_ns == y.time_ns && x.name == y.name && same(x.attributes, y.attributes);
    };
    const auto same_link = [](const LinkRecord& x, const LinkRecord& y) {
        return x.trace == y.trace && x.span == y.span && x.trace_state == y.trace_state &&
               x.flags == y.flags && same(x.attributes, y.attributes);
    };
    return fields(a) == fields(b) && same(a.attributes, b.attributes) &&
           std::equal(
               a.events.begin(), a.events.end(), b.events.begin(), b.events.end(), same_event
           ) &&
           std::equal(a.links.begin(), a.links.end(), b.links.begin(), b.links.end(), same_link);
}

std::string to_text(const AttributeValue& value) {
    if (const auto* text = std::get_if<std::string>(&value)) {
        return *text;
    }
    std::string out;
    if (!std::holds_alternative<std::monostate>(value)) {
        JsonWriter writer(out);
        std::visit(Json{writer}, static_cast<const AnyValue&>(value));
    }
    if (std::holds_alternative<Bytes>(value)) {
        return out.substr(1, out.size() - 2);  // without the quotes
    }
    return out;
}

std::string_view to_string(SpanKind kind) {
    constexpr std::array<std::string_view, 6> kNames = {
        "", "internal", "server", "client", "producer", "consumer"
    };
    return kNames[static_cast<std::size_t>(kind)];
}

}  // namespace meshscope::demo
