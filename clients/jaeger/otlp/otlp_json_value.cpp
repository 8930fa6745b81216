#include "clients/jaeger/otlp/otlp_json_value.hpp"

#include "clients/json/json_tokens.hpp"
#include "core/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

namespace meshscope::clients::jaeger {

namespace {

using simdjson::error_code;
using simdjson::SUCCESS;

// What stands between the quotes of a token without escapes, or the token itself.
std::string_view plain(std::string_view token) {
    if (!is_string(token)) {
        return trim(token);
    }
    const std::size_t end = token.find('"', 1);
    return token.substr(1, end == std::string_view::npos ? 0 : end - 1);
}

void write_scalar(
    AnyMember member, std::string_view token, JsonWriter& writer, SpanOddities& oddities
) {
    if (member == AnyMember::kBool) {
        if (const auto flag = boolean_of(token)) {
            writer.boolean(*flag);
            return;
        }
    } else if (member == AnyMember::kInt) {
        if (const auto integer = integer_of(token)) {
            writer.integer(*integer);
            return;
        }
        ++oddities.bad_number;
    } else if (member == AnyMember::kDouble) {
        if (const auto number = number_of(token)) {
            writer.number(*number);
            return;
        }
        ++oddities.bad_number;
    }
    writer.string(copy_of(token));
}

// Writes {"key":..., "value":...} into an object; the value may stand first.
error_code write_pair(
    json::value value, JsonWriter& writer, SpanOddities& oddities, std::size_t deepest
) {
    std::string key;
    std::string text = "null";
    const auto error = for_each_field(value, [&](const char* name, json::value field) {
        if (is_key(name, "key")) {
            key = copy_of(field.raw_json_token());
        } else if (is_key(name, "value")) {
            text.clear();
            JsonWriter inner(text);
            return write_any(field, inner, oddities, deepest);
        }
        return SUCCESS;
    });
    writer.key(key).raw(text);
    return error;
}

std::uint64_t enum_of(std::string_view token, const auto& names) {
    if (const auto number = unsigned_of(token)) {
        return *number;
    }
    const auto* const found = std::find(names.begin(), names.end(), plain(token));
    return found == names.end() ? 0 : static_cast<std::uint64_t>(found - names.begin());
}

}  // namespace

AnyMember any_member(const char* key) {
    if (is_key(key, "stringValue")) {
        return AnyMember::kString;
    }
    if (is_key(key, "intValue")) {
        return AnyMember::kInt;
    }
    if (is_key(key, "boolValue")) {
        return AnyMember::kBool;
    }
    if (is_key(key, "doubleValue")) {
        return AnyMember::kDouble;
    }
    if (is_key(key, "arrayValue")) {
        return AnyMember::kArray;
    }
    if (is_key(key, "kvlistValue")) {
        return AnyMember::kMap;
    }
    return is_key(key, "bytesValue") ? AnyMember::kBytes : AnyMember::kUnknown;
}

error_code write_any(
    json::value value, JsonWriter& writer, SpanOddities& oddities, std::size_t deepest
) {
    std::string text = "null";  // the last member counts
    const auto error = for_each_field(value, [&](const char* name, json::value field) {
        const AnyMember member = any_member(name);
        if (member == AnyMember::kUnknown || field.raw_json_token().front() == 'n') {
            return SUCCESS;
        }
        text.clear();
        JsonWriter inner(text);
        if (member == AnyMember::kArray || member == AnyMember::kMap) {
            return write_values(member, field, inner, oddities, deepest);
        }
        write_scalar(member, field.raw_json_token(), inner, oddities);
        return SUCCESS;
    });
    writer.raw(text);
    return error;
}

error_code write_values(
    AnyMember member,
    json::value value,
    JsonWriter& writer,
    SpanOddities& oddities,
    std::size_t deepest
) {
    if (deepest == 0) {
        ++oddities.too_deep;
        writer.null();
        return SUCCESS;
    }
    const bool array = member == AnyMember::kArray;
    array ? writer.begin_array() : writer.begin_object();
    const auto error = for_each_field(value, [&](const char* name, json::value field) {
        if (!is_key(name, "values")) {
            return SUCCESS;
        }
        return for_each_item(field, [&](json::value item) {
            return array ? write_any(item, writer, oddities, deepest - 1)
                         : write_pair(item, writer, oddities, deepest - 1);
        });
    });
    array ? writer.end_array() : writer.end_object();
    return error;
}

std::optional<TraceId> trace_id_of(std::string_view token) {
    constexpr std::size_t kBase64 = 24;
    const std::string_view text = plain(token);
    if (const auto id = TraceId::from_hex(text)) {
        return id;
    }
    const auto bytes = text.size() == kBase64 ? base64_decode(text) : std::nullopt;
    return bytes ? TraceId::from_bytes(*bytes) : std::nullopt;
}

std::optional<SpanId> span_id_of(std::string_view token) {
    constexpr std::size_t kBase64 = 12;
    const std::string_view text = plain(token);
    if (const auto id = SpanId::from_hex(text)) {
        return id;
    }
    const auto bytes = text.size() == kBase64 ? base64_decode(text) : std::nullopt;
    return bytes ? SpanId::from_bytes(*bytes) : std::nullopt;
}

bool is_absent(std::string_view token) { return token.front() == 'n' || token.starts_with("\"\""); }

std::uint64_t kind_of(std::string_view token) {
    constexpr std::array<std::string_view, 6> kNames{
        "SPAN_KIND_UNSPECIFIED",
        "SPAN_KIND_INTERNAL",
        "SPAN_KIND_SERVER",
        "SPAN_KIND_CLIENT",
        "SPAN_KIND_PRODUCER",
        "SPAN_KIND_CONSUMER",
    };
    return enum_of(token, kNames);
}

std::uint64_t status_of(std::string_view token) {
    constexpr std::array<std::string_view, 3> kNames{
        "STATUS_CODE_UNSET", "STATUS_CODE_OK", "STATUS_CODE_ERROR"
    };
    return enum_of(token, kNames);
}

std::optional<std::uint64_t> unsigned_of(std::string_view token) {
    const std::string_view text = plain(token);
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc() && end == text.data() + text.size()) {
        return value;
    }
    const auto number = number_of(token);
    constexpr double kLimit = 18446744073709551616.0;
    if (!number || !(*number >= 0)) {
        return std::nullopt;
    }
    return *number >= kLimit ? std::numeric_limits<std::uint64_t>::max()
                             : static_cast<std::uint64_t>(*number);
}

}  // namespace meshscope::clients::jaeger
