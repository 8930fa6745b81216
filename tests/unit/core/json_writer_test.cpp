#include "core/json_writer.hpp"

#include "core/flat_json.hpp"
#include "core/json_text.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <string>

using meshscope::append_json_string;
using meshscope::JsonWriter;

namespace {

std::string quoted(std::string_view text) {
    std::string out;
    append_json_string(out, text);
    return out;
}

}  // namespace

TEST_CASE("JSON strings escape what must not stand in a page or a string", "[json]") {
    CHECK(quoted("a\"b\\c\n\t\r") == R"("a\"b\\c\n\t\r")");
    CHECK(quoted("<b>&") == "\"\\u003cb\\u003e\\u0026\"");
    CHECK(quoted(std::string("\0\x1f", 2)) == "\"\\u0000\\u001f\"");
    CHECK(quoted("\xE2\x80\xA8\xE2\x80\xA9") == "\"\\u2028\\u2029\"");
    CHECK(quoted("caf\xC3\xA9 \xF0\x9F\x98\x80") == "\"caf\xC3\xA9 \xF0\x9F\x98\x80\"");
}

TEST_CASE("JSON strings replace bytes that are no UTF-8", "[json]") {
    CHECK(quoted("a\xFFz") == "\"a\xEF\xBF\xBDz\"");
    CHECK(quoted("\xED\xA0\x80") == "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");
    CHECK(quoted("\xC0\x80") == "\"\xEF\xBF\xBD\xEF\xBF\xBD\"");
    CHECK(quoted("\xF0\x9F\x98") == "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");
}

TEST_CASE("JSON strings are the same at every length and offset", "[json]") {
    for (std::size_t length = 0; length < 70; ++length) {
        for (std::size_t at = 0; at < length; ++at) {
            std::string text(length, 'x');
            text[at] = '"';
            std::string expected = text;
            expected.insert(at, 1, '\\');
            REQUIRE(quoted(text) == '"' + expected + '"');
        }
    }
}

TEST_CASE("JSON writer places commas and prints numbers without loss", "[json]") {
    std::string out;
    JsonWriter json(out);
    json.begin_object().field("a", 1).field("b", true).key("c").begin_array();
    json.number(0.1).number(std::nan("")).number(-std::numeric_limits<double>::infinity());
    json.safe_integer(9007199254740991).safe_integer(9007199254740993).null().end_array();
    json.key("d").begin_object().end_object().field("e", "x").end_object();
    CHECK(
        out ==
        R"({"a":1,"b":true,"c":[0.1,"NaN","-Infinity",9007199254740991,"9007199254740993",null],"d":{},"e":"x"})"
    );
}

TEST_CASE("text written into memory is what the writer writes", "[json]") {
    const std::string pieces[] = {
        "a",
        "plain text ",
        "\"",
        "\\",
        "<",
        ">",
        "&",
        "\n",
        std::string(1, '\0'),
        "\x1f",
        "\x7f",
        "~",
        " ",
        "\xC3\xA9",
        "\xE2\x80\xA8",
        "\xFF",
        "\xF0\x9F\x98\x80",
        "\xF0\x9F",
        "0123456789abcdef"
    };
    std::string text;
    for (std::size_t i = 0; i < 400; ++i) {
        text += pieces[i * 7 % 19];
        const std::string tail = text.substr(text.size() > 45 ? text.size() - 45 : 0);
        for (std::size_t from = 0; from < tail.size(); ++from) {
            const std::string part = tail.substr(from);
            std::string memory(meshscope::json_text_bound(part.size()), '?');
            const char* const begin = memory.data();
            const char* const end = meshscope::write_json_text(memory.data(), part);
            const std::string written(begin, end);
            REQUIRE('"' + written + '"' == quoted(part));
        }
    }
}

TEST_CASE("flat JSON is what was put in, however long it grows", "[json]") {
    meshscope::FlatJson json;
    for (int round = 0; round < 2; ++round) {
        json.clear();
        json.literal(R"({"a":)");
        json.string(std::string(9'000, '"'));
        json.literal(R"(,"b":)");
        json.integer(std::numeric_limits<std::int64_t>::min());
        json.raw("}");
        std::string expected = R"({"a":")";
        for (int i = 0; i < 9'000; ++i) {
            expected += "\\\"";
        }
        CHECK(json.view() == expected + R"(","b":-9223372036854775808})");
    }
}
