#include "server/trace_parent.hpp"

#include "core/ids.hpp"
#include "core/text.hpp"

#include <algorithm>
#include <vector>

namespace meshscope::server {
namespace {

constexpr std::size_t kVersion00Size = 55;
constexpr std::size_t kTraceAt = 3;
constexpr std::size_t kSpanAt = 36;
constexpr std::size_t kFlagsAt = 53;
constexpr std::size_t kMaxStateMembers = 32;

bool is_lower_hex(std::string_view text) {
    return std::ranges::all_of(text, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    });
}

bool is_state_key(std::string_view text) {
    static constexpr std::string_view kOthers = "_-*/@";
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
               kOthers.find(c) != std::string_view::npos;
    });
}

bool is_state_value(std::string_view text) {
    return !text.empty() &&
           std::ranges::all_of(text, [](char c) { return c >= 0x20 && c <= 0x7E && c != '='; });
}

bool is_sampled(char low_digit) {
    const int value = low_digit <= '9' ? low_digit - '0' : low_digit - 'a' + 10;
    return value % 2 == 1;
}

}  // namespace

std::optional<TraceContext> parse_traceparent(std::string_view text) {
    if (text.size() < kVersion00Size || text[2] != '-' || text[kSpanAt - 1] != '-' ||
        text[kFlagsAt - 1] != '-') {
        return std::nullopt;
    }
    const std::string_view version = text.substr(0, 2);
    const std::string_view trace = text.substr(kTraceAt, 32);
    const std::string_view span = text.substr(kSpanAt, 16);
    const std::string_view flags = text.substr(kFlagsAt, 2);
    if (!is_lower_hex(version) || version == "ff" || !is_lower_hex(trace) || !is_lower_hex(span) ||
        !is_lower_hex(flags)) {
        return std::nullopt;
    }
    if (text.size() > kVersion00Size && (version == "00" || text[kVersion00Size] != '-')) {
        return std::nullopt;
    }
    TraceContext context;
    context.trace = TraceId::from_hex(trace).value_or(TraceId{});
    context.span = SpanId::from_hex(span).value_or(SpanId{});
    if (context.trace.is_zero() || context.span.is_zero()) {
        return std::nullopt;
    }
    context.sampled = is_sampled(flags.back());
    return context;
}

std::string format_traceparent(const TraceContext& context) {
    std::string text = "00-";
    text.resize(kVersion00Size, '-');
    write_hex16(context.trace.high, text.data() + kTraceAt);
    write_hex16(context.trace.low, text.data() + kTraceAt + 16);
    write_hex16(context.span.value, text.data() + kSpanAt);
    text[kFlagsAt] = '0';
    text[kFlagsAt + 1] = context.sampled ? '1' : '0';
    return text;
}

std::optional<std::string_view> checked_tracestate(std::string_view text) {
    if (text.size() > kMaxTraceStateBytes) {
        return std::nullopt;
    }
    std::vector<std::string_view> keys;
    for (std::string_view member : split(text, ',')) {
        member = trim(member);
        const std::size_t sign = member.find('=');
        if (member.empty()) {
            continue;  // allowed between two commas
        }
        if (sign == std::string_view::npos || !is_state_key(member.substr(0, sign)) ||
            !is_state_value(member.substr(sign + 1))) {
            return std::nullopt;
        }
        keys.push_back(member.substr(0, sign));
    }
    std::ranges::sort(keys);
    if (keys.empty() || keys.size() > kMaxStateMembers ||
        std::ranges::adjacent_find(keys) != keys.end()) {
        return std::nullopt;
    }
    return text;
}

}  // namespace meshscope::server
