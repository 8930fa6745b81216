#include "handlers/client_address.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using meshscope::AddressRange;
using meshscope::handlers::client_address;

TEST_CASE("who sent a request that came through proxies", "[login]") {
    struct Row {
        const char* peer;
        std::vector<const char*> forwarded;
        const char* client;
    };
    const std::vector<AddressRange> trusted{
        *AddressRange::parse("10.0.0.0/8"), *AddressRange::parse("fd00::1")
    };
    const Row row = GENERATE(values<Row>({
        {"203.0.113.7", {}, "203.0.113.7"},
        {"203.0.113.7", {"198.51.100.1"}, "203.0.113.7"},  // whoever is not trusted says nothing
        {"10.0.0.1", {}, "10.0.0.1"},
        {"10.0.0.1", {"198.51.100.1"}, "198.51.100.1"},
        {"10.0.0.1", {"1.2.3.4, 198.51.100.1"}, "198.51.100.1"},  // the client's own words
        {"10.0.0.1", {"1.2.3.4 , 198.51.100.1 ,10.0.0.2"}, "198.51.100.1"},
        {"10.0.0.1", {"1.2.3.4", "198.51.100.1", "10.0.0.2"}, "198.51.100.1"},
        {"10.0.0.1", {"10.0.0.3,10.0.0.2"}, "10.0.0.3"},
        {"fd00::1", {"[2001:db8::1]:99"}, "2001:db8::1"},
        {"fd00::1", {"2001:db8::1"}, "2001:db8::1"},
        {"::ffff:10.0.0.1", {"198.51.100.1:4711"}, "198.51.100.1"},
        {"10.0.0.1", {"unknown"}, "10.0.0.1"},
        {"10.0.0.1", {"198.51.100.1, _hidden, 10.0.0.2"}, "10.0.0.2"},
        {"10.0.0.1", {""}, "10.0.0.1"},
        {"10.0.0.1", {"198.51.100.1,"}, "10.0.0.1"},
        {"10.0.0.1", {"["}, "10.0.0.1"},
    }));
    meshscope::server::Request request;
    request.peer = row.peer;
    for (const char* value : row.forwarded) {
        request.headers.add("x-forwarded-for", value);
    }
    CAPTURE(row.peer, row.forwarded);
    CHECK(client_address(request, trusted) == row.client);
    CHECK(client_address(request, {}) == row.peer);
}
