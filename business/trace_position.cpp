#include "business/trace_search.hpp"
#include "core/text.hpp"

#include <charconv>

namespace meshscope::business {

namespace {

constexpr std::string_view kVersion = "1";

}  // namespace

std::string TracePosition::to_cursor() const {
    const std::string plain =
        std::string(kVersion) + "." + std::to_string(start_ns) + "." + id.to_hex();
    std::string text = base64_encode(plain);
    while (text.ends_with('=')) {
        text.pop_back();
    }
    for (char& c : text) {
        c = c == '+' ? '-' : c == '/' ? '_' : c;
    }
    return text;
}

std::optional<TracePosition> TracePosition::from_cursor(std::string_view text) {
    if (text.size() > 128) {
        return std::nullopt;
    }
    const auto plain = base64_decode(text);
    if (!plain) {
        return std::nullopt;
    }
    const auto parts = split(*plain, '.');
    if (parts.size() != 3 || parts[0] != kVersion) {
        return std::nullopt;
    }
    TracePosition position;
    const char* begin = parts[1].data();
    const char* end = begin + parts[1].size();
    const auto number = std::from_chars(begin, end, position.start_ns);
    const auto id = TraceId::from_hex(parts[2]);
    if (number.ec != std::errc() || number.ptr != end || position.start_ns < 0 || !id) {
        return std::nullopt;
    }
    position.id = *id;
    return position;
}

TracePosition position_of(const models::Trace& trace) { return {trace.start_ns(), trace.id}; }

bool comes_before(const TracePosition& a, const TracePosition& b) {
    return a.start_ns != b.start_ns ? a.start_ns > b.start_ns : a.id < b.id;
}

}  // namespace meshscope::business
