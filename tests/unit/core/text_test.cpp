#include "core/text.hpp"

#include "core/credential_text.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <utility>
#include <vector>

using namespace meshscope;

TEST_CASE("base64 goes both ways", "[text]") {
    CHECK(base64_encode(std::string("\0\xff", 2)) == "AP8=");
    for (const std::string text : {"", "f", "fo", "foo", "foob", "fooba", "foobar"}) {
        CHECK(base64_decode(base64_encode(text)) == text);
    }
    CHECK(base64_decode("_-8") == "\xFF\xEF");
    CHECK_FALSE(base64_decode("a"));
    CHECK_FALSE(base64_decode("a b="));
}

TEST_CASE("percent decoding refuses broken escapes", "[text]") {
    CHECK(percent_decode("a%2Fb+c", true) == "a/b c");
    CHECK(percent_decode("a%2Fb+c", false) == "a/b+c");
    CHECK(percent_decode("%41", false) == "A");
    for (const std::string text : {"%", "%4", "%zz", "x%4"}) {
        CHECK_FALSE(percent_decode(text, false));
    }
    CHECK(percent_encode("a b/\xC3\xA9") == "a%20b%2F%C3%A9");
}

TEST_CASE("the nearest name is near or nothing", "[text]") {
    const std::vector<std::string> names{"external_url", "internal_url", "use_grpc"};
    CHECK(nearest("extrenal_url", names) == "external_url");
    CHECK(nearest("use_grcp", names) == "use_grpc");
    CHECK(nearest("zzz", names).empty());
    CHECK(nearest("prot", std::vector<std::string>{"port"}) == "port");
}

TEST_CASE("DNS names", "[text]") {
    CHECK(is_dns_name("reviews.bookinfo.svc.cluster.local"));
    CHECK(is_dns_name("*.example.org", true));
    for (const std::string bad : {"", "-a", "a-", "A", "a..b", "a_b", "a/b", "*.example.org"}) {
        CHECK_FALSE(is_dns_name(bad));
    }
    CHECK_FALSE(is_dns_name(std::string(64, 'a')));
}

TEST_CASE("invalid UTF-8 is seen and mended", "[text]") {
    CHECK(is_valid_utf8("h\xC3\xA9"));
    CHECK_FALSE(is_valid_utf8("\xC3"));
    CHECK(to_valid_utf8("a\xC3z") == "a\xEF\xBF\xBDz");
}

TEST_CASE("splitting keeps empty parts, trimming takes both ends", "[text]") {
    CHECK(split("a~~b", '~') == std::vector<std::string_view>{"a", "", "b"});
    CHECK(trim(" \t a b\r\n") == "a b");
    CHECK(iequals("Content-Type", "content-type"));
}

TEST_CASE("credentials in free text are found, prose is not") {
    const std::vector<std::pair<std::string, std::string>> rows{
        {"Authorization: Bearer eyJhbGci.eyJz.c2ln", "Authorization: Bearer ***"},
        {"bearer xyz", "bearer ***"},
        {"BEARER  a-b_c~d+e/f==, then", "BEARER  ***, then"},
        {"{\"Authorization\":[\"Bearer abc\"]}", "{\"Authorization\":[\"Bearer ***\"]}"},
        {"Authorization: Basic dXNlcjpwYXNz", "Authorization: Basic ***"},
        {"authorization=\"basic dXNl\"", "authorization=\"basic ***\""},
        {"two: Bearer one Bearer two", "two: Bearer *** Bearer ***"},
        {"the bearer token is missing", ""},
        {"bearer auth.", ""},
        {"WWW-Authenticate: Bearer realm=\"x\", error=\"invalid_token\"", ""},
        {"basic tier, basic dXNl", ""},
        {"forbearer xyz", ""},
        {"bearer", ""},
        {"bearer ", ""},
        {"", ""},
    };
    for (const auto& [text, masked] : rows) {
        INFO(text);
        CHECK(mask_credentials(text, "***") == (masked.empty() ? text : masked));
        CHECK(find_credential(text).has_value() == !masked.empty());
    }
}

TEST_CASE("credentials are found at every place of a text", "[text]") {
    for (std::size_t before = 0; before < 50; ++before) {
        for (std::size_t behind = 0; behind < 20; behind += 3) {
            const std::string text =
                std::string(before, '.') + "Bearer abc.def" + std::string(behind, ',') + " car c r";
            const auto found = find_credential(text);
            REQUIRE(found);
            CHECK(text.substr(found->from, found->to - found->from) == "abc.def");
        }
    }
}
