#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <string_view>
#include <vector>

namespace meshscope::models {

// Values by the hash of a text that they know themselves: built at once, in one piece of memory.
template <class Value>
class HashIndex {
 public:
    void reserve(std::size_t count) { slots_.reserve(count); }
    void add(std::string_view key, Value value) { slots_.push_back({hash_of(key), value}); }
    // Behind the last add(), before the first each().
    void order() {
        std::sort(slots_.begin(), slots_.end(), [](const Slot& a, const Slot& b) {
            return a.hash < b.hash;
        });
    }
    // Every value that may belong to `key`; who asks compares the texts.
    template <class Visit>
    void each(std::string_view key, const Visit& visit) const {
        const std::size_t hash = hash_of(key);
        auto slot = std::partition_point(slots_.begin(), slots_.end(), [&](const Slot& one) {
            return one.hash < hash;
        });
        for (; slot != slots_.end() && slot->hash == hash; ++slot) {
            visit(slot->value);
        }
    }

 private:
    struct Slot {
        std::size_t hash;
        Value value;
    };
    static std::size_t hash_of(std::string_view text) {
        return std::hash<std::string_view>()(text);
    }
    std::vector<Slot> slots_;
};

}  // namespace meshscope::models
