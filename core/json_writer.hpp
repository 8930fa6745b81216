#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace meshscope {

// Inside +-(2^53-1): what browsers can read without loss.
constexpr bool is_safe_integer(std::int64_t value) {
    constexpr std::int64_t kMost = 9007199254740991;
    return value >= -kMost && value <= kMost;
}

// Appends compact JSON to a string it does not own. Commas are placed by the writer; nesting is the
// caller's to balance. Strings are written as valid UTF-8: bad bytes become U+FFFD, and '<', '>',
// '&', U+2028, U+2029 and control characters are escaped. Doubles print shortest round-trip, NaN
// and infinities as the strings "NaN", "Infinity", "-Infinity". Locale-independent.
class JsonWriter {
 public:
    explicit JsonWriter(std::string& out) : out_(out) {}

    JsonWriter& begin_object();
    JsonWriter& end_object();
    JsonWriter& begin_array();
    JsonWriter& end_array();
    JsonWriter& key(std::string_view name);

    JsonWriter& string(std::string_view text);
    // For text known to hold only characters that JSON needs no escape for (hex ids, enum words,
    // slices of validated JSON strings without a backslash).
    JsonWriter& plain_string(std::string_view text);
    JsonWriter& integer(std::int64_t value);
    JsonWriter& unsigned_integer(std::uint64_t value);
    // A number if it is a safe one, else a string.
    JsonWriter& safe_integer(std::int64_t value);
    JsonWriter& number(double value);
    JsonWriter& boolean(bool value);
    JsonWriter& null();
    // One complete JSON value, trusted, as it stands.
    JsonWriter& raw(std::string_view json);

    // key() plus a value, for the common cases.
    JsonWriter& field(std::string_view name, std::string_view text) {
        return key(name).string(text);
    }
    JsonWriter& field(std::string_view name, const char* text) { return key(name).string(text); }
    JsonWriter& field(std::string_view name, std::same_as<bool> auto value) {
        return key(name).boolean(value);
    }
    JsonWriter& field(std::string_view name, std::integral auto value)
        requires(!std::same_as<decltype(value), bool>)
    {
        return key(name).integer(static_cast<std::int64_t>(value));
    }
    JsonWriter& field(std::string_view name, double value) { return key(name).number(value); }

    [[nodiscard]] std::string& buffer() { return out_; }

 private:
    void separate() {
        if (comma_) {
            out_.push_back(',');
        }
        comma_ = true;
    }

    std::string& out_;
    bool comma_ = false;
};

// `text` as a quoted JSON string, by the rules above.
void append_json_string(std::string& out, std::string_view text);

}  // namespace meshscope
