#include "core/text.hpp"
#include "demo/jaeger/go_values.hpp"
#include "demo/otlp/received.hpp"

#include <nlohmann/json.hpp>

#include <charconv>
#include <limits>
#include <optional>
#include <utility>

namespace meshscope::demo {
namespace {

using nlohmann::json;

// Before anything is built: how deep the text nests.
bool nests_too_deep(std::string_view text) {
    constexpr int kMost = 2 * kMostNesting + 32;  // a value of OTLP is an object around the value
    int depth = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (in_string) {
            i += c == '\\' ? 1 : 0;
            in_string = c != '"';
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            if (++depth > kMost * 2) {
                return true;
            }
        } else if (c == '}' || c == ']') {
            --depth;
        }
    }
    return false;
}

// Reads members; the first one of a wrong type is kept as the problem of the whole. Members that
// are null are not there.
class Decoder {
 public:
    Result<Received> decode(const json& request) {
        each(request, "resourceSpans", [this](const json& item) { resource_spans(item); });
        if (!problem_.empty()) {
            return Error(ErrorKind::kInvalidArgument, problem_);
        }
        return std::move(out_);
    }

 private:
    void wrong(const char* name) {
        if (problem_.empty()) {
            problem_ = std::string(name) + " has a wrong type or value";
        }
    }

    static const json* member(const json& object, const char* name) {
        const auto at = object.find(name);
        return at == object.end() || at->is_null() ? nullptr : &*at;
    }

    template <class Visit>
    void each(const json& object, const char* name, Visit visit) {
        const json* list = member(object, name);
        if (list == nullptr) {
            return;
        }
        if (!list->is_array()) {
            return wrong(name);
        }
        for (const json& item : *list) {
            if (!item.is_object()) {
                return wrong(name);
            }
            visit(item);
        }
    }

    template <class Visit>
    void inside(const json& object, const char* name, Visit visit) {
        const json* found = member(object, name);
        if (found == nullptr) {
            return;
        }
        if (!found->is_object()) {
            return wrong(name);
        }
        visit(*found);
    }

    std::string text(const json& object, const char* name) {
        const json* found = member(object, name);
        if (found == nullptr) {
            return {};
        }
        if (!found->is_string()) {
            wrong(name);
            return {};
        }
        return found->get<std::string>();
    }

    // 64-bit numbers come as text or as a number.
    template <class Number>
    Number number(const json& object, const char* name) {
        const json* found = member(object, name);
        if (found == nullptr) {
            return 0;
        }
        if (found->is_string()) {
            const auto& digits = found->get_ref<const std::string&>();
            Number value = 0;
            const auto [end, error] =
                std::from_chars(digits.data(), digits.data() + digits.size(), value);
            if (error == std::errc() && end == digits.data() + digits.size()) {
                return value;
            }
        } else if (found->is_number_integer()) {
            const bool negative = !found->is_number_unsigned() && found->get<std::int64_t>() < 0;
            const bool big = found->is_number_unsigned() &&
                             found->get<std::uint64_t>() >
                                 static_cast<std::uint64_t>(std::numeric_limits<Number>::max());
            if (!big && (!negative || std::numeric_limits<Number>::is_signed)) {
                return found->get<Number>();
            }
        }
        wrong(name);
        return 0;
    }

    double real(const json& found) {
        if (found.is_number()) {
            return found.get<double>();
        }
        const std::string word = found.is_string() ? found.get<std::string>() : std::string();
        if (word == "NaN") {
            return std::numeric_limits<double>::quiet_NaN();
        }
        if (word == "Infinity" || word == "-Infinity") {
            const double infinity = std::numeric_limits<double>::infinity();
            return word.front() == '-' ? -infinity : infinity;
        }
        wrong("doubleValue");
        return 0;
    }

    AttributeValue value(const json& object, int depth) {
        if (depth > kMostNesting) {
            wrong("a value nested too deep: arrayValue");
            return {};
        }
        if (member(object, "stringValue") != nullptr) {
            return text(object, "stringValue");
        }
        if (const json* flag = member(object, "boolValue"); flag != nullptr) {
            if (!flag->is_boolean()) {
                wrong("boolValue");
                return {};
            }
            return flag->get<bool>();
        }
        if (member(object, "intValue") != nullptr) {
            return number<std::int64_t>(object, "intValue");
        }
        if (const json* found = member(object, "doubleValue"); found != nullptr) {
            return real(*found);
        }
        if (member(object, "bytesValue") != nullptr) {
            const auto bytes = base64_decode(text(object, "bytesValue"));
            if (!bytes) {
                wrong("bytesValue");
                return {};
            }
            return Bytes{*bytes};
        }
        AttributeValue out;
        inside(object, "arrayValue", [&](const json& array) {
            ValueList list;
            each(array, "values", [&](const json& item) {
                list.push_back(value(item, depth + 1));
            });
            out = std::move(list);
        });
        inside(object, "kvlistValue", [&](const json& map) {
            out = attributes(map, "values", depth + 1);
        });
        return out;
    }

