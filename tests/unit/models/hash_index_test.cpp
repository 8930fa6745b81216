#include "models/hash_index.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <vector>

using meshscope::models::HashIndex;

namespace {

std::vector<int> found(const HashIndex<int>& index, const std::string& key) {
    std::vector<int> out;
    index.each(key, [&](int value) { out.push_back(value); });
    std::sort(out.begin(), out.end());
    return out;
}

}  // namespace

TEST_CASE("values are found by their key, all of them", "[hash_index]") {
    for (const int keys : {0, 1, 2, 3, 4, 7, 8, 9, 1000}) {
        CAPTURE(keys);
        HashIndex<int> index;
        for (int i = 0; i < keys; ++i) {
            index.add("key-" + std::to_string(i), i);
            index.add("key-" + std::to_string(i), i + keys);
        }
        index.order();
        for (int i = 0; i < keys; ++i) {
            CHECK(found(index, "key-" + std::to_string(i)) == std::vector<int>{i, i + keys});
        }
        CHECK(found(index, "key-" + std::to_string(keys)).empty());
        CHECK(found(index, "").empty());
    }
}

TEST_CASE("nothing is found before the values are in order", "[hash_index]") {
    HashIndex<int> index;
    CHECK(found(index, "a").empty());
    index.order();
    CHECK(found(index, "a").empty());
}
