#pragma once

#include "core/ids.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace meshscope::telemetry {

// Numbered as OTLP does.
enum class SpanKind : std::uint8_t { kInternal = 1, kServer = 2, kClient = 3 };
enum class SpanStatus : std::uint8_t { kUnset = 0, kOk = 1, kError = 2 };

using SpanValue = std::variant<std::string, std::int64_t, double, bool>;

struct SpanAttribute {
    std::string key;
    SpanValue value;
};

inline constexpr std::size_t kMaxSpanAttributes = 128;
inline constexpr std::size_t kMaxSpanTextBytes = 4096;  // of one value
inline constexpr std::size_t kMaxSpanNameBytes = 256;

// One span of the server itself. Times are nanoseconds since 1970.
struct SpanRecord {
    TraceId trace;
    SpanId id;
    SpanId parent;  // zero: a root
    bool remote_parent = false;
    std::string trace_state;  // W3C tracestate, as it came
    std::string name;
    SpanKind kind = SpanKind::kInternal;
    std::int64_t start_ns = 0;
    std::int64_t end_ns = 0;
    SpanStatus status = SpanStatus::kUnset;
    std::string status_message;
    std::vector<SpanAttribute> attributes;
    std::uint32_t dropped_attributes = 0;  // beyond kMaxSpanAttributes

    // A key that is there already gets the new value. Texts are cut and made valid UTF-8 here, so
    // that nothing oversized is ever kept.
    void set(std::string_view key, std::string_view text);
    void set(std::string_view key, const char* text) { set(key, std::string_view(text)); }
    void set(std::string_view key, std::int64_t number) { put(key, number); }
    void set(std::string_view key, double number) { put(key, number); }
    void set(std::string_view key, bool flag) { put(key, flag); }
    // Status error, with `error.type` (a word of few values) and a message for people.
    void fail(std::string_view type, std::string_view message);

 private:
    void put(std::string_view key, SpanValue value);
};

using SpanPtr = std::unique_ptr<SpanRecord>;

// `text` as valid UTF-8 of at most `max_bytes`, cut between characters.
std::string bounded_span_text(std::string_view text, std::size_t max_bytes);

}  // namespace meshscope::telemetry
