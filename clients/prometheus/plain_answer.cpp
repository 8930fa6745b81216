#include "clients/prometheus/plain_answer.hpp"

#include "clients/prometheus/json_body.hpp"
#include "core/text.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

namespace meshscope::clients::prometheus {

namespace {

struct NoResult {
    static void begin() {}
    static simdjson::error_code item(json::value /*item*/) { return simdjson::SUCCESS; }
};

// Which bytes a text has at all.
struct Bytes {
    bool special;  // a backslash or control characters
    bool beyond_ascii;
};

// Eight at a time.
Bytes look_at(std::string_view text) {
    constexpr std::uint64_t kEach = 0x0101'0101'0101'0101ULL;
    constexpr std::uint64_t kHigh = 0x80 * kEach;
    std::uint64_t special = 0;
    std::uint64_t all = 0;
    const auto look = [&](const char* from, std::size_t size) {
        std::uint64_t word = 'a' * kEach;
        std::memcpy(&word, from, size);
        const std::uint64_t escape = word ^ ('\\' * kEach);
        special |= ((escape - kEach) & ~escape) | ((word - ' ' * kEach) & ~word);
        all |= word;
    };
    constexpr std::size_t kWord = sizeof(std::uint64_t);
    std::size_t at = 0;
    for (; at + kWord <= text.size(); at += kWord) {
        look(text.data() + at, kWord);
    }
    if (at < text.size() && text.size() > kWord) {
        look(text.data() + text.size() - kWord, kWord);
    } else {
        look(text.data() + at, text.size() - at);
    }
    return {(special & kHigh) != 0, (all & kHigh) != 0};
}

}  // namespace

std::optional<std::string_view> pass_text(std::string_view& text) {
    const std::size_t end = text.find('"');
    if (end == std::string_view::npos) {
        return std::nullopt;
    }
    const std::string_view found = text.substr(0, end);
    const Bytes bytes = look_at(found);
    if (bytes.special || (bytes.beyond_ascii && !simdjson::validate_utf8(found.data(), end))) {
        return std::nullopt;
    }
    text.remove_prefix(end + 1);
    return found;
}

std::optional<Envelope> rest_of_envelope(std::string_view text) {
    Envelope envelope;
    if (trim(text) == "}") {
        return envelope;
    }
    if (!text.starts_with(",\"")) {
        return std::nullopt;
    }
    std::string rest(text);
    rest.front() = '{';
    NoResult nothing;
    const auto error = read_json(rest, [&](json::value root) {
        envelope = {};
        return walk_answer(root, envelope, nothing);
    });
    const bool again =
        envelope.has_data || !envelope.status.empty() || !envelope.fault.type.empty();
    return error || again ? std::nullopt : std::optional(std::move(envelope));
}

}  // namespace meshscope::clients::prometheus
