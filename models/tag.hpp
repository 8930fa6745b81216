#pragma once

#include "models/owner_keys.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace meshscope::models {

// A pointer and a 32-bit count: half of what a span tree is made of. Never owns.
template <class T>
struct Slice {
    const T* data = nullptr;
    std::uint32_t size = 0;

    [[nodiscard]] const T* begin() const { return data; }
    [[nodiscard]] const T* end() const { return data + size; }
    [[nodiscard]] bool empty() const { return size == 0; }
    const T& operator[](std::size_t i) const { return data[i]; }
};

enum class ValueType : std::uint8_t { kString, kBool, kInt64, kFloat64, kBinary };

// One attribute of a span, process or log. Points into the Storage of its trace.
class Tag {
 public:
    // `verbatim`: the text came out of valid JSON without an escape, so it may be written as it
    // stands.
    static Tag string(std::string_view key, std::string_view value, bool verbatim = false);
    static Tag binary(std::string_view key, std::string_view bytes);
    static Tag boolean(std::string_view key, bool value);
    static Tag integer(std::string_view key, std::int64_t value);
    static Tag number(std::string_view key, double value);

    [[nodiscard]] std::string_view key() const { return {key_, key_size_}; }
    [[nodiscard]] ValueType type() const { return type_; }
    [[nodiscard]] bool verbatim() const { return verbatim_ != 0; }
    // Noted when the tag is made, since its key is at hand then: who looks for whom a span belongs
    // to need not read all keys again.
    [[nodiscard]] OwnerKey owner_key() const { return static_cast<OwnerKey>(owner_key_); }
    [[nodiscard]] std::string_view text() const {
        return {value_.text, value_size_};
    }  // kString, kBinary
    [[nodiscard]] bool as_bool() const { return value_.integer != 0; }    // kBool
    [[nodiscard]] std::int64_t as_int() const { return value_.integer; }  // kInt64
    [[nodiscard]] double as_double() const { return value_.number; }      // kFloat64

 private:
    void set_key(std::string_view key);

    union Value {
        const char* text;
        std::int64_t integer;
        double number;
    };
    const char* key_ = nullptr;
    Value value_{};
    std::uint32_t value_size_ = 0;
    std::uint16_t key_size_ = 0;  // longer keys are cut at 65535 bytes
    ValueType type_ = ValueType::kString;
    std::uint8_t verbatim_ : 1 = 0;
    std::uint8_t owner_key_ : 7 = 0;
};
static_assert(sizeof(Tag) == 24);

}  // namespace meshscope::models
