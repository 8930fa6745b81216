#include "config/mask.hpp"

#include "config/describe.hpp"
#include "config/effective.hpp"
#include "config/reference.hpp"
#include "core/text.hpp"
#include "tests/unit/config/loading.hpp"

#include <catch2/catch.hpp>

#include <random>
#include <string>
#include <vector>

using namespace meshscope::config;
using meshscope::Result;
using meshscope::config::test::contains;
using meshscope::config::test::error_of;
using meshscope::config::test::joined;

namespace {

std::string random_marker() {
    std::random_device random;
    return "MARK" + std::to_string(random()) + std::to_string(random());
}

// A dotted path as nested flow maps, without the braces of the outermost; list items are "name[]".
std::string nested(const std::string& path, const std::string& value) {
    const std::size_t dot = path.find('.');
    if (dot == std::string::npos) {
        return path + ": " + value;
    }
    std::string name = path.substr(0, dot);
    const std::string inner = "{" + nested(path.substr(dot + 1), value) + "}";
    if (name.ends_with("[]")) {
        name.resize(name.size() - 2);
        return name + ": [" + inner + "]";
    }
    return name + ": " + inner;
}

std::vector<KeyRow> secret_keys() {
    std::vector<KeyRow> rows = all_keys();
    std::erase_if(rows, [](const KeyRow& row) { return !row.is_secret; });
    return rows;
}

// Everything that load and dump say about a text.
std::string everything_said(const std::string& yaml) {
    const Result<Loaded> loaded = load_text(yaml, {.mount_root = "/nowhere"});
    if (loaded.has_error()) {
        return loaded.error().message() + loaded.error().detail() + loaded.error().log_detail() +
               loaded.error().hint().advice;
    }
    return joined(loaded->warnings) + joined(loaded->deprecations) + effective_yaml(loaded->config);
}

}  // namespace

TEST_CASE("what URLs hold that is secret") {
    struct Row {
        const char* text;
        const char* expected;
    };
    const Row rows[] = {
        {"http://user:pass@host/path", "http://xxx@host/path"},
        {"http://user@host", "http://xxx@host"},
        {"http://user:p@ss@host", "http://xxx@host"},
        {"http://user:pa/ss@host/x", "http://xxx@host/x"},
        {"http://user:pa#ss@host", "http://xxx@host"},
        {"user:pass@host:16685", "xxx@host:16685"},
        {"a http://u:p@h b https://v:q@i c", "a http://xxx@h b https://xxx@i c"},
        {"http://host:80/a@b", "http://host:80/a@b"},
        {"http://host/?q=a@b", "http://host/?q=a@b"},
        {"http://[::1]:80/a@b", "http://[::1]:80/a@b"},
        {"http://host", "http://host"},
        {"me@example.org", "me@example.org"},
        {"rt > 1000", "rt > 1000"},
        {"http://host/ready?token=t", "http://host/ready?token=xxx"},
        {"http://host/?orgId=1&API-Key=a/b=c#x", "http://host/?orgId=1&API-Key=xxx#x"},
        {"http://u:p@host/?a=b&sig=s&c=d e?auth=f", "http://xxx@host/?a=b&sig=xxx&c=d e?auth=xxx"},
        {"http://host/?signal=a&encode=b&keyless", "http://host/?signal=a&encode=b&keyless"},
        {"http://host/?token=", "http://host/?token=xxx"},
        {"", ""},
        {"://", "://"},
    };
    for (const Row& row : rows) {
        CHECK(mask_urls(row.text) == row.expected);
    }
}

