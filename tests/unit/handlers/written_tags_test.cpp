#include "handlers/written_tags.hpp"

#include <catch2/catch.hpp>

#include <random>
#include <string>
#include <vector>

using meshscope::handlers::WrittenTags;
using meshscope::models::Tag;
using meshscope::models::ValueType;

namespace {

std::string text_of(const Tag& tag) {
    std::string text(tag.key());
    text += '|' + std::to_string(static_cast<int>(tag.type())) + (tag.verbatim() ? "v|" : "|");
    switch (tag.type()) {
        case ValueType::kString:
        case ValueType::kBinary:
            return text.append(tag.text());
        case ValueType::kFloat64:
            return text + std::to_string(tag.as_double());
        case ValueType::kBool:
        case ValueType::kInt64:
            break;
    }
    return text + std::to_string(tag.as_int());
}

struct Writer {
    WrittenTags written;
    std::string out;
    int writes = 0;

    // What is appended for it.
    std::string append(const Tag& tag) {
        const std::size_t begin = out.size();
        written.append(out, tag, [&] {
            ++writes;
            out += text_of(tag);
        });
        return out.substr(begin);
    }
};

// Alike but for one thing each.
std::vector<Tag> similar_tags() {
    static const std::string key = "the key";
    static const std::string other_key = "the key";
    static const std::string text = "the text";
    static const std::string other_text = "the test";
    const std::string_view part = std::string_view(text).substr(0, 4);
    return {
        Tag(),
        Tag::string("", ""),
        Tag::string(key, text),
        Tag::string(key, text, true),
        Tag::string(key, other_text),
        Tag::string(key, part),
        Tag::string(other_key, text),
        Tag::string(std::string_view(key).substr(0, 3), text),
        Tag::binary(key, text),
        Tag::binary(key, part),
        Tag::boolean(key, false),
        Tag::boolean(key, true),
        Tag::integer(key, 0),
        Tag::integer(key, 1),
        Tag::integer(key, -1),
        Tag::number(key, 0.0),
        Tag::number(key, -0.0),
        Tag::number(key, 1.0),
    };
}

}  // namespace

TEST_CASE("a tag that comes again is written as it was, without being read", "[written_tags]") {
    Writer writer;
    const Tag tag = Tag::string("component", "proxy", true);
    for (int i = 0; i < 100; ++i) {
        REQUIRE(writer.append(tag) == text_of(tag));
    }
    CHECK(writer.writes == 2);
}

TEST_CASE("tags in any order come out as if each were written", "[written_tags]") {
    const std::vector<Tag> few = similar_tags();
    std::mt19937 random(7);
    const bool with_new = GENERATE(false, true);
    Writer writer;
    int mismatches = 0;
    for (int i = 0; i < 20'000; ++i) {
        const bool is_new = with_new && random() % 4 == 0;
        const Tag tag = is_new ? Tag::integer("id", 1'000 + i) : few[random() % few.size()];
        mismatches += writer.append(tag) == text_of(tag) ? 0 : 1;
    }
    CHECK(mismatches == 0);
    // Where they stand in memory decides how many of them get in each other's way.
    CHECK(writer.writes < (with_new ? 15'000 : 10'000));
}

TEST_CASE("where nothing repeats it stops looking; the outcome is the same", "[written_tags]") {
    Writer writer;
    for (int i = 0; i < 2'000; ++i) {
        const Tag tag = Tag::integer("id", i);
        REQUIRE(writer.append(tag) == text_of(tag));
    }
    const Tag again = Tag::string("component", "proxy");
    for (int i = 0; i < 10; ++i) {
        REQUIRE(writer.append(again) == text_of(again));
    }
    CHECK(writer.writes == 2'010);
}

TEST_CASE("what is long when written is not kept", "[written_tags]") {
    Writer writer;
    const std::string text(1'000, 'x');
    const Tag tag = Tag::string("key", text);
    for (int i = 0; i < 10; ++i) {
        REQUIRE(writer.append(tag) == text_of(tag));
    }
    CHECK(writer.writes == 10);
}

TEST_CASE("a tag that takes another's place is not written as that one", "[written_tags]") {
    Writer writer;
    constexpr int kTags = 2'000;  // many for each place
    constexpr int kTimes = 16;    // until the one before has to give way
    for (int i = 0; i < kTags; ++i) {
        const Tag tag = Tag::integer("id", i);
        for (int times = 0; times < kTimes; ++times) {
            REQUIRE(writer.append(tag) == text_of(tag));
        }
    }
    CHECK(writer.writes < kTags * kTimes);
}
