#include "server/propagation.hpp"

#include "core/text.hpp"
#include "server/trace_parent.hpp"

#include <algorithm>
#include <vector>

namespace meshscope::server {

namespace {

constexpr std::size_t kShortTrace = 16;
constexpr std::size_t kLongTrace = 32;
constexpr std::size_t kSpan = 16;

std::optional<TraceId> b3_trace(std::string_view text) {
    if (text.size() != kShortTrace && text.size() != kLongTrace) {
        return std::nullopt;
    }
    const auto id = TraceId::from_hex(text);
    return id && !id->is_zero() ? id : std::nullopt;
}

std::optional<SpanId> b3_span(std::string_view text) {
    const auto id = text.size() == kSpan ? SpanId::from_hex(text) : std::nullopt;
    return id && !id->is_zero() ? id : std::nullopt;
}

// nullopt: not one of the words.
std::optional<bool> b3_decision(std::string_view text) {
    if (text == "1" || text == "d" || iequals(text, "true")) {
        return true;
    }
    return text == "0" || iequals(text, "false") ? std::optional(false) : std::nullopt;
}

RemoteParent decision_alone(bool sampled) {
    RemoteParent parent;
    parent.sampled = sampled;
    return parent;
}

}  // namespace

std::optional<RemoteParent> parse_b3(std::string_view text) {
    const std::vector<std::string_view> parts = split(text, '-');
    if (parts.size() == 1) {
        const auto decision = b3_decision(text);
        return decision ? std::optional(decision_alone(*decision)) : std::nullopt;
    }
    const auto trace = b3_trace(parts[0]);
    const auto span = b3_span(parts[1]);
    if (!trace || !span || parts.size() > 4) {
        return std::nullopt;
    }
    RemoteParent parent;
    parent.trace = *trace;
    parent.span = *span;
    if (parts.size() > 2) {
        parent.sampled = b3_decision(parts[2]);
        if (!parent.sampled || (parts.size() == 4 && !b3_span(parts[3]))) {
            return std::nullopt;
        }
    }
    return parent;
}

std::optional<RemoteParent> parse_uber_trace_id(std::string_view text) {
    constexpr std::size_t kLongest = 128;
    constexpr std::uint64_t kSampledOrDebug = 3;
    const auto decoded = text.size() <= kLongest ? percent_decode(text, false) : std::nullopt;
    if (!decoded) {
        return std::nullopt;
    }
    const std::vector<std::string_view> parts = split(*decoded, ':');
    if (parts.size() != 4) {
        return std::nullopt;
    }
    const auto trace = TraceId::from_hex(parts[0]);
    const auto span = SpanId::from_hex(parts[1]);
    const auto flags = parts[3].size() <= 2 ? SpanId::from_hex(parts[3]) : std::nullopt;
    if (!trace || trace->is_zero() || !span || span->is_zero() || !flags) {
        return std::nullopt;
    }
    RemoteParent parent;
    parent.trace = *trace;
    parent.span = *span;
    parent.sampled = (flags->value & kSampledOrDebug) != 0;
    return parent;
}

TraceHeaders::Field TraceHeaders::field_of(std::string_view name) {
    struct Known {
        std::string_view name;
        Field field;
    };
    static constexpr std::array<Known, kFields> kKnown{
        {{"traceparent", kTraceparent},
         {"b3", kB3},
         {"x-b3-traceid", kB3TraceId},
         {"x-b3-spanid", kB3SpanId},
         {"x-b3-sampled", kB3Sampled},
         {"x-b3-flags", kB3Flags},
         {"uber-trace-id", kUberTraceId}}
    };
    const auto found = std::find_if(kKnown.begin(), kKnown.end(), [name](const Known& known) {
        return known.name.size() == name.size() && iequals(known.name, name);
    });
    return found == kKnown.end() ? kFields : found->field;
}

bool TraceHeaders::note(std::string_view name, std::string_view value) {
    constexpr std::size_t kLongestName = 13;
    if (name.size() > kLongestName) {
        return false;
    }
    if (iequals(name, "tracestate")) {
        state_ += state_.empty() ? "" : ",";
        state_ += value.substr(0, kMaxTraceStateBytes + 1);
        return true;
    }
    const Field field = field_of(name);
    if (field == kFields) {
        return false;
    }
    values_[field].text = value;
    ++values_[field].count;
    any_ = true;
    return true;
}

std::optional<std::string_view> TraceHeaders::single(Field field) const {
    const Value& value = values_[field];
    return value.count == 1 ? std::optional(value.text) : std::nullopt;
}

RemoteParent TraceHeaders::w3c() const {
    const auto text = single(kTraceparent);
    const auto context = text ? parse_traceparent(*text) : std::nullopt;
    RemoteParent parent;
    if (context) {
        parent.trace = context->trace;
        parent.span = context->span;
        parent.sampled = context->sampled;
        parent.state = checked_tracestate(state_).value_or("");
    }
    return parent;
}

RemoteParent TraceHeaders::b3_multi() const {
    std::optional<bool> decision;
    if (has(kB3Flags) && single(kB3Flags) == "1") {
        decision = true;
    } else if (has(kB3Sampled)) {
        decision = b3_decision(single(kB3Sampled).value_or(""));
        if (!decision) {
            return {};
        }
    }
    RemoteParent parent;
    if (has(kB3TraceId) || has(kB3SpanId)) {
        const auto trace = b3_trace(single(kB3TraceId).value_or(""));
        const auto span = b3_span(single(kB3SpanId).value_or(""));
        if (!trace || !span) {
            return {};
        }
        parent.trace = *trace;
        parent.span = *span;
    }
    parent.sampled = decision;
    return parent;
}

RemoteParent TraceHeaders::parent() const {
    if (!any_) {
        return {};
    }
    if (has(kTraceparent)) {
        return w3c();
    }
    if (has(kB3)) {
        return parse_b3(single(kB3).value_or("")).value_or(RemoteParent());
    }
    if (has(kB3TraceId) || has(kB3SpanId) || has(kB3Sampled) || has(kB3Flags)) {
        return b3_multi();
    }
    return parse_uber_trace_id(single(kUberTraceId).value_or("")).value_or(RemoteParent());
}

}  // namespace meshscope::server
