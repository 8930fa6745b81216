#include "telemetry/span.hpp"

#include "core/text.hpp"

#include <algorithm>
#include <utility>

namespace meshscope::telemetry {

std::string bounded_span_text(std::string_view text, std::size_t max_bytes) {
    // A character has at most four bytes: enough is left to see where the last one ends.
    constexpr std::size_t kLongestCharacter = 4;
    const bool cut = text.size() > max_bytes;
    std::string out = to_valid_utf8(text.substr(0, max_bytes + (cut ? kLongestCharacter : 0)));
    if (out.size() <= max_bytes) {
        return out;
    }
    std::size_t end = max_bytes;
    while (end > 0 && (static_cast<unsigned char>(out[end]) & 0xC0U) == 0x80U) {
        --end;
    }
    out.resize(end);
    return out;
}

void SpanRecord::set(std::string_view key, std::string_view text) {
    put(key, bounded_span_text(text, kMaxSpanTextBytes));
}

void SpanRecord::fail(std::string_view type, std::string_view message) {
    status = SpanStatus::kError;
    status_message = bounded_span_text(message, kMaxSpanTextBytes);
    set("error.type", type);
}

void SpanRecord::put(std::string_view key, SpanValue value) {
    const auto known =
        std::find_if(attributes.begin(), attributes.end(), [key](const SpanAttribute& attribute) {
            return attribute.key == key;
        });
    if (known != attributes.end()) {
        known->value = std::move(value);
    } else if (attributes.size() < kMaxSpanAttributes) {
        attributes.push_back({bounded_span_text(key, kMaxSpanNameBytes), std::move(value)});
    } else {
        ++dropped_attributes;
    }
}

}  // namespace meshscope::telemetry
