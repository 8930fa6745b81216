#include "handlers/cross_site.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <utility>
#include <vector>

namespace meshscope::handlers {

namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

server::Request request_with(const Fields& fields, bool tls = false) {
    server::Request request;
    request.method = server::Method::kPost;
    request.tls = tls;
    for (const auto& [name, value] : fields) {
        request.headers.add(name, value);
    }
    return request;
}

}  // namespace

TEST_CASE("the address that browsers see", "[gate]") {
    struct Row {
        PublicAddress address;
        bool tls;
        Fields fields;
        std::string origin;
    };
    const std::vector<Row> rows{
        {{}, false, {{"Host", "localhost:20001"}}, "http://localhost:20001"},
        {{}, true, {{"Host", "Console.Example.ORG:443"}}, "https://console.example.org"},
        {{}, false, {{"Host", "console:80"}}, "http://console"},
        {{}, true, {{"Host", "console:80"}}, "https://console:80"},
        {{}, false, {{"Host", "[::1]:20001"}}, "http://[::1]:20001"},
        {{}, false, {{"Host", "[::1]"}}, "http://[::1]"},
        {{}, false, {}, "http://"},
        {{}, false, {{"Host", "c"}, {"X-Forwarded-Proto", "HTTPS"}}, "https://c"},
        {{},
         false,
         {{"Host", "backend:20001"}, {"X-Forwarded-Host", "c.org"}, {"X-Forwarded-Proto", "https"}},
         "https://c.org"},
        {{},
         false,
         {{"Host", "backend:20001"}, {"X-Forwarded-Host", "c.org:8443"}},
         "http://c.org:8443"},
        {{}, false, {{"Host", "c:1"}, {"X-Forwarded-Port", "8443"}}, "http://c:8443"},
        // Twice or a list: whose word counts cannot be known.
        {{},
         false,
         {{"Host", "c"}, {"X-Forwarded-Proto", "https"}, {"X-Forwarded-Proto", "http"}},
         "http://c"},
        {{}, false, {{"Host", "c"}, {"X-Forwarded-Host", "evil.org, c"}}, "http://c"},
        {{"https", "console.org", "8443"},
         false,
         {{"Host", "c:20001"}, {"X-Forwarded-Host", "evil.org"}, {"X-Forwarded-Proto", "http"}},
         "https://console.org:8443"},
        {{"https", "console.org", "443"}, false, {{"Host", "c:20001"}}, "https://console.org"},
        {{"", "console.org", ""}, false, {{"Host", "c:20001"}}, "http://console.org:20001"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.origin);
        CHECK(public_origin(row.address, request_with(row.fields, row.tls)) == row.origin);
    }
}

TEST_CASE("what a request from another site is told by", "[gate]") {
    struct Row {
        const char* what;
        Fields fields;
        bool fine;
    };
    const std::vector<Row> rows{
        {"a script", {}, true},
        {"our page", {{"Sec-Fetch-Site", "same-origin"}, {"Origin", "http://rewritten"}}, true},
        {"typed in", {{"Sec-Fetch-Site", "none"}}, true},
        {"another site", {{"Sec-Fetch-Site", "cross-site"}, {"Origin", "http://c:20001"}}, false},
        {"a neighbour", {{"Sec-Fetch-Site", "same-site"}}, false},
        {"unknown word", {{"Sec-Fetch-Site", "?"}}, false},
        {"our origin", {{"Origin", "http://c:20001"}}, true},
        {"our host, TLS before us", {{"Origin", "https://c:20001"}}, true},
        {"another origin", {{"Origin", "http://evil.org"}}, false},
        {"another port", {{"Origin", "http://c"}}, false},
        {"one that contains ours", {{"Origin", "http://c:20001.evil.org"}}, false},
        {"a sandbox", {{"Origin", "null"}}, false},
        {"nothing in it", {{"Origin", ""}}, false},
        {"a proxy's name for us",
         {{"Origin", "https://c.org"}, {"X-Forwarded-Host", "c.org"}, {"X-Forwarded-Proto", "https"}
         },
         true},
    };
    for (Row row : rows) {
        CAPTURE(row.what);
        row.fields.emplace_back("Host", "c:20001");
        row.fields.emplace_back("Content-Type", "application/json; charset=utf-8");
        server::Request request = request_with(row.fields);
        const auto refused = refuse_cross_site({}, request, false);
        CHECK(refused.has_value() != row.fine);
        if (refused) {
            CHECK(refused->kind() == ErrorKind::kForbidden);
            CHECK(refused->code() == "cross_site");
        }
        for (const auto method :
             {server::Method::kGet, server::Method::kHead, server::Method::kOptions}) {
            request.method = method;
            CHECK_FALSE(refuse_cross_site({}, request, false));
            CHECK(refuse_cross_site({}, request, true).has_value() != row.fine);
        }
        for (const auto method :
             {server::Method::kPatch, server::Method::kDelete, server::Method::kPut}) {
            request.method = method;
            CHECK(refuse_cross_site({}, request, false).has_value() != row.fine);
        }
    }
}

TEST_CASE("what a body has to be", "[gate]") {
    struct Row {
        const char* type;  // null: none
        const char* body;
        bool form;
        bool fine;
    };
    const std::vector<Row> rows{
        {"application/json", "{}", false, true},
        {"Application/JSON;charset=utf-8", "{}", false, true},
        {"text/plain", "{}", false, false},
        {"application/x-www-form-urlencoded", "a=b", false, false},
        {"application/jsonp", "{}", false, false},
        {nullptr, "", false, false},
        {"application/x-www-form-urlencoded", "token=x", true, true},
        {"multipart/form-data; boundary=x", "x", true, false},
        {"text/plain", "token=x", true, false},
        {"text/plain", "", true, false},
        {nullptr, "token=x", true, false},
        {nullptr, "", true, true},
    };
    for (const Row& row : rows) {
        CAPTURE(row.type == nullptr ? "none" : row.type, row.form);
        server::Request request = request_with({});
        request.body = row.body;
        if (row.type != nullptr) {
            request.headers.add("Content-Type", row.type);
        }
        const auto refused = refuse_cross_site({}, request, row.form);
        CHECK(refused.has_value() != row.fine);
        if (refused) {
            CHECK(refused->kind() == ErrorKind::kUnsupportedMedia);
        }
    }
}

}  // namespace meshscope::handlers
