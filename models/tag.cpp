#include "models/tag.hpp"

#include <algorithm>

namespace meshscope::models {

namespace {

std::uint16_t key_size(std::string_view key) {
    return static_cast<std::uint16_t>(std::min<std::size_t>(key.size(), 0xFFFF));
}

std::uint32_t value_size(std::string_view value) {
    return static_cast<std::uint32_t>(std::min<std::size_t>(value.size(), 0xFFFFFFFF));
}

}  // namespace

void Tag::set_key(std::string_view key) {
    key_ = key.data();
    key_size_ = key_size(key);
    owner_key_ = static_cast<std::uint8_t>(owner_key_of(key)) & 0x7FU;
}

Tag Tag::string(std::string_view key, std::string_view value, bool verbatim) {
    Tag tag;
    tag.set_key(key);
    tag.value_.text = value.data();
    tag.value_size_ = value_size(value);
    tag.verbatim_ = verbatim ? 1 : 0;
    return tag;
}

Tag Tag::binary(std::string_view key, std::string_view bytes) {
    Tag tag = string(key, bytes);
    tag.type_ = ValueType::kBinary;
    return tag;
}

Tag Tag::boolean(std::string_view key, bool value) {
    Tag tag = integer(key, value ? 1 : 0);
    tag.type_ = ValueType::kBool;
    return tag;
}

Tag Tag::integer(std::string_view key, std::int64_t value) {
    Tag tag;
    tag.set_key(key);
    tag.value_.integer = value;
    tag.type_ = ValueType::kInt64;
    return tag;
}

Tag Tag::number(std::string_view key, double value) {
    Tag tag;
    tag.set_key(key);
    tag.value_.number = value;
    tag.type_ = ValueType::kFloat64;
    return tag;
}

}  // namespace meshscope::models
