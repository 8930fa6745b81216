#pragma once

#include "models/dense_index.hpp"

#include <cstddef>
#include <cstdint>

namespace meshscope::models {

// Finds things in linked lists of which most are short. Those are walked: what was added one behind
// the other lies near. Only what is in a longer list is found by its hash, wherever it lies. Things
// and lists are their owner's; they are never taken out. `next(index)`: the one behind;
// `hash(index)` of a thing is what find() gets for it.
class ListIndex {
 public:
    // The one of the list for which `same(index)` is true; kNoIndex: none. `hash()` is asked for
    // only when the list is long.
    template <class Next, class Same, class Hash>
    [[nodiscard]] std::uint32_t find(
        std::uint32_t first, const Next& next, const Same& same, const Hash& hash
    ) const {
        std::uint32_t at = first;
        for (std::size_t walked = 0; walked < kShort && at != kNoIndex; ++walked) {
            if (same(at)) {
                return at;
            }
            at = next(at);
        }
        return at == kNoIndex ? kNoIndex : long_.find(hash(), same);
    }
    // Behind each thing that was put into the list, at either end.
    template <class Next, class Hash>
    void add(std::uint32_t first, std::uint32_t added, const Next& next, const Hash& hash) {
        std::uint32_t at = first;
        for (std::size_t walked = 0; walked < kShort && at != kNoIndex; ++walked) {
            at = next(at);
        }
        if (at == kNoIndex) {
            return;
        }
        if (next(at) != kNoIndex) {
            long_.add(hash(added), added);
            return;
        }
        for (at = first; at != kNoIndex; at = next(at)) {
            long_.add(hash(at), at);
        }
    }

 private:
    static constexpr std::size_t kShort = 8;
    DenseIndex long_;
};

}  // namespace meshscope::models
