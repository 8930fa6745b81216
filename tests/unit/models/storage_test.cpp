#include "models/storage.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

using namespace meshscope::models;

TEST_CASE("interned texts stay as they were given, whatever came in between") {
    Storage storage;
    std::vector<std::string> given;
    std::vector<std::string_view> kept;
    for (std::size_t i = 0; i < 100'000; ++i) {
        std::string text = std::to_string(i * 7919) + std::string(i % 40, 'x');
        if (i % 1000 == 0) {
            text.assign(300 + i / 1000, 'y');  // too long to be looked for
        }
        kept.push_back(storage.intern(text));
        given.push_back(std::move(text));
    }
    bool same = true;
    for (std::size_t i = 0; i < given.size(); ++i) {
        same = same && given[i] == kept[i];
    }
    CHECK(same);
    CHECK(storage.intern("").empty());
    CHECK(storage.intern(std::string_view("a\0b", 3)) == std::string_view("a\0b", 3));
}

TEST_CASE("a text that comes again and again is kept once, among any number that do not") {
    Storage storage;
    std::vector<std::string_view> first;
    for (int i = 0; i < 500; ++i) {
        first.push_back(storage.intern("http.name." + std::to_string(i)));
    }
    const auto again = [&] {
        std::size_t moved = 0;
        for (std::size_t i = 0; i < first.size(); ++i) {
            const std::string text = "http.name." + std::to_string(i);
            const std::string_view kept = storage.intern(text);
            moved += kept.data() == first[i].data() ? 0U : 1U;
            first[i] = kept;
        }
        return moved;
    };
    std::size_t moved = again();
    CHECK(moved == 0);
    for (int i = 0; i < 200'000; ++i) {
        storage.intern("unique-" + std::to_string(i));
        if (i % 2'000 == 0) {
            moved += again();
        }
    }
    CHECK(moved < 100);  // of 50 000
}

TEST_CASE("what interning needs is bounded and can be given back") {
    Storage storage;
    std::size_t texts = 0;
    for (int i = 0; i < 300'000; ++i) {
        const std::string text = "unique-" + std::to_string(i);
        texts += text.size();
        storage.intern(text);
    }
    CHECK(storage.memory_bytes() < texts + 2'000'000);
    const std::size_t before = storage.memory_bytes();
    storage.drop_index();
    CHECK(storage.memory_bytes() + 100'000 < before);
    CHECK(storage.intern("again") == "again");
}

TEST_CASE("copied arrays are aligned, also behind odd texts and when they are long") {
    Storage storage;
    std::vector<Slice<std::uint64_t>> kept;
    for (std::size_t i = 1; i < 2'000; ++i) {
        storage.copy(std::string(i % 7 + 1, 'x'));
        kept.push_back(storage.copy(std::vector<std::uint64_t>(i % 100 == 0 ? 50'000 : i % 9, i)));
    }
    bool sound = true;
    for (std::size_t i = 1; i < 2'000; ++i) {
        const auto& slice = kept[i - 1];
        sound = sound && reinterpret_cast<std::uintptr_t>(slice.data) % alignof(std::uint64_t) == 0;
        for (const std::uint64_t value : slice) {
            sound = sound && value == i;
        }
    }
    CHECK(sound);
    CHECK(storage.copy(std::vector<std::uint64_t>{1, 2, 3}, 1).size == 2);
    CHECK(storage.copy(std::vector<std::uint64_t>{1, 2, 3}, 3).empty());
}
