#include "clients/prometheus/plain_answer.hpp"

#include "clients/prometheus/json_body.hpp"
#include "core/text.hpp"

#include <string>

namespace meshscope::clients::prometheus {

namespace {

struct NoResult {
    static void begin() {}
    static simdjson::error_code item(json::value /*item*/) { return simdjson::SUCCESS; }
};

}  // namespace

std::optional<std::string_view> pass_text(std::string_view& text) {
    const std::size_t end = text.find('"');
    if (end == std::string_view::npos) {
        return std::nullopt;
    }
    const std::string_view found = text.substr(0, end);
    unsigned escapes = 0;
    unsigned beyond_ascii = 0;
    for (const char c : found) {
        const auto byte = static_cast<unsigned char>(c);
        escapes |= static_cast<unsigned>(byte == '\\') | static_cast<unsigned>(byte < 0x20);
        beyond_ascii |= byte & 0x80U;
    }
    if (escapes != 0 ||
        (beyond_ascii != 0 && !simdjson::validate_utf8(found.data(), found.size()))) {
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
