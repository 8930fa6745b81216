#include "core/ids.hpp"

#include <catch2/catch.hpp>

#include <string>

using meshscope::SpanId;
using meshscope::TraceId;

TEST_CASE("TraceId reads 1 to 32 hex digits and prints 16 or 32", "[ids]") {
    CHECK(TraceId::from_hex("ABCDEF") == TraceId{0, 0xABCDEF});
    CHECK(
        TraceId::from_hex("0af7651916cd43dd8448eb211c80319c") ==
        TraceId{0x0af7651916cd43ddULL, 0x8448eb211c80319cULL}
    );
    CHECK(TraceId::from_hex("10000000000000000") == TraceId{1, 0});
    CHECK(TraceId{0, 0x2a}.to_hex() == "000000000000002a");
    CHECK(
        TraceId{0x0af7651916cd43ddULL, 0x8448eb211c80319cULL}.to_hex() ==
        "0af7651916cd43dd8448eb211c80319c"
    );
}

TEST_CASE("TraceId refuses what is no id", "[ids]") {
    CHECK_FALSE(TraceId::from_hex(""));
    CHECK_FALSE(TraceId::from_hex("xyz"));
    CHECK_FALSE(TraceId::from_hex(std::string(33, 'a')));
}

TEST_CASE("Ids on the wire are big-endian and of fixed length", "[ids]") {
    const std::string sixteen("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x2a", 16);
    CHECK(TraceId::from_bytes(sixteen) == TraceId{0, 42});
    CHECK(TraceId::from_bytes(sixteen.substr(8)) == TraceId{0, 42});
    for (const std::size_t length : {0U, 5U, 20U}) {
        CHECK_FALSE(TraceId::from_bytes(std::string(length, '\1')));
    }
    CHECK(SpanId::from_bytes(sixteen.substr(8)) == SpanId{42});
    CHECK_FALSE(SpanId::from_bytes(sixteen));
    CHECK(SpanId{0xb7ad6b7169203331ULL}.to_hex() == "b7ad6b7169203331");
    CHECK(SpanId::from_hex("1") == SpanId{1});
}
