#include "clients/http/safe_address.hpp"

#include <catch2/catch.hpp>

using meshscope::clients::is_safe_address;

TEST_CASE("addresses that somebody else chose and that may be called", "[http]") {
    const auto* address = GENERATE(
        "10.0.0.1",
        "192.168.1.1",
        "172.16.0.1",
        "8.8.8.8",
        "2001:db8::1",
        "fd12:3456::1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1"
    );
    INFO(address);
    CHECK(is_safe_address(address));
}

TEST_CASE("addresses that nobody may make the server call", "[http]") {
    const auto* address = GENERATE(
        "127.0.0.1",
        "127.8.8.8",
        "0.0.0.0",
        "0.1.2.3",
        "169.254.169.254",
        "169.254.1.1",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
        "224.0.0.1",
        "255.255.255.255",
        "240.0.0.1",
        "::1",
        "::",
        "::7f00:1",
        "fe80::1",
        "ff02::1",
        "fd00:ec2::254",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "2002:a9fe:a9fe::1",
        "localhost",
        "",
        "10.0.0.1.example",
        "0x7f000001"
    );
    INFO(address);
    CHECK_FALSE(is_safe_address(address));
}
