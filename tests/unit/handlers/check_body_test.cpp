#include "handlers/check_body.hpp"

#include <catch2/catch.hpp>

using namespace meshscope;
using clients::StoreTarget;
using handlers::read_check_body;

TEST_CASE("settings to check are read as clients of old write them", "[diagnose]") {
    const auto read = read_check_body(
        R"({"enabled":true,"provider":"jaeger","internalURL":"http://jaeger:16686/jaeger",
            "useGRPC":false,"isCore":true,"queryTimeout":5,"tempoConfig":{},
            "customHeaders":{"x-tenant":"acme"},
            "auth":{"type":"basic","username":"me","password":"mine","insecureSkipVerify":true}})"
    );
    REQUIRE(read.has_value());
    const StoreTarget& target = read->target;
    CHECK(target.url == "http://jaeger:16686/jaeger");
    CHECK(target.transport == StoreTarget::Transport::kHttp);
    CHECK(target.with == StoreTarget::With::kGiven);
    CHECK(target.given.auth_type == "basic");
    CHECK(target.given.username == "me");
    CHECK(target.given.password == "mine");
    CHECK(target.given.insecure_skip_verify);
    CHECK(target.given.custom_headers.at("x-tenant") == "acme");
    CHECK(
        read_check_body(R"({"internalURL":"http://a"})")->target.transport ==
        StoreTarget::Transport::kGrpcThenHttp
    );
}

TEST_CASE("a mask makes all credentials the stored ones", "[diagnose]") {
    const auto* auth = GENERATE(
        R"({"type":"basic","username":"me","password":"xxx"})",
        R"({"type":"bearer","token":"xxx"})",
        R"({"type":"oauth2","oauth2":{"clientSecret":"xxx","tokenURL":"http://evil"}})",
        R"({"type":"none","certFile":"xxx","keyFile":"xxx"})"
    );
    const auto read =
        read_check_body(R"({"internalURL":"http://a","auth":)" + std::string(auth) + "}");
    REQUIRE(read.has_value());
    CHECK(read->target.with == StoreTarget::With::kConfigured);
    CHECK(read->target.given.username.empty());
    CHECK(read->target.given.password.empty());
    const auto header =
        read_check_body(R"({"internalURL":"http://a","customHeaders":{"x-key":"xxx"}})");
    REQUIRE(header.has_value());
    CHECK(header->target.with == StoreTarget::With::kConfigured);
}

TEST_CASE("what must not be tried is refused with the key", "[diagnose]") {
    struct Row {
        const char* body;
        const char* key;
    };
    const Row row = GENERATE(values<Row>({
        {"", "JSON object"},
        {"[]", "JSON object"},
        {"{\"internalURL\":", "JSON object"},
        {"{}", "internalURL"},
        {R"({"internalURL":7})", "internalURL"},
        {R"({"internalURL":"http://a","useGRPC":"yes"})", "useGRPC"},
        {R"({"internalURL":"http://a","auth":[]})", "auth"},
        {R"({"internalURL":"http://a","auth":{"useKialiToken":true}})", "useKialiToken"},
        {R"({"internalURL":"http://a","auth":{"caFile":"/etc/passwd"}})", "caFile"},
        {R"({"internalURL":"http://a","auth":{"certFile":"/a"}})", "certFile"},
        {R"({"internalURL":"http://a","auth":{"keyFile":"/a"}})", "keyFile"},
        {R"({"internalURL":"http://a","auth":{"type":"bearer","token":"/var/token"}})", "auth"},
        {R"({"internalURL":"http://a","auth":{"type":"basic","password":"secret:a:b"}})", "auth"},
        {R"({"internalURL":"http://a","auth":{"type":"bearer","token":"a\r\nb: c"}})", "auth"},
        {R"({"internalURL":"http://a","auth":{"type":"digest"}})", "auth.type"},
        {R"({"internalURL":"http://a","auth":{"type":"oauth2"}})", "auth.type"},
        {R"({"internalURL":"http://a","customHeaders":{"Host":"b"}})", "customHeaders"},
        {R"({"internalURL":"http://a","customHeaders":{"authorization":"b"}})", "customHeaders"},
        {R"({"internalURL":"http://a","customHeaders":{"a b":"c"}})", "customHeaders"},
        {R"({"internalURL":"http://a","customHeaders":{"a":"b\nc: d"}})", "customHeaders"},
        {R"({"internalURL":"http://a","customHeaders":{"a":1}})", "customHeaders"},
    }));
    INFO(row.body);
    const auto read = read_check_body(row.body);
    REQUIRE_FALSE(read.has_value());
    CHECK(read.error().kind() == ErrorKind::kInvalidArgument);
    CHECK(read.error().message().find(row.key) != std::string::npos);
}