    Attributes attributes(const json& object, const char* name = "attributes", int depth = 0) {
        Attributes out;
        each(object, name, [&](const json& pair) {
            Attribute& attribute = out.emplace_back();
            attribute.key = text(pair, "key");
            inside(pair, "value", [&](const json& held) { attribute.value = value(held, depth); });
        });
        return out;
    }

    void resource_spans(const json& item) {
        ProcessRecord& process = out_.processes.emplace_back();
        inside(item, "resource", [&](const json& resource) {
            process.tags = attributes(resource);
        });
        each(item, "scopeSpans", [this](const json& scoped) { scope_spans(scoped); });
    }

    void scope_spans(const json& item) {
        ScopeRecord& scope = out_.scopes.emplace_back();
        inside(item, "scope", [&](const json& named) {
            scope = {text(named, "name"), text(named, "version"), attributes(named)};
        });
        each(item, "spans", [this](const json& span) { read_span(span); });
    }

    // Ids that are not of their length are no ids.
    static TraceId trace_id(const std::string& hex) {
        return hex.size() == 32 ? TraceId::from_hex(hex).value_or(TraceId{}) : TraceId{};
    }
    static SpanId span_id(const std::string& hex) {
        return hex.size() == 16 ? SpanId::from_hex(hex).value_or(SpanId{}) : SpanId{};
    }

    template <class Enum>
    Enum choice(const json& object, const char* name, Enum last) {
        const auto value = number<std::int64_t>(object, name);
        return value > 0 && value <= static_cast<std::int64_t>(last) ? static_cast<Enum>(value)
                                                                     : Enum{};
    }

    void read_span(const json& item) {
        const TraceId trace = trace_id(text(item, "traceId"));
        const SpanId id = span_id(text(item, "spanId"));
        if (trace.is_zero() || id.is_zero()) {
            out_.reject("a span needs a traceId of 32 and a spanId of 16 hex digits, not all zero");
            return;
        }
        SpanRecord& span = out_.spans.emplace_back(ReceivedSpan{trace, {}}).span;
        span.id = id;
        span.parent = span_id(text(item, "parentSpanId"));
        span.process = static_cast<std::uint32_t>(out_.processes.size() - 1);
        span.scope = static_cast<std::uint32_t>(out_.scopes.size() - 1);
        span.operation = text(item, "name");
        span.trace_state = text(item, "traceState");
        span.flags = number<std::uint32_t>(item, "flags");
        span.kind = choice(item, "kind", SpanKind::kConsumer);
        span.start_ns = time(item, "startTimeUnixNano");
        span.duration_ns = time(item, "endTimeUnixNano") - span.start_ns;
        span.attributes = attributes(item);
        inside(item, "status", [&](const json& status) {
            span.status = choice(status, "code", StatusCode::kError);
            span.status_message = text(status, "message");
        });
        each(item, "events", [&](const json& event) {
            span.events.push_back(
                {time(event, "timeUnixNano"), text(event, "name"), attributes(event)}
            );
        });
        each(item, "links", [&](const json& link) {
            span.links.push_back(
                {trace_id(text(link, "traceId")),
                 span_id(text(link, "spanId")),
                 text(link, "traceState"),
                 attributes(link),
                 number<std::uint32_t>(link, "flags")}
            );
        });
    }

    std::int64_t time(const json& object, const char* name) {
        return nanos_from_wire(number<std::uint64_t>(object, name));
    }

    Received out_;
    std::string problem_;
};

}  // namespace

Result<Received> decode_otlp_json(std::string_view body) {
    if (nests_too_deep(body)) {
        return Error(ErrorKind::kInvalidArgument, "the request nests too deep");
    }
    const json request = json::parse(body, nullptr, false);
    if (!request.is_object()) {
        return Error(ErrorKind::kInvalidArgument, "the request is not a JSON object");
    }
    return Decoder().decode(request);
}

}  // namespace meshscope::demo
