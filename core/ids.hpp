#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace meshscope {

// 16 bytes, big-endian halves as on the wire. Zero is "no id".
struct TraceId {
    std::uint64_t high = 0;
    std::uint64_t low = 0;

    // 1 to 32 hex digits of either case, left-padded; anything else is nullopt.
    static std::optional<TraceId> from_hex(std::string_view text);
    // 8 bytes (low half) or 16 bytes, big-endian; any other length is nullopt.
    static std::optional<TraceId> from_bytes(std::string_view bytes);

    // 16 lower-case digits when the high half is zero, else 32: the form of Kiali's routes and of
    // Jaeger.
    [[nodiscard]] std::string to_hex() const;
    [[nodiscard]] bool is_zero() const { return high == 0 && low == 0; }
    friend auto operator<=>(const TraceId&, const TraceId&) = default;
};

// 8 bytes, big-endian on the wire. Zero is "no id".
struct SpanId {
    std::uint64_t value = 0;

    // 1 to 16 hex digits of either case, left-padded.
    static std::optional<SpanId> from_hex(std::string_view text);
    // Exactly 8 bytes, big-endian.
    static std::optional<SpanId> from_bytes(std::string_view bytes);

    [[nodiscard]] std::string to_hex() const;  // always 16 lower-case digits
    [[nodiscard]] bool is_zero() const { return value == 0; }
    friend auto operator<=>(const SpanId&, const SpanId&) = default;
};

// Writes 16 lower-case hex digits of `value` to out[0..16).
void write_hex16(std::uint64_t value, char* out);

}  // namespace meshscope

template <>
struct std::hash<meshscope::TraceId> {
    std::size_t operator()(const meshscope::TraceId& id) const noexcept {
        return static_cast<std::size_t>(id.low ^ (id.high * 0x9E3779B97F4A7C15ULL));
    }
};

template <>
struct std::hash<meshscope::SpanId> {
    std::size_t operator()(const meshscope::SpanId& id) const noexcept {
        return static_cast<std::size_t>(id.value);
    }
};
