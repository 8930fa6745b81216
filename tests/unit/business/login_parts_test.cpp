#include "business/credential_key.hpp"
#include "business/impersonation.hpp"
#include "business/token_claims.hpp"
#include "core/text.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

namespace meshscope::business {

namespace {

std::string jwt(const std::string& claims) {
    return base64_encode(R"({"alg":"RS256"})") + "." + base64_encode(claims) + ".c2lnbmF0dXJl";
}

}  // namespace

TEST_CASE("tokens: the name a token has for its owner", "[login]") {
    struct Row {
        std::string token;
        std::string name;
    };
    const std::vector<Row> rows{
        {jwt(R"({"sub":"system:serviceaccount:team-a:viewer"})"), "team-a:viewer"},
        {jwt(R"({"sub":"alice@example.org","exp":1})"), "alice@example.org"},
        {jwt(R"({"sub":""})"), "token"},
        {jwt(R"({"sub":"system:serviceaccount:"})"), "token"},
        {jwt(R"({"sub":7})"), "token"},
        {jwt(R"({"sub":"a\nb"})"), "token"},
        {jwt(R"({"sub":"J\u00fcrgen"})"), "token"},
        {jwt(R"({"name":"x"})"), "token"},
        {jwt("no object"), "token"},
        {"a.%%%.c", "token"},
        {"opaque", "token"},
        {"a.b", "token"},
        {"", "token"},
        {jwt("{\"sub\":\"" + std::string(300, 'x') + "\"}"), std::string(256, 'x')},
    };
    for (const Row& row : rows) {
        CAPTURE(row.token);
        CHECK(name_in_token(row.token) == row.name);
    }
}

TEST_CASE("tokens: when a token ends", "[login]") {
    CHECK(expiry_in_token(jwt(R"({"exp":1763683200})")) == from_micros(1'763'683'200'000'000));
    CHECK(expiry_in_token(jwt(R"({"exp":1763683200.75})")) == from_micros(1'763'683'200'000'000));
    CHECK(expiry_in_token(jwt(R"({"exp":-5})")) == from_micros(0));
    CHECK(expiry_in_token(jwt(R"({"exp":1e300})")) == from_micros(253'402'300'799'000'000));
    for (const char* claims : {R"({"exp":"1763683200"})", R"({"exp":null})", "{}", "[]", ""}) {
        CHECK_FALSE(expiry_in_token(jwt(claims)));
    }
    CHECK_FALSE(expiry_in_token("opaque"));
}

TEST_CASE("credentials: keys tell apart what is different and say nothing of it", "[login]") {
    CallerCredentials plain;
    plain.token = "token-of-alice";
    CallerCredentials user = plain;
    user.impersonate_user = "bob";
    CallerCredentials group = user;
    group.impersonate_groups = {"dev"};
    CallerCredentials two = user;
    two.impersonate_groups = {"dev", "ops"};
    CallerCredentials joined = user;
    joined.impersonate_groups = {"devops"};
    CallerCredentials extra = group;
    extra.impersonate_groups = {};
    extra.impersonate_extra = {{"dev", ""}};
    CallerCredentials moved = plain;
    moved.token = "token-of-alicebob";
    CallerCredentials server;
    server.server_account = true;
    const CredentialKeys keys;
    std::set<std::string> seen;
    for (const auto* one : {&plain, &user, &group, &two, &joined, &extra, &moved, &server}) {
        const std::string key = keys.of(*one);
        CHECK(key.size() == 64);
        CHECK(key.find_first_not_of("0123456789abcdef") == std::string::npos);
        CHECK(key == keys.of(*one));
        seen.insert(key);
    }
    CHECK(seen.size() == 8);
    CHECK(CredentialKeys().of(plain) != keys.of(plain));
    CHECK(keys.of_token(plain.token) != keys.of(plain));
}

TEST_CASE("credentials: a random UUID", "[login]") {
    std::set<std::string> seen;
    for (int i = 0; i < 50; ++i) {
        const std::string uuid = random_uuid();
        REQUIRE(uuid.size() == 36);
        CHECK(std::ranges::count(uuid, '-') == 4);
        CHECK(uuid[14] == '4');
        CHECK(std::string("89ab").find(uuid[19]) != std::string::npos);
        seen.insert(uuid);
    }
    CHECK(seen.size() == 50);
}

TEST_CASE("impersonation: checked character by character", "[login]") {
    CallerCredentials good;
    good.impersonate_user = "alice@example.org";
    good.impersonate_groups = {"dev", "team a"};
    good.impersonate_extra = {{"scopes", "read write"}};
    CHECK_FALSE(refuse_impersonation(good));
    CHECK_FALSE(refuse_impersonation({}));

    const std::vector<std::string> bad{
        "system:masters",
        "system:admin",
        "system:",
        "system:serviceaccount:a:b",
        " alice",
        "alice ",
        "al\nice",
        "al\rice",
        "al\tice",
        std::string("al\0ice", 6),
        "al\x7fice",
        "J\xC3\xBCrgen",
        std::string(1025, 'x')
    };
    for (const std::string& name : bad) {
        CAPTURE(name);
        CallerCredentials user = good;
        user.impersonate_user = name;
        REQUIRE(refuse_impersonation(user));
        CHECK(refuse_impersonation(user)->kind() == ErrorKind::kUnauthenticated);
        CallerCredentials group = good;
        group.impersonate_groups.push_back(name);
        CHECK(refuse_impersonation(group));
        if (!name.starts_with("system:")) {
            CallerCredentials extra = good;
            extra.impersonate_extra.emplace_back("scopes", name);
            CHECK(refuse_impersonation(extra));
            extra.impersonate_extra.back() = {name, "x"};
            CHECK(refuse_impersonation(extra));
        }
    }
    CallerCredentials no_user = good;
    no_user.impersonate_user.clear();
    CHECK(refuse_impersonation(no_user));
    no_user.impersonate_groups.clear();
    CHECK(refuse_impersonation(no_user));
    CallerCredentials empty_group = good;
    empty_group.impersonate_groups = {""};
    CHECK(refuse_impersonation(empty_group));
    CallerCredentials many = good;
    many.impersonate_groups.assign(65, "dev");
    CHECK(refuse_impersonation(many));
}

}  // namespace meshscope::business
