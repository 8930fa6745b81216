#include "clients/http/redirect.hpp"

#include <catch2/catch.hpp>

#include <vector>

using namespace meshscope;
using namespace meshscope::clients;

TEST_CASE("where a Location leads") {
    struct Row {
        std::string location;
        std::string next;   // "" for a fault
        std::string cause;  // part of it
    };
    const std::vector<Row> rows{
        {"/jaeger/", "/jaeger/", ""},
        {"/x?y=1#z", "/x?y=1", ""},
        {"other", "/a/other", ""},
        {"?q=2", "/a/b?q=2", ""},
        {"http://h:8080/x", "/x", ""},
        {"HTTP://H:8080", "/", ""},
        {"//h:8080/x", "/x", ""},
        {"http://h:8080?x=http://y/", "/?x=http://y/", ""},
        {"/x?u=http://other/", "/x?u=http://other/", ""},
        {"http://h:9090/x", "", "redirected to http://h:9090"},
        {"https://h/x?token=s3cret", "", "redirected to https://h"},
        {"https://login.example.org:8443/x?token=s3cret",
         "",
         "redirected to login.example.org:8443: an authentication proxy"},
        {"//evil/x", "", "redirected to evil"},
        {"javascript:alert(1)", "", "not a URL"},
        {"http://h:8080/a b", "", "not a URL"},
        {"ftp://h/", "", "not a URL"},
    };
    const Url base = *parse_url("http://h:8080/a");
    for (const Row& row : rows) {
        INFO(row.location);
        const auto result = follow(base, "/a/b?c=d", row.location);
        if (row.next.empty()) {
            REQUIRE(std::holds_alternative<Fault>(result));
            const Fault& fault = std::get<Fault>(result);
            CHECK(fault.cause.find(row.cause) != std::string::npos);
            CHECK((fault.cause + fault.advice + fault.where).find("s3cret") == std::string::npos);
        } else {
            REQUIRE(std::holds_alternative<std::string>(result));
            CHECK(std::get<std::string>(result) == row.next);
        }
    }
}
