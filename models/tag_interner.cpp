#include "models/tag_interner.hpp"

#include <algorithm>

namespace meshscope::models {

namespace {

bool has_text(const Tag& tag) {
    return tag.type() == ValueType::kString || tag.type() == ValueType::kBinary;
}

}  // namespace

Tag TagInterner::intern(std::size_t position, const Tag& tag, std::string_view encoded) {
    Place& place = places_[std::min(position, kPlaces - 1)];
    const Tag last = place.last;
    const std::string_view key = tag.key() == last.key() ? last.key() : storage_.intern(tag.key());
    std::string_view text;
    if (has_text(tag)) {
        const bool same = has_text(last) && tag.text() == last.text();
        text = same ? last.text() : text_of(place, tag.text());
    }
    switch (tag.type()) {
        case ValueType::kString:
            place.last = Tag::string(key, text, tag.verbatim());
            break;
        case ValueType::kBinary:
            place.last = Tag::binary(key, text);
            break;
        case ValueType::kBool:
            place.last = Tag::boolean(key, tag.as_bool());
            break;
        case ValueType::kInt64:
            place.last = Tag::integer(key, tag.as_int());
            break;
        case ValueType::kFloat64:
            place.last = Tag::number(key, tag.as_double());
            break;
    }
    const bool keep = place.news == 0 && encoded.size() <= kLongestEncoded;
    place.encoded.assign(keep ? encoded : std::string_view());
    return place.last;
}

std::string_view TagInterner::text_of(Place& place, std::string_view text) {
    if (text.size() <= kShort) {
        return storage_.copy(text);
    }
    if (place.news == kNews && place.copied < kCopied) {
        ++place.copied;
        return storage_.copy(text);
    }
    bool is_new = false;
    const std::string_view kept = storage_.intern(text, is_new);
    place.copied = 0;
    place.news = is_new ? std::min<std::uint8_t>(place.news + 1, kNews) : std::uint8_t{0};
    return kept;
}

}  // namespace meshscope::models
