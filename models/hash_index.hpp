#pragma once

#include "models/dense_index.hpp"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace meshscope::models {

// Values by the hash of a text that they know themselves: built at once, without memory for each of
// them.
template <class Value>
class HashIndex {
 public:
    void reserve(std::size_t count) { slots_.reserve(count); }
    void add(std::string_view key, Value value) { slots_.push_back({hash_of(key), value}); }
    // Behind the last add(), before the first each(). O(n).
    void order() {
        if (slots_.empty()) {
            return;
        }
        const std::size_t buckets = std::bit_ceil(slots_.size() + 1);
        shift_ = 64 - static_cast<unsigned>(std::countr_zero(buckets));
        first_.assign(buckets + 1, 0);
        for (const Slot& slot : slots_) {
            ++first_[bucket_of(slot.hash)];
        }
        std::uint32_t end = 0;
        for (std::uint32_t& bucket : first_) {
            end += bucket;
            bucket = end;
        }
        std::vector<Slot> sorted(slots_.size());
        for (const Slot& slot : slots_) {
            sorted[--first_[bucket_of(slot.hash)]] = slot;
        }
        slots_ = std::move(sorted);
    }
    // Every value that may belong to `key`; who asks compares the texts.
    template <class Visit>
    void each(std::string_view key, const Visit& visit) const {
        if (first_.empty()) {
            return;
        }
        const std::uint64_t hash = hash_of(key);
        const std::size_t bucket = bucket_of(hash);
        for (std::uint32_t at = first_[bucket]; at < first_[bucket + 1]; ++at) {
            if (slots_[at].hash == hash) {
                visit(slots_[at].value);
            }
        }
    }

 private:
    struct Slot {
        std::uint64_t hash;
        Value value;
    };
    static std::uint64_t hash_of(std::string_view text) { return hash_text(kHashStart, text); }
    [[nodiscard]] std::size_t bucket_of(std::uint64_t hash) const {
        return static_cast<std::size_t>((hash * 0xD6E8FEB86659FD93ULL) >> shift_);
    }

    std::vector<Slot> slots_;           // by their first bits
    std::vector<std::uint32_t> first_;  // of the slots of each bucket; of one more: their number
    unsigned shift_ = 0;
};

}  // namespace meshscope::models
