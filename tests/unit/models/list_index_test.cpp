#include "models/list_index.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <vector>

using meshscope::models::kNoIndex;
using meshscope::models::ListIndex;

namespace {

// Numbers in lists; the lists grow at their beginning or at their end.
struct Lists {
    struct Item {
        std::uint32_t list, value, next;
    };
    std::vector<Item> items;
    std::vector<std::uint32_t> first, last;
    ListIndex index;
    std::uint64_t hash_mask;  // 0: all have the same hash

    Lists(std::size_t lists, std::uint64_t mask)
        : first(lists, kNoIndex), last(lists, kNoIndex), hash_mask(mask) {}

    [[nodiscard]] std::uint64_t hash(std::uint32_t list, std::uint32_t value) const {
        return meshscope::models::hash_number(list, value) & hash_mask;
    }
    [[nodiscard]] std::uint32_t find(std::uint32_t list, std::uint32_t value) const {
        return index.find(
            first[list],
            [&](std::uint32_t at) { return items[at].next; },
            [&](std::uint32_t at) { return items[at].list == list && items[at].value == value; },
            [&] { return hash(list, value); }
        );
    }
    void add(std::uint32_t list, std::uint32_t value, bool in_front) {
        const auto added = static_cast<std::uint32_t>(items.size());
        items.push_back({list, value, in_front ? first[list] : kNoIndex});
        if (in_front || first[list] == kNoIndex) {
            first[list] = added;
        } else {
            items[last[list]].next = added;
        }
        last[list] = in_front && last[list] != kNoIndex ? last[list] : added;
        index.add(
            first[list],
            added,
            [&](std::uint32_t at) { return items[at].next; },
            [&](std::uint32_t at) { return hash(items[at].list, items[at].value); }
        );
    }
};

}  // namespace

TEST_CASE("things are found in short and in long lists", "[list_index]") {
    for (const std::uint64_t mask : {~std::uint64_t{0}, std::uint64_t{0}}) {
        for (const bool in_front : {true, false}) {
            constexpr std::uint32_t kLists = 30;  // of 0, 1, 2... things
            CAPTURE(mask, in_front);
            Lists lists(kLists, mask);
            for (std::uint32_t value = 0; value < kLists; ++value) {
                for (std::uint32_t list = value + 1; list < kLists; ++list) {
                    REQUIRE(lists.find(list, value) == kNoIndex);
                    lists.add(list, value, in_front);
                    REQUIRE(lists.find(list, value) == lists.items.size() - 1);
                }
            }
            for (std::uint32_t at = 0; at < lists.items.size(); ++at) {
                REQUIRE(lists.find(lists.items[at].list, lists.items[at].value) == at);
            }
            for (std::uint32_t list = 0; list < kLists; ++list) {
                CHECK(lists.find(list, list) == kNoIndex);
            }
        }
    }
}
