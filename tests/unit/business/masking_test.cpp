#include "business/masking.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace meshscope;
using business::Masker;
using models::Tag;

namespace {

struct Row {
    std::string key;
    std::string value;
    std::string shown;  // equal to value: not sensitive
};

void check(const Masker& masker, const Row& row) {
    CAPTURE(row.key, row.value);
    const Tag tag = Tag::string(row.key, row.value);
    CHECK(masker.masked_text(tag) == row.shown);
    CHECK(masker.sensitive(tag) == (row.shown != row.value));
}

}  // namespace

TEST_CASE("values of sensitive names are hidden whole", "[masking]") {
    const Masker masker;
    const std::vector<std::string> keys{
        "authorization",
        "Authorization",
        "proxy-authorization",
        "cookie",
        "set-cookie",
        "x-api-key",
        "X_API_KEY",
        "password",
        "access_token",
        "http.request.header.authorization",
        "http.request.header.x_api_key",
        "http.request.header.X-Api-Key",
        "http.response.header.set-cookie",
        "rpc.grpc.request.metadata.authorization",
        "db.password",
        "db.connection_string",
    };
    for (const std::string& key : keys) {
        check(masker, {key, "Basic dXNlcjpwYXNz", "xxx"});
        check(masker, {key, R"(["Bearer a.b.c","d"])", "xxx"});
        CHECK(masker.sensitive(Tag::integer(key, 1234)) == (key != "db.connection_string"));
        CHECK_FALSE(masker.sensitive(Tag::boolean(key, true)));
    }
    CHECK(masker.masked_text(Tag::integer("password", 1234)) == "xxx");
    CHECK(masker.masked_text(Tag::binary("cookie", "\x01\x02")) == "xxx");
}

TEST_CASE("names that only look alike stay", "[masking]") {
    const Masker masker;
    const std::vector<std::string> keys{
        "istio.authorization.dry_run.allow_policy.name",
        "authorization.policy",
        "cookies",
        "cookie_count",
        "x-api-keys",
        "http.status_code",
        "code",
        "rpc.grpc.status_code",
        "status.code",
        "sig",
        "session",
        "auth",
        "passwords.count",
        "secretary",
        "token_bucket",
        "header",
        "guid:x-request-id",
        "",
        ".",
        "k8s.pod.name",
    };
    for (const std::string& key : keys) {
        check(masker, {key, "value-of-it", "value-of-it"});
        CHECK_FALSE(masker.sensitive(Tag::integer(key, 7)));
        CHECK_FALSE(masker.sensitive(Tag::number(key, 7.5)));
    }
}

