#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace meshscope::models {

// Texts that were seen before, found by their content. Bounded (128 KiB), so texts that
// come once do not drive it up: when a place is taken, texts that were found again stay and the
// newest of the others goes.
class TextIndex {
 public:
    static constexpr std::size_t kLongestText = 256;  // longer ones are not looked for

    // The text kept for one equal to `text`. When there is none, `keep(text)` is asked for one that
    // lives as long as the index.
    template <class Keep>
    std::string_view find(std::string_view text, const Keep& keep) {
        const std::uint64_t hash = hash_of(text);
        const auto mark = static_cast<std::uint32_t>(hash >> 32U);
        Slot* set = set_of(hash);
        for (std::size_t way = 0; way < kWays; ++way) {
            if (set[way].mark == mark && set[way].size == text.size() &&
                same(set[way].data, text)) {
                const std::string_view found(set[way].data, text.size());
                promote(set, way);
                return found;
            }
        }
        const std::string_view kept = keep(text);
        insert(hash, {kept.data(), static_cast<std::uint32_t>(kept.size()), mark});
        return kept;
    }

    void clear();
    [[nodiscard]] std::size_t memory_bytes() const { return slots_.capacity() * sizeof(Slot); }

 private:
    struct Slot {
        const char* data = nullptr;
        std::uint32_t size = 0;
        std::uint32_t mark = 0;  // half of the hash
    };
    static constexpr std::size_t kWays = 4;  // of one set: a cache line

    static std::uint64_t hash_of(std::string_view text);
    static bool same(const char* data, std::string_view text);
    Slot* set_of(std::uint64_t hash);
    static void promote(Slot* set, std::size_t way);
    void insert(std::uint64_t hash, Slot slot);
    void grow();

    std::vector<Slot> slots_;  // sets of kWays; the number of sets is a power of two
    std::size_t inserted_ = 0;
};

}  // namespace meshscope::models