TEST_CASE("every secret of the key table is hidden") {
    const std::vector<KeyRow> keys = secret_keys();
    // Seven in each of five auth blocks, three maps of headers, five more.
    CHECK(keys.size() == 5 * 7 + 3 + 5);
    for (const char* expected :
         {"external_services.tracing.auth.password",
          "external_services.tracing.auth.oauth2.client_secret",
          "external_services.tracing.auth.oauth2.client_id",
          "external_services.tracing.custom_headers",
          "external_services.custom_dashboards.prometheus.auth.token",
          "login_token.signing_key",
          "identity.private_key_file",
          "auth.openid.client_id",
          "auth.openid.api_proxy_ca_data"}) {
        INFO(expected);
        CHECK(std::any_of(keys.begin(), keys.end(), [&](const KeyRow& row) {
            return row.path == expected;
        }));
    }
    const std::string marker = random_marker();
    for (const KeyRow& row : keys) {
        const bool is_map = row.type == "map of strings";
        INFO(row.path);
        for (const std::string& value : {
                 marker,
                 "'" + marker + " with blanks'",
                 "/" + marker,
                 "'secret:" + marker.substr(0, 4) + ":x:y'",
                 "{" + marker + ": " + marker + "}",
                 "{a: " + marker + "}",
                 "[" + marker + "]",
                 "{a: [" + marker + "]}",
                 "[[" + marker + "]]",
                 "!!binary '" + marker + "%'",
                 "{a: \"" + marker + "\\n\"}",
                 "'" + marker,
             }) {
            for (const char* strategy : {"anonymous", "token"}) {
                const std::string said = everything_said(
                    nested(row.path, value) + "\nauth: {strategy: " + strategy +
                    "}\nexternal_services: {tracing: {enabled: true}}\n"
                );
                INFO(value << "\n" << said);
                // Names of headers are shown; a path that cannot be read is named in one warning
                // only.
                const bool names_only = is_map && contains(value, "{" + marker);
                const bool path_only =
                    contains(value, "/" + marker) && row.path == "login_token.signing_key";
                if (!names_only && !path_only) {
                    CHECK_FALSE(contains(said, marker));
                }
            }
        }
    }
}

TEST_CASE("a set secret is shown as set") {
    const Result<Loaded> loaded = test::load(
        "external_services: {tracing: {custom_headers: {X-Tenant: blue}, auth: {password: "
        "hunter2}}}"
    );
    REQUIRE(loaded.has_value());
    const std::string dump = effective_yaml(loaded->config);
    CHECK(contains(dump, "    custom_headers:\n      X-Tenant: xxx\n"));
    CHECK(contains(dump, "      password: xxx\n      token: ''\n"));
}

TEST_CASE("userinfo is hidden in every text of the dump and in every message") {
    const std::string marker = random_marker();
    const std::string url = "'http://user:" + marker + "@host/x'";
    for (const KeyRow& row : all_keys()) {
        if (row.mark >= Mark::kRetired || row.path.find('*') != std::string::npos) {
            continue;
        }
        std::string value = url;
        if (row.type == "list of strings") {
            value = "[" + url + "]";
        } else if (row.type == "map of strings") {
            value = "{a: " + url + "}";
        }
        const std::string said = everything_said(nested(row.path, value) + "\n");
        const std::string anonymous =
            everything_said(nested(row.path, value) + "\nauth: {strategy: anonymous}\n");
        INFO(row.path << "\n" << anonymous);
        CHECK_FALSE(contains(said, marker));
        CHECK_FALSE(contains(anonymous, marker));
    }
}

TEST_CASE("malformed text is not quoted in its error") {
    const std::string marker = random_marker();
    for (const std::string& yaml :
         {"password: *" + marker + "\n",
          "password: '" + marker + "\n",
          "password: @" + marker + "\n",
          "password: " + marker + ": b: c\n",
          "password: {" + marker + "\n",
          "password: !<" + marker + "\n",
          "password: \"\\q" + marker + "\"\n",
          "password: >" + marker + "\n",
          "%" + marker + "\n",
          "- " + marker + "\n",
          marker + "\n"}) {
        INFO(yaml);
        CHECK_FALSE(contains(everything_said(yaml), marker));
    }
}
