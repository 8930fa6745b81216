#include "models/tag_interner.hpp"

#include <catch2/catch.hpp>

#include <string>

using meshscope::models::Storage;
using meshscope::models::Tag;
using meshscope::models::TagInterner;
using meshscope::models::ValueType;

TEST_CASE("a tag is interned with its key and its text and keeps all else") {
    Storage storage;
    TagInterner tags(storage);
    const std::string key = "key";
    const std::string text = "a longer text";
    const Tag string = tags.intern(0, Tag::string(key, text, true));
    CHECK(string.key() == "key");
    CHECK(string.key().data() != key.data());
    CHECK(string.text() == text);
    CHECK(string.text().data() != text.data());
    CHECK(string.verbatim());
    for (const std::size_t position : {0U, 1U, 200U}) {
        CAPTURE(position);
        const Tag again = tags.intern(position, Tag::string(key, text));
        CHECK(again.text().data() == string.text().data());
        CHECK(again.key().data() == string.key().data());
        CHECK_FALSE(again.verbatim());
        const Tag binary = tags.intern(position, Tag::binary(key, text));
        CHECK(binary.type() == ValueType::kBinary);
        CHECK(binary.text() == text);
        CHECK(tags.intern(position, Tag::integer(key, -5)).as_int() == -5);
        CHECK(tags.intern(position, Tag::boolean(key, true)).as_bool());
        const Tag number = tags.intern(position, Tag::number(key, 0.5));
        CHECK(number.as_double() == 0.5);
        CHECK(number.key().data() == string.key().data());
        CHECK(tags.intern(position, Tag::string(key, "")).text().empty());
        CHECK(tags.intern(position, Tag::string("other", text)).key() == "other");
    }
}

TEST_CASE("values that are new on every span are kept as they are, and looked for again later") {
    Storage storage;
    TagInterner tags(storage);
    for (int i = 0; i < 1'000; ++i) {
        const std::string value = "request-" + std::to_string(i);
        const Tag tag = tags.intern(3, Tag::string("guid", value));
        REQUIRE(tag.text() == value);
        REQUIRE(tag.text().data() != value.data());
    }
    // They repeat from here on: sooner or later that is noticed, and each is kept once.
    std::size_t shared = 0;
    for (int i = 0; i < 200; ++i) {
        const std::string value = i % 2 == 0 ? "the first of two" : "the second of two";
        const Tag tag = tags.intern(3, Tag::string("guid", value));
        REQUIRE(tag.text() == value);
        shared += tag.text().data() == storage.intern(value).data() ? 1U : 0U;
    }
    CHECK(shared > 100);
}

TEST_CASE("what is new in one place does not hide what repeats in another") {
    Storage storage;
    TagInterner tags(storage);
    const char* first = tags.intern(0, Tag::string("a", "the same text")).text().data();
    for (int i = 0; i < 100; ++i) {
        tags.intern(1, Tag::string("b", std::to_string(i)));
        const std::string other = i % 2 == 0 ? "the same text" : "another text";
        const Tag tag = tags.intern(0, Tag::string("a", other));
        REQUIRE(tag.text() == other);
        REQUIRE((i % 2 == 1 || tag.text().data() == first));
    }
}

namespace {

// As a decoder does it: the tag that `encoded` stands for.
Tag read(TagInterner& tags, std::size_t position, const std::string& encoded, bool& matched) {
    Tag tag;
    const std::size_t size = tags.match(position, encoded + "behind", tag);
    matched = size > 0;
    if (matched) {
        REQUIRE(size == encoded.size());
        return tag;
    }
    return tags.intern(position, Tag::string("key", encoded), encoded);
}

}  // namespace

TEST_CASE("tags that take turns in a place are known again by what they were decoded from") {
    Storage storage;
    TagInterner tags(storage);
    const std::size_t position = GENERATE(0U, 5U, 63U, 200U);
    const int count = GENERATE(1, 2, 3, 4);
    int matches = 0;
    for (int i = 0; i < 40; ++i) {
        const std::string encoded = "<the same length " + std::to_string(i % count) + '>';
        bool matched = false;
        const Tag tag = read(tags, position, encoded, matched);
        REQUIRE(tag.key() == "key");
        REQUIRE(tag.text() == encoded);
        matches += matched ? 1 : 0;
    }
    CHECK(matches >= 40 - count);
}

TEST_CASE("what was decoded in another place, or is not all there, is not known") {
    Storage storage;
    TagInterner tags(storage);
    Tag out = Tag::integer("as it was", 7);
    CHECK(tags.match(0, "<a tag>", out) == 0);
    tags.intern(3, Tag::string("key", "a tag"), "<a tag>");
    CHECK(tags.match(2, "<a tag>", out) == 0);
    CHECK(tags.match(4, "<a tag>", out) == 0);
    CHECK(tags.match(3, "<a tag", out) == 0);
    CHECK(tags.match(3, "<a tog>", out) == 0);
    CHECK(tags.match(3, "", out) == 0);
    CHECK(out.as_int() == 7);
    CHECK(tags.match(3, "<a tag>,<another>", out) == 7);
    CHECK(out.text() == "a tag");
    const std::string text(600, 'x');
    tags.intern(3, Tag::string("key", text), text);
    CHECK(tags.match(3, text, out) == 0);  // too long to be kept
}

TEST_CASE("a place of ever other tags is not kept, until they repeat") {
    Storage storage;
    TagInterner tags(storage);
    bool matched = false;
    const bool is_short = GENERATE(true, false);
    for (int i = 0; i < 10'000; ++i) {
        const std::string encoded = (is_short ? "<" : "<a longer text ") + std::to_string(i) + '>';
        REQUIRE(read(tags, 0, encoded, matched).text() == encoded);
        REQUIRE_FALSE(matched);
    }
    int matches = 0;
    for (int i = 0; i < 10'000; ++i) {
        const std::string encoded = i % 2 == 0 ? "<client>" : "<server>";
        REQUIRE(read(tags, 0, encoded, matched).text() == encoded);
        matches += matched ? 1 : 0;
    }
    CHECK(matches > 9'000);
}
