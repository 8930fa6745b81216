#include "models/storage.hpp"

#include <cstring>
#include <utility>

namespace meshscope::models {

std::string_view Storage::adopt(std::string bytes) {
    buffers_.push_back(std::make_unique<std::string>(std::move(bytes)));
    buffer_bytes_ += sizeof(std::string) + buffers_.back()->capacity();
    return *buffers_.back();
}

std::string_view Storage::copy(std::string_view bytes) {
    if (bytes.empty()) {
        return {};
    }
    auto* out = static_cast<char*>(arena_.allocate(bytes.size(), 1));
    std::memcpy(out, bytes.data(), bytes.size());
    return {out, bytes.size()};
}

Tag Storage::intern(const Tag& tag, const Tag& like) {
    const auto has_text = [](const Tag& one) {
        return one.type() == ValueType::kString || one.type() == ValueType::kBinary;
    };
    const std::string_view key = tag.key() == like.key() ? like.key() : intern(tag.key());
    std::string_view text;
    if (has_text(tag)) {
        const bool same = has_text(like) && tag.text() == like.text();
        text = same ? like.text() : intern(tag.text());
    }
    switch (tag.type()) {
        case ValueType::kString:
            return Tag::string(key, text, tag.verbatim());
        case ValueType::kBinary:
            return Tag::binary(key, text);
        case ValueType::kBool:
            return Tag::boolean(key, tag.as_bool());
        case ValueType::kInt64:
            return Tag::integer(key, tag.as_int());
        case ValueType::kFloat64:
            return Tag::number(key, tag.as_double());
    }
    return tag;
}

std::size_t Storage::memory_bytes() const {
    return sizeof(Storage) + arena_.memory_bytes() + texts_.memory_bytes() + buffer_bytes_ +
           buffers_.capacity() * sizeof(buffers_[0]);
}

}  // namespace meshscope::models