TEST_CASE("a URL loses only its secrets", "[masking]") {
    const Masker masker;
    const std::vector<Row> rows{
        {"http.url", "http://a/b?access_token=s3cret", "http://a/b?access_token=xxx"},
        {"url.full", "http://a/b?x=1&token=s3&y=2", "http://a/b?x=1&token=xxx&y=2"},
        {"http.target", "/b?API_KEY=s3#top", "/b?API_KEY=xxx#top"},
        {"url.query", "token=s3&x=1", "token=xxx&x=1"},
        {"url.query", "x=1&sig=s3", "x=1&sig=xxx"},
        {"url.full", "/cb?code=s3&state=x", "/cb?code=xxx&state=x"},
        {"url.full",
         "https://a/#access_token=s3&expires_in=1",
         "https://a/#access_token=xxx&expires_in=1"},
        {"url.full", "http://joe:s3@a/b", "http://xxx@a/b"},
        {"url.full", "http://s3@a/b?token=s4", "http://xxx@a/b?token=xxx"},
        {"url.full", "http://j:s3@x@a:80/b", "http://xxx@a:80/b"},
        {"url.full", "http://j:a=b@h/?password=c=d&e=f", "http://xxx@h/?password=xxx&e=f"},
        {"url.full", "http://a/?%74oken=s3", "http://a/?%74oken=xxx"},
        {"url.full", "http://a/?user%5Bpassword%5D=s3", "http://a/?user%5Bpassword%5D=xxx"},
        {"url.full", "http://a/?login[password]=s3&x=1", "http://a/?login[password]=xxx&x=1"},
        {"url.full", "http://a/?next=https%3A%2F%2Fb%2F%3Ftoken%3Ds3&x=1", "http://a/?next=xxx&x=1"
        },
        {"url.full", "http://a/?next=https%3A%2F%2Fj%3As3%40b%2F", "http://a/?next=xxx"},
        {"url.full", "http://a/?token=a,b;c)d'e&x=1", "http://a/?token=xxx&x=1"},
        {"peer.service", "amqp://guest:guest@mq:5672/", "amqp://xxx@mq:5672/"},
        {"error",
         "Get \"http://a/?api_key=s3\": dial tcp",
         "Get \"http://a/?api_key=xxx\": dial tcp"},
        {"message", "connect password=s3 host=a failed", "connect password=xxx host=a failed"},
        {"message", "two: http://j:s3@a http://k:s4@b", "two: http://xxx@a http://xxx@b"},
        {"db.dsn", "Server=a;Password=s3;Timeout=5", "Server=a;Password=xxx;Timeout=5"},
        {"error",
         "upstream said: Authorization: Bearer s3cr.et",
         "upstream said: Authorization: Bearer xxx"},
        {"message", "bearer s3 sent to http://j:s4@a", "bearer xxx sent to http://xxx@a"},
        {"message", "password=s3 Bearer s4== x=1", "password=xxx Bearer xxx x=1"},
        {"urls",
         R"(["http://a/?sig=s3","http://b/?sig=s4"])",
         R"(["http://a/?sig=xxx","http://b/?sig=xxx"])"},
    };
    for (const Row& row : rows) {
        check(masker, row);
        CAPTURE(row.value);
        if (row.key != "url.query") {
            CHECK(masker.masked_text(row.value) == row.shown);
            CHECK(masker.sensitive_text(row.value));
        }
        // What is hidden stays as it is when it comes by again.
        CHECK(masker.masked_text(Tag::string(row.key, row.shown)) == row.shown);
    }
}

TEST_CASE("texts that only look like secrets stay", "[masking]") {
    const Masker masker;
    const std::vector<std::string> values{
        "http://details.bookinfo:9080/details/0",
        "http://a/?tokens=1&codec=x&sigma=2&q=token",
        "http://a/token/x?x=token",
        "http://a/?token=",
        "code=503 reason=timeout",
        "rpc error: code = Unavailable desc = closed",
        "joe@example.org wrote password",
        "http://a/b@c?x=joe@example.org",
        "outbound|9080||reviews.bookinfo.svc.cluster.local",
        "a=b&c=d",
        "the bearer token is missing, use Bearer authentication",
        "By=spiffe://cluster.local/ns/a/sa/b;Hash=c0ffee",
        "=",
        "@",
        "://",
        "?=&=",
        "%",
        "?a=%zz",
        "",
    };
    for (const std::string& value : values) {
        check(masker, {"http.url", value, value});
        CHECK_FALSE(masker.sensitive_text(value));
    }
}

TEST_CASE("a bag of headers is hidden when it names one that is secret", "[masking]") {
    const Masker masker;
    check(
        masker,
        {"http.request.headers", R"({"Accept":["*/*"],"Authorization":["Bearer x"]})", "xxx"}
    );
    check(masker, {"headers", "accept: a\ncookie: b", "xxx"});
    check(masker, {"http.request.headers", R"({"Accept":["*/*"]})", R"({"Accept":["*/*"]})"});
    check(masker, {"rpc.metadata", "x-cookie-policy: none", "x-cookie-policy: none"});
}

TEST_CASE("configured names hold for attributes, headers and parameters", "[masking]") {
    const std::vector<std::string> extra{" X-Tenant-Pin ", "card.number", "", std::string(80, 'k')};
    const Masker masker(extra);
    check(masker, {"x-tenant-pin", "1", "xxx"});
    check(masker, {"http.request.header.x_tenant_pin", "1", "xxx"});
    check(masker, {"url.full", "/a?x-tenant-pin=1&b=2", "/a?x-tenant-pin=xxx&b=2"});
    check(masker, {"card.number", "4111", "xxx"});
    check(masker, {"card.numbers", "4111", "4111"});
    check(masker, {"number", "4111", "4111"});
    check(masker, {std::string(80, 'K'), "v", "xxx"});
    check(masker, {std::string(81, 'k'), "v", "v"});
    CHECK(masker.sensitive(Tag::integer("card.number", 4111)));
    check(masker, {"authorization", "a", "xxx"});
    check(Masker(), {"x-tenant-pin", "1", "1"});
}

TEST_CASE("long hostile texts take linear time", "[masking]") {
    const Masker masker;
    const std::size_t size = 1 << 18;
    const auto repeated = [&](std::string_view piece) {
        std::string out;
        while (out.size() < size) {
            out += piece;
        }
        return out;
    };
    for (const std::string_view piece :
         {"@",
          "=",
          "://",
          "a=b",
          "bearer ",
          "bearer a ",
          " ",
          "://@",
          "a=%3D",
          "?a=%2540&",
          "?token=b&",
          "://a@"}) {
        const std::string text = repeated(piece);
        CAPTURE(piece);
        const std::string shown = masker.masked_text(text);
        CHECK(shown.size() > 3);
        CHECK(masker.sensitive_text(text) == (shown != text));
    }
}
