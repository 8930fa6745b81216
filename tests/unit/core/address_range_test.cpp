#include "core/address_range.hpp"

#include <catch2/catch.hpp>

#include <string>

using meshscope::AddressRange;

TEST_CASE("addresses with a common prefix") {
    struct Row {
        const char* range;
        const char* address;
        bool inside;
    };
    const Row row = GENERATE(values<Row>({
        {"10.0.0.0/8", "10.255.0.1", true},
        {"10.0.0.0/8", "11.0.0.1", false},
        {"10.1.2.3/8", "10.9.9.9", true},  // the rest of the first address does not count
        {"10.0.0.0/8", "::ffff:10.0.0.1", true},
        {"::ffff:10.0.0.0/104", "10.0.0.1", true},
        {"10.0.0.128/25", "10.0.0.127", false},
        {"10.0.0.128/25", "10.0.0.200", true},
        {"0.0.0.0/0", "203.0.113.7", true},
        {"0.0.0.0/0", "2001:db8::1", false},
        {"::/0", "203.0.113.7", true},
        {"192.0.2.1", "192.0.2.1", true},
        {"192.0.2.1", "192.0.2.2", false},
        {"fd00::/8", "fdab::1", true},
        {"fd00::/8", "fe80::1", false},
        {"2001:db8::1", "2001:DB8:0::1", true},
        {"10.0.0.0/8", "", false},
        {"10.0.0.0/8", "10.0.0.1:80", false},
        {"10.0.0.0/8", "somebody", false},
    }));
    CAPTURE(row.range, row.address);
    const auto range = AddressRange::parse(row.range);
    REQUIRE(range.has_value());
    CHECK(range->contains(row.address) == row.inside);
}

TEST_CASE("what is no range of addresses") {
    for (const char* text :
         {"",
          "/",
          "/8",
          "10.0.0.0/",
          "10.0.0.0/33",
          "10.0.0.0/-1",
          "10.0.0.0/8x",
          "10.0.0/8",
          "fd00::/129",
          "example.org",
          "[::1]",
          "10.0.0.0/8/8"}) {
        CAPTURE(text);
        CHECK_FALSE(AddressRange::parse(text).has_value());
    }
}
