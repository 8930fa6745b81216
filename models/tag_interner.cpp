#include "models/tag_interner.hpp"

#include <algorithm>

namespace meshscope::models {

namespace {

bool has_text(const Tag& tag) {
    return tag.type() == ValueType::kString || tag.type() == ValueType::kBinary;
}

}  // namespace

Tag TagInterner::intern(std::size_t position, const Tag& tag, std::string_view encoded) {
    const std::size_t index = std::min(position, kPlaces - 1);
    if (index >= places_.size()) {
        places_.resize(index + 1);
    }
    Place& place = places_[index];
    const Tag last = place.last;
    const std::string_view key = tag.key() == last.key() ? last.key() : storage_.intern(tag.key());
    std::string_view text;
    if (has_text(tag)) {
        const bool same = has_text(last) && tag.text() == last.text();
        text = same ? last.text() : text_of(place, tag.text());
        place.news = same ? std::uint8_t{0} : place.news;
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
    if (place.news == kNews) {
        forget(place);
    } else if (!encoded.empty() && encoded.size() <= kLongestEncoded) {
        keep(place, encoded);
    }
    return place.last;
}

void TagInterner::forget(Place& place) {
    for (Known& known : place.known) {
        known.encoded.clear();
    }
}

void TagInterner::keep(Place& place, std::string_view encoded) {
    if (place.missed >= kMissed) {
        if (place.skipped == 0) {
            forget(place);
        }
        if (++place.skipped < kSkipped) {
            return;
        }
        place.missed = kMissed - 2 * kWays;
        place.skipped = 0;
    }
    ++place.missed;
    Known& known = place.known[place.next];
    place.next = (place.next + 1) % kWays;
    known.tag = place.last;
    known.encoded.assign(encoded);
}

std::string_view TagInterner::text_of(Place& place, std::string_view text) {
    if (text.size() <= kShort) {
        place.news -= place.news > 0 ? 1U : 0U;
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
