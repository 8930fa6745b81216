#pragma once

#include "clients/jaeger/trace_groups.hpp"
#include "clients/json/json_walk.hpp"
#include "core/json_writer.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace meshscope::clients::jaeger {

// The members of an AnyValue in OTLP/JSON. kUnknown: of a newer version.
enum class AnyMember : std::uint8_t {
    kString,
    kBool,
    kInt,
    kDouble,
    kArray,
    kMap,
    kBytes,
    kUnknown
};
AnyMember any_member(const char* key);

// Writes an AnyValue as plain JSON: {"arrayValue":{"values":[{"intValue":"1"}]}} is [1]. `deepest`
// is how many arrays and maps may still be opened.
simdjson::error_code write_any(
    json::value value, JsonWriter& writer, SpanOddities& oddities, std::size_t deepest
);
// The same for the {"values":[...]} of an array or a map.
simdjson::error_code write_values(
    AnyMember member,
    json::value value,
    JsonWriter& writer,
    SpanOddities& oddities,
    std::size_t deepest
);

// Ids are hex or, as protobuf's own JSON has them, base64; nullopt when they are neither.
[[nodiscard]] std::optional<TraceId> trace_id_of(std::string_view token);
[[nodiscard]] std::optional<SpanId> span_id_of(std::string_view token);
// null, or a text without a character.
[[nodiscard]] bool is_absent(std::string_view token);
// The text of an enum's value, or its number; the names of SpanKind and Status. 0 when unknown.
[[nodiscard]] std::uint64_t kind_of(std::string_view token);
[[nodiscard]] std::uint64_t status_of(std::string_view token);
// nullopt when it is no number or negative; saturating.
[[nodiscard]] std::optional<std::uint64_t> unsigned_of(std::string_view token);

}  // namespace meshscope::clients::jaeger
