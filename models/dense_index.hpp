#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

namespace meshscope::models {

inline constexpr std::uint32_t kNoIndex = 0xFFFFFFFFU;

// Hashes of tuples of texts and numbers: h = hash_text(h, a), h = hash_number(h, b)... The same in
// every process, so what is ordered by them is ordered alike everywhere.
inline constexpr std::uint64_t kHashStart = 0x2545F4914F6CDD1DULL;
inline std::uint64_t hash_number(std::uint64_t hash, std::uint64_t word) {
    hash = (hash ^ word) * 0x9E3779B97F4A7C15ULL;
    return hash ^ (hash >> 29U);
}
inline std::uint64_t hash_text(std::uint64_t hash, std::string_view text) {
    constexpr std::size_t kWord = sizeof(std::uint64_t);
    constexpr std::size_t kHalf = kWord / 2;
    const auto word = [](const char* from) {
        std::uint64_t bytes = 0;
        std::memcpy(&bytes, from, kWord);
        return bytes;
    };
    const auto half = [](const char* from) {
        std::uint32_t bytes = 0;
        std::memcpy(&bytes, from, kHalf);
        return std::uint64_t{bytes};
    };
    const auto byte = [](char c) { return std::uint64_t{static_cast<unsigned char>(c)}; };
    const char* at = text.data();
    const std::size_t size = text.size();
    hash ^= static_cast<std::uint64_t>(size) << 56U;
    if (size >= kWord) {
        const char* last = at + size - kWord;  // the last word overlaps the one before it
        for (; at < last; at += kWord) {
            hash = hash_number(hash, word(at));
        }
        return hash_number(hash, word(last));
    }
    if (size >= kHalf) {
        return hash_number(hash, half(at) | half(at + size - kHalf) << 32U);
    }
    if (size == 0) {
        return hash_number(hash, 0);
    }
    return hash_number(hash, byte(at[0]) | byte(at[size / 2]) << 8U | byte(at[size - 1]) << 16U);
}

// Finds things that lie in a vector of their owner by their hash: open addressing over dense
// indexes, no memory for each entry. Entries are never taken out.
class DenseIndex {
 public:
    // The first index of that hash for which `same(index)` is true; kNoIndex: none.
    template <class Same>
    [[nodiscard]] std::uint32_t find(std::uint64_t hash, const Same& same) const {
        if (slots_.empty()) {
            return kNoIndex;
        }
        const std::uint32_t mark = mark_of(hash);
        for (std::size_t at = mark & mask();; at = (at + 1) & mask()) {
            const Slot& slot = slots_[at];
            if (slot.index == kNoIndex) {
                return kNoIndex;
            }
            if (slot.mark == mark && same(slot.index)) {
                return slot.index;
            }
        }
    }
    void add(std::uint64_t hash, std::uint32_t index) {
        if ((size_ + 1) * 2 > slots_.size()) {
            grow();
        }
        put({index, mark_of(hash)});
        ++size_;
    }
    void reserve(std::size_t count) {
        while (slots_.size() < count * 2) {
            grow();
        }
    }

 private:
    struct Slot {
        std::uint32_t index = kNoIndex;
        std::uint32_t mark = 0;
    };
    static std::uint32_t mark_of(std::uint64_t hash) {
        return static_cast<std::uint32_t>((hash * 0xD6E8FEB86659FD93ULL) >> 32U);
    }
    [[nodiscard]] std::size_t mask() const { return slots_.size() - 1; }
    void put(Slot slot) {
        std::size_t at = slot.mark & mask();
        while (slots_[at].index != kNoIndex) {
            at = (at + 1) & mask();
        }
        slots_[at] = slot;
    }
    void grow() {
        constexpr std::size_t kFirst = 64;
        std::vector<Slot> old(slots_.empty() ? kFirst : slots_.size() * 2);
        old.swap(slots_);
        for (const Slot& slot : old) {
            if (slot.index != kNoIndex) {
                put(slot);
            }
        }
    }

    std::vector<Slot> slots_;  // a power of two of them, at most half taken
    std::size_t size_ = 0;
};

}  // namespace meshscope::models
