#include "core/proto_reader.hpp"

#include <catch2/catch.hpp>

#include <limits>
#include <string>

using meshscope::ProtoReader;

namespace {

template <std::size_t N>
std::string raw(const char (&text)[N]) {
    return {text, N - 1};
}

bool sound(const std::string& bytes) {
    ProtoReader reader(bytes);
    while (reader.next()) {
    }
    return !reader.failed();
}

}  // namespace

TEST_CASE("fields of every wire type are read in order") {
    const std::string bytes = raw("\x08\x96\x01") + raw("\x11\0\0\0\0\0\0\xf0\x3f") +
                              raw("\x1a\x03xyz") + raw("\x25\x01\0\0\x80") + raw("\x1a\0");
    ProtoReader reader(bytes);
    REQUIRE(reader.next());
    CHECK(reader.tag() == ProtoReader::varint(1));
    CHECK(reader.number() == 150);
    REQUIRE(reader.next());
    CHECK(reader.tag() == ProtoReader::fixed64(2));
    CHECK(reader.as_double() == 1.0);
    REQUIRE(reader.next());
    CHECK(reader.tag() == ProtoReader::bytes(3));
    CHECK(reader.text() == "xyz");
    REQUIRE(reader.next());
    CHECK(reader.number() == 0x80000001U);
    REQUIRE(reader.next());
    CHECK(reader.text().empty());
    CHECK_FALSE(reader.next());
    CHECK_FALSE(reader.failed());
}

TEST_CASE("the widest varint is read whole") {
    ProtoReader negative("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01");
    REQUIRE(negative.next());
    CHECK(negative.signed_number() == -1);
    const std::string highest = raw("\x08\xff\xff\xff\xff\xff\xff\xff\xff\x7f");
    ProtoReader most(highest);
    REQUIRE(most.next());
    CHECK(most.signed_number() == std::numeric_limits<std::int64_t>::max());
}

TEST_CASE("malformed bytes are a fault, never a read beyond the end") {
    CHECK(sound(""));
    CHECK_FALSE(sound(raw("\x08")));  // a varint without its value
    CHECK_FALSE(sound(raw("\x80")));  // an open tag
    CHECK_FALSE(sound(raw("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02")));      // beyond 64 bits
    CHECK_FALSE(sound(raw("\x08\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01")));  // 11 bytes
    CHECK_FALSE(sound(raw("\x11\0\0\0\0\0\0\0")));                                // 7 bytes of 8
    CHECK_FALSE(sound(raw("\x25\0\0\0")));                                        // 3 bytes of 4
    CHECK_FALSE(sound(raw("\x1a\x04xyz")));                                       // 3 bytes of 4
    CHECK_FALSE(sound(raw("\x1a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01x")));  // a length of 2^64-1
    CHECK_FALSE(sound(raw("\x02\x00")));                                       // field number 0
    CHECK_FALSE(sound(raw("\x0b\x0c")));                                       // a group
    CHECK_FALSE(sound(raw("\x0e")));                                           // wire type 6
    CHECK_FALSE(sound(raw("\x80\x80\x80\x80\x80\x01\x01")));  // a tag beyond 32 bits
}

TEST_CASE("after a fault nothing more is read") {
    const std::string bytes = raw("\x0b\x08\x01");
    ProtoReader reader(bytes);
    CHECK_FALSE(reader.next());
    CHECK_FALSE(reader.next());
    CHECK(reader.failed());
}
