#pragma once

#include "models/storage.hpp"
#include "models/tag.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace meshscope::models {

// Interns tags of lists that resemble each other, those of the spans of one answer: most tags are
// what the list before held in the same place, and what is new there on every span (request ids,
// addresses of peers) is copied without being looked for. One thread; used with one Storage.
class TagInterner {
 public:
    explicit TagInterner(Storage& storage) : storage_(storage) {}

    // The tag at `position` of its list, with key and text of the Storage. `encoded` is what it was
    // decoded from, in an encoding that no longer one begins with: for match().
    Tag intern(std::size_t position, const Tag& tag, std::string_view encoded = {});

    // How many bytes of `ahead` are, to the byte, what the tag of the list before was decoded from
    // in this place; it need not be decoded again, then. 0: something else, `out` is unchanged.
    std::size_t match(std::size_t position, std::string_view ahead, Tag& out) const {
        const Place& place = place_at(position);
        const std::string& known = place.encoded;
        if (known.empty() || ahead.size() < known.size() ||
            std::memcmp(ahead.data(), known.data(), known.size()) != 0) {
            return 0;
        }
        out = place.last;
        return known.size();
    }

 private:
    struct Place {
        Tag last;
        std::string encoded;      // of `last`; empty when it is not known or not worth keeping
        std::uint8_t news = 0;    // values in a row that had not been seen before, at most kNews
        std::uint8_t copied = 0;  // since one was looked for
    };
    static constexpr std::size_t kPlaces = 64;   // the rest of a longer list shares the last one
    static constexpr std::uint8_t kNews = 8;     // from then on values are taken for new,
    static constexpr std::uint8_t kCopied = 31;  // but for one after so many
    static constexpr std::size_t kLongestEncoded = 512;
    static constexpr std::size_t kShort = 8;  // looking for it costs more than keeping it again

    [[nodiscard]] const Place& place_at(std::size_t position) const {
        return places_[position < kPlaces ? position : kPlaces - 1];
    }
    std::string_view text_of(Place& place, std::string_view text);

    Storage& storage_;
    std::vector<Place> places_{kPlaces};
};

}  // namespace meshscope::models
