#pragma once

#include "models/storage.hpp"
#include "models/tag.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace meshscope::models {

// Interns tags of lists that resemble each other, those of the spans of one answer: most tags are
// what one of the last lists held in the same place, and what is new there on every span (request
// ids, addresses of peers) is copied without being looked for. One thread; used with one Storage.
class TagInterner {
 public:
    explicit TagInterner(Storage& storage) : storage_(storage) {}

    // The tag at `position` of its list, with key and text of the Storage. `encoded` is what it was
    // decoded from, in an encoding that no longer one begins with: for match().
    Tag intern(std::size_t position, const Tag& tag, std::string_view encoded = {});

    // How many bytes of `ahead` are, to the byte, what a tag of a list before was decoded from in
    // this place; it need not be decoded again, then. 0: something else, `out` is unchanged.
    std::size_t match(std::size_t position, std::string_view ahead, Tag& out) {
        const std::size_t index = std::min(position, kPlaces - 1);
        if (index >= places_.size()) {
            return 0;
        }
        Place& place = places_[index];
        for (std::size_t i = 0; i < kWays; ++i) {
            const std::size_t way = (place.used + i) % kWays;
            const Known& known = place.known[way];
            if (begins_with(ahead, known.encoded)) {
                place.used = static_cast<std::uint8_t>(way);
                place.missed = 0;
                out = known.tag;
                return known.encoded.size();
            }
        }
        return 0;
    }

 private:
    static constexpr std::size_t kWays = 4;      // as a client and a server, or a few services
    static constexpr std::size_t kPlaces = 64;   // the rest of a longer list shares the last one
    static constexpr std::uint8_t kNews = 8;     // from then on values are taken for new,
    static constexpr std::uint8_t kCopied = 31;  // but for one after so many
    static constexpr std::size_t kLongestEncoded = 512;
    static constexpr std::size_t kShort = 8;      // looking for it costs more than keeping it again
    static constexpr std::uint8_t kMissed = 32;   // in a row: from then on what they were
                                                  // decoded from is not kept,
    static constexpr std::uint8_t kSkipped = 64;  // but for a few after so many

    struct Known {
        Tag tag;
        std::string encoded;  // what it was decoded from; may be empty
    };
    struct Place {
        Tag last;
        std::array<Known, kWays> known;
        std::uint8_t used = 0;     // of the known ones, by match()
        std::uint8_t next = 0;     // to make room
        std::uint8_t missed = 0;   // tags in a row that were none of the known ones
        std::uint8_t skipped = 0;  // not kept since
        std::uint8_t news = 0;     // values in a row that had not been seen before, at most kNews
        std::uint8_t copied = 0;   // since one was looked for
    };

    static bool begins_with(std::string_view ahead, const std::string& known) {
        return !known.empty() && ahead.size() >= known.size() &&
               std::memcmp(ahead.data(), known.data(), known.size()) == 0;
    }
    std::string_view text_of(Place& place, std::string_view text);
    static void keep(Place& place, std::string_view encoded);
    static void forget(Place& place);

    Storage& storage_;
    std::vector<Place> places_;  // as many as the longest list needed
};

}  // namespace meshscope::models
