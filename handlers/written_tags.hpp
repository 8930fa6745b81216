#pragma once

#include "models/tag.hpp"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace meshscope::handlers {

// Tags of one trace as they have been written: of a long answer texts that repeat are kept once, so
// that a tag seen before is the same down to the addresses of its texts, and need not be read to be
// written again. Where nothing repeats in this way it stops looking. Bounded. Not thread-safe.
class WrittenTags {
 public:
    // Appends `tag`, whose texts stay where they are as long as this lives: as it was written
    // before, or by `write()`, which appends to `out` and whose outcome depends on the tag alone.
    template <class Write>
    void append(std::string& out, const models::Tag& tag, const Write& write) {
        if (patience_ == 0) {
            return write();
        }
        const auto bits = std::bit_cast<Bits>(tag);
        Entry& entry = entry_of(bits);
        if (entry.bits != bits) {
            --patience_;
            entry.meet(bits);
            return write();
        }
        if (!entry.text.empty()) {
            entry.worth = kWorth;
            patience_ = kPatience;
            out.append(entry.text);
            return;
        }
        const std::size_t begin = out.size();
        write();
        if (out.size() - begin <= kLongest) {
            entry.text.assign(out, begin);
        }
    }

 private:
    using Bits = std::array<std::uint64_t, 3>;
    static constexpr std::size_t kEntries = 256;
    static constexpr unsigned kShift = 56;  // leaves as many bits as tell the entries apart
    static constexpr std::size_t kLongest = 512;
    static constexpr std::uint32_t kPatience = 512;  // new tags in a row
    static constexpr std::uint8_t kWorth = 8;        // other tags that it outlives when it is used

    struct Entry {
        Bits bits{};
        std::string text;  // of a tag that came twice
        std::uint8_t worth = 0;

        void meet(const Bits& other);
    };

    Entry& entry_of(const Bits& bits) {
        if (entries_.empty()) {
            entries_.resize(kEntries);
        }
        const std::uint64_t mixed = bits[0] * 3 ^ bits[1] ^ std::rotl(bits[2], 24);
        return entries_[mixed * 0x9E3779B97F4A7C15U >> kShift];
    }

    std::vector<Entry> entries_;
    std::uint32_t patience_ = kPatience;
};

}  // namespace meshscope::handlers
