#include "server/sealed_cookies.hpp"

#include "core/text.hpp"
#include "server/sealed_text.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <set>
#include <string>
#include <vector>

namespace meshscope::server::test {
namespace {

constexpr std::string_view kHex = "0123456789abcdef0123456789abcdef";
const SystemTime kExpires = from_micros(1'787'303'700'000'000);  // 2026-08-21T09:15:00Z
constexpr std::size_t kOverhead = 28;                            // nonce and tag

std::string key_of(std::size_t size, char last = 'f') {
    std::string key(kHex.substr(0, size));
    key.back() = last;
    return key;
}

SealedCookies cookies_with(std::vector<std::string> keys) {
    CookieOptions options;
    options.name = "kiali-token-Kubernetes";
    options.count_name = "kiali-token-chunks-Kubernetes";
    options.path = "/kiali";
    return {std::move(options), [keys = std::move(keys)] { return keys; }};
}

// What a browser keeps: values by name, without those that have ended.
struct Jar {
    std::map<std::string, std::string> values;
    std::vector<std::string> lines;  // of the last answer

    void take(const Response& response) {
        lines.clear();
        for (const auto& [name, line] : response.headers.items()) {
            REQUIRE(name == "Set-Cookie");
            lines.push_back(line);
            const std::size_t equals = line.find('=');
            const std::string cookie = line.substr(0, equals);
            if (line.find("; Max-Age=0;") != std::string::npos) {
                values.erase(cookie);
            } else {
                values[cookie] = line.substr(equals + 1, line.find(';') - equals - 1);
            }
        }
    }
    [[nodiscard]] Request request() const {
        std::string header = "theme=dark";
        for (const auto& [name, value] : values) {
            header.append("; ").append(name).append("=").append(value);
        }
        Request request;
        request.headers.add("Cookie", header);
        return request;
    }
    [[nodiscard]] std::set<std::string> names() const {
        std::set<std::string> all;
        for (const auto& [name, value] : values) {
            all.insert(name);
        }
        return all;
    }
};

void log_in(Jar& jar, const SealedCookies& cookies, std::string_view text) {
    Response response;
    REQUIRE(cookies.seal(jar.request(), text, kExpires, false, response).has_value());
    jar.take(response);
}

Request with_cookie(std::string header) {
    Request request;
    request.headers.add("cookie", std::move(header));
    return request;
}

// Longest text whose base64 has at most that many characters.
std::size_t text_for(std::size_t characters) { return characters / 4 * 3 - kOverhead; }

}  // namespace

TEST_CASE("sealed cookies: sessions that were written elsewhere open, by each length of key") {
    struct Row {
        std::size_t key;
        std::string sealed;
    };
    const std::vector<Row> rows{
        {16,
         "AAECAwQFBgcICQoLhh2ncWsHT1OaBD04i+7SSHK5Mo5iwGhnVQySg4bZzh8Reb3U0tyo9VwKl6ZT"
         "X2x1U1szHwFLc0ZYi6RGNxOmJt8vnW0xq2ia8YHF+b1FOvFtliFObDsDcsYjr4EhsavJ2lh6YKCs"
         "saH3KgPNcu6hwe5tarE+o2FMBlqqZUF2DdmgJDYlIRZ5WxRNru2XwZ7E5DcgOH03GztDANZeZu+4"
         "MSsJrT7jFgPjdA=="},
        {24,
         "AAECAwQFBgcICQoL1DnBX+yBNJpuqikj8vP+bYCXXGAssZjRgfAmzyAgZVRsBWSSs/yrYtXIhaUH"
         "Yvzkt101u9uMYnnQg04a0B9+9ngok5HnF95Rfd96fU5L1HPG6QwOVDooXLSlWkjSzWxBvoiZRR4O"
         "uH8b9nvDdSo+iziDhVxWoeR13VFP7uGFtOvSkScDqh2nNjO+8x9Sp6gn5b7zWkDgqUGHgSEL4QCb"
         "2I0bInRwOmmbIw=="},
        {32,
         "AAECAwQFBgcICQoLVsfYEKxrpsna/kucOrqzYZRmZvNZz1anArnDxNFXyffyxRQka4cnIqcIi2T3"
         "nvJuHNKnwD2KpfJyYRhsbHpmEsJjABMMWHnfMgItc9tLLkwmqu5SNwiWl+nfKZbGbal31PUt7rvO"
         "rHUr2FMrow3h8Aebok7biJUA1ZukUV8XAlImRu4FDpaSubypmy9+sqUjFKPTMjzcmWV3oIxJSVRh"
         "sCx7R2rfSegqdg=="},
    };
    const std::string text =
        R"({"cluster":"Kubernetes","expiresOn":"2026-08-21T09:15:00Z","payload":{"token":"t"},)"
        R"("sessionId":"8e6f6a2c-0d8f-4b52-9d4e-0a3f5b1c7d10","strategy":"token"})";
    for (const Row& row : rows) {
        CAPTURE(row.key);
        const SealedCookies cookies = cookies_with({std::string(kHex.substr(0, row.key))});
        const std::string unpadded = row.sealed.substr(0, row.sealed.find('='));
        for (const std::string& value : {row.sealed, unpadded, '"' + row.sealed + '"'}) {
            const auto opened = cookies.open(with_cookie("kiali-token-Kubernetes=" + value));
            REQUIRE(opened.has_value());
            CHECK(opened->value_or("") == text);
        }
        for (const std::size_t other : {16U, 24U, 32U}) {
            const SealedCookies stranger = cookies_with({key_of(other, 'x')});
            const auto refused = stranger.open(with_cookie("kiali-token-Kubernetes=" + row.sealed));
            REQUIRE(refused.has_error());
            CHECK(refused.error().kind() == ErrorKind::kUnauthenticated);
        }
    }
}

TEST_CASE("sealed cookies: what a cookie says beside its value") {
    Jar jar;
    const SealedCookies cookies = cookies_with({key_of(32)});
    Response response;
    REQUIRE(cookies.seal(jar.request(), "text", kExpires, true, response).has_value());
    jar.take(response);
    REQUIRE(jar.lines.size() == 1);
    const std::string attributes =
        "; Path=/kiali; Expires=Fri, 21 Aug 2026 09:15:00 GMT; HttpOnly; Secure; SameSite=Strict";
    CHECK(jar.lines[0].substr(jar.lines[0].find(';')) == attributes);
    Response plain;
    REQUIRE(cookies.seal(jar.request(), "text", kExpires, false, plain).has_value());
    CHECK(plain.headers.get("Set-Cookie")->find("Secure") == std::string_view::npos);

    Response ended;
    cookies.clear(jar.request(), true, ended);
    CHECK(
        ended.headers.get("Set-Cookie").value_or("") ==
        "kiali-token-Kubernetes=; Path=/kiali; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; "
        "HttpOnly; Secure; SameSite=Strict"
    );
    Response nothing;
    cookies.clear(with_cookie("theme=dark"), true, nothing);
    CHECK(nothing.headers.items().empty());
}

TEST_CASE("sealed cookies: parts of 3584 characters, counted when there is more than one") {
    const SealedCookies cookies = cookies_with({key_of(16)});
    struct Row {
        std::size_t text;
        std::size_t parts;
        std::size_t last;  // characters of the last one
    };
    const std::vector<Row> rows{
        {0, 1, 40},
        {text_for(3584), 1, 3584},
        {text_for(3584) + 1, 2, 4},
        {text_for(3584) - 1, 1, 3584},
        {text_for(2 * 3584), 2, 3584},
        {text_for(2 * 3584) + 1, 3, 4},
        {text_for(180 * 3584), 180, 3584},
    };
    for (const Row& row : rows) {
        CAPTURE(row.text);
        Jar jar;
        const std::string text(row.text, 'x');
        log_in(jar, cookies, text);
        std::set<std::string> names{"kiali-token-Kubernetes"};
        for (std::size_t i = 1; i < row.parts; ++i) {
            names.insert("kiali-token-Kubernetes-" + std::to_string(i));
        }
        const std::string last = row.parts == 1
                                     ? "kiali-token-Kubernetes"
                                     : "kiali-token-Kubernetes-" + std::to_string(row.parts - 1);
        CHECK(jar.values[last].size() == row.last);
        if (row.parts > 1) {
            names.insert("kiali-token-chunks-Kubernetes");
            CHECK(jar.values["kiali-token-chunks-Kubernetes"] == std::to_string(row.parts));
        }
        CHECK(jar.names() == names);
        const auto opened = cookies.open(jar.request());
        REQUIRE(opened.has_value());
        CHECK(**opened == text);
    }
    Response response;
    const auto refused = cookies.seal(
        Request{}, std::string(text_for(180 * 3584) + 1, 'x'), kExpires, false, response
    );
    REQUIRE(refused.has_error());
    CHECK(refused.error().kind() == ErrorKind::kTooLarge);
    CHECK(response.headers.items().empty());
}

TEST_CASE("sealed cookies: a shorter session leaves nothing of a longer one behind") {
    const SealedCookies cookies = cookies_with({key_of(16)});
    Jar jar;
    log_in(jar, cookies, std::string(20'000, 'l'));
    CHECK(jar.values.size() > 5);
    log_in(jar, cookies, std::string(text_for(2 * 3584), 'm'));
    CHECK(jar.values.size() == 3);
    CHECK(**cookies.open(jar.request()) == std::string(text_for(2 * 3584), 'm'));
    log_in(jar, cookies, "short");
    CHECK(jar.names() == std::set<std::string>{"kiali-token-Kubernetes"});
    CHECK(**cookies.open(jar.request()) == "short");
}

TEST_CASE("sealed cookies: a count that an older session left behind does not matter") {
    const SealedCookies cookies = cookies_with({key_of(16)});
    Jar jar;
    log_in(jar, cookies, "short");
    for (const char* count : {"2", "0", "1", "181", "-1", "x", ""}) {
        jar.values["kiali-token-chunks-Kubernetes"] = count;
        jar.values["kiali-token-Kubernetes-1"] = "b2xk";
        const auto opened = cookies.open(jar.request());
        REQUIRE(opened.has_value());
        CHECK(**opened == "short");
    }
}

TEST_CASE("sealed cookies: what was changed, cut, swapped or miscounted does not open") {
    const SealedCookies cookies = cookies_with({key_of(32)});
    Jar jar;
    log_in(jar, cookies, std::string(9'000, 'x'));
    const std::string base = "kiali-token-Kubernetes";
    const std::string count = "kiali-token-chunks-Kubernetes";
    const auto refused = [&](const Jar& changed) {
        const auto opened = cookies.open(changed.request());
        return opened.has_error() && opened.error().kind() == ErrorKind::kUnauthenticated;
    };
    REQUIRE(jar.values.size() == 5);
    for (const char* wrong : {"0", "1", "2", "3", "5", "180", "181", "04", "+4", "4x", "", "-4"}) {
        CAPTURE(wrong);
        Jar changed = jar;
        changed.values[count] = wrong;
        CHECK(refused(changed));
    }
    for (const std::string& gone : {count, base + "-1", base + "-3"}) {
        Jar changed = jar;
        changed.values.erase(gone);
        CHECK(refused(changed));
    }
    Jar swapped = jar;
    std::swap(swapped.values[base + "-1"], swapped.values[base + "-2"]);
    CHECK(refused(swapped));
    for (const std::size_t at : {0U, 11U, 16U, 3583U}) {  // nonce, text
        Jar changed = jar;
        char& letter = changed.values[base][at];
        letter = letter == 'A' ? 'B' : 'A';
        CHECK(refused(changed));
    }
    Jar tag = jar;
    char& letter = tag.values[base + "-3"][tag.values[base + "-3"].size() - 8];
    letter = letter == 'A' ? 'B' : 'A';
    CHECK(refused(tag));
    for (const char* value : {"x", "AAAA", "%%%", "c2hvcnQ="}) {
        CHECK(cookies.open(with_cookie(base + "=" + value)).has_error());
    }
}

TEST_CASE("sealed cookies: no cookie is no error") {
    const SealedCookies cookies = cookies_with({key_of(32)});
    for (const char* header :
         {"", "theme=dark", "kiali-token-Kubernetes=", "kiali-token=x", ";;=;"}) {
        const auto opened = cookies.open(with_cookie(header));
        REQUIRE(opened.has_value());
        CHECK_FALSE(opened->has_value());
    }
    CHECK_FALSE(cookies.open(Request{})->has_value());
}

TEST_CASE("sealed cookies: keys are replaced with overlap, and asked for at each use") {
    std::vector<std::string> keys{key_of(16)};
    CookieOptions options;
    options.name = "s";
    options.count_name = "c";
    const SealedCookies cookies(options, [&keys] { return keys; });
    Jar jar;
    log_in(jar, cookies, "text");
    keys = {key_of(32), "useless", key_of(16)};
    CHECK(**cookies.open(jar.request()) == "text");
    log_in(jar, cookies, "newer");
    keys = {key_of(16)};
    CHECK(cookies.open(jar.request()).has_error());  // the first key seals
    keys = {key_of(32)};
    CHECK(**cookies.open(jar.request()) == "newer");
    for (const std::vector<std::string>& none : {std::vector<std::string>{}, {"kiali"}}) {
        keys = none;
        CHECK(cookies.open(jar.request()).has_error());
        Response response;
        const auto refused = cookies.seal(jar.request(), "text", kExpires, false, response);
        REQUIRE(refused.has_error());
        CHECK(refused.error().hint().setting == "login_token.signing_key");
        CHECK(response.headers.items().empty());
    }
}

TEST_CASE("sealed cookies: the same text is never sealed alike") {
    std::set<std::string> seen;
    for (int i = 0; i < 100; ++i) {
        seen.insert(*seal_text(key_of(16), "text"));
    }
    CHECK(seen.size() == 100);
}

TEST_CASE("sealed cookies: cookies of others at the same address stay") {
    const SealedCookies cookies = cookies_with({key_of(32)});
    Jar jar;
    const std::vector<std::string> others{
        "kiali-token-Kubernetes2",
        "kiali-token-Kubernetes-b",
        "kiali-token-Kubernetes-",
        "kiali-token-Kubernetes-180",
        "kiali-token-Kubernetes-0",
        "kiali-token-east",
        "kiali-token-chunks-Kubernete",
        "kiali-token-nonce-Kubernetes"
    };
    for (const std::string& other : others) {
        jar.values[other] = "theirs";
    }
    log_in(jar, cookies, std::string(9'000, 'x'));
    CHECK(jar.values.size() == others.size() + 5);
    Response response;
    cookies.clear(jar.request(), false, response);
    jar.take(response);
    CHECK(jar.names() == std::set<std::string>(others.begin(), others.end()));
}

TEST_CASE("cookies of a request: every header, in order, the first of a name first") {
    Request request;
    request.headers.add("Cookie", "a=1;b=\"2\"; c = 3 ;d;=e; f=");
    request.headers.add("Accept", "g=4");
    request.headers.add("cookie", "a=5; h=i=j==");
    using Pairs = std::vector<std::pair<std::string_view, std::string_view>>;
    CHECK(
        cookies_of(request) ==
        Pairs{{"a", "1"}, {"b", "2"}, {"c", "3"}, {"f", ""}, {"a", "5"}, {"h", "i=j=="}}
    );
    const SealedCookies cookies = cookies_with({key_of(32)});
    Jar jar;
    log_in(jar, cookies, "text");
    Request twice = jar.request();  // a longer path's cookie comes first
    twice.headers.add("Cookie", "kiali-token-Kubernetes=AAAA");
    CHECK(**cookies.open(twice) == "text");
}

}  // namespace meshscope::server::test
