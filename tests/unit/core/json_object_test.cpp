#include "core/json_object.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace meshscope;

TEST_CASE("json object: texts, numbers, and objects in it", "[json]") {
    const auto object = JsonObject::parse(
        R"( {"sub":"a:b","exp":1763683200,"half":-1.5e1,"in":{"k":["v",{}]},"t":true,"n":null} )"
    );
    REQUIRE(object);
    CHECK(object->text("sub").value_or("") == "a:b");
    CHECK(object->number("exp").value_or(0) == 1'763'683'200);
    CHECK(object->number("half").value_or(0) == -15);
    REQUIRE(object->object("in"));
    CHECK(object->object("in")->members().size() == 1);
    CHECK(object->object("in")->members()[0].value == R"(["v",{}])");
    CHECK(object->members().size() == 6);
    for (const char* name : {"exp", "in", "t", "n", "none", ""}) {
        CHECK_FALSE(object->text(name));
    }
    for (const char* name : {"sub", "in", "t", "none"}) {
        CHECK_FALSE(object->number(name));
        CHECK((name == std::string("in") || !object->object(name)));
    }
    CHECK(JsonObject::parse("{}")->members().empty());
    CHECK(JsonObject::parse(R"({"a":"1","a":"2"})")->text("a").value_or("") == "2");
}

TEST_CASE("json object: escapes", "[json]") {
    struct Row {
        std::string written;
        std::string meant;
    };
    const std::vector<Row> rows{
        {R"(\"\\\/\b\f\n\r\t)", "\"\\/\b\f\n\r\t"},
        {R"(\u0041\u00e9\u20AC)", "A\xC3\xA9\xE2\x82\xAC"},
        {R"(\ud83d\ude00)", "\xF0\x9F\x98\x80"},
        {R"(\ud83d)", "\xEF\xBF\xBD"},
        {R"(\ude00x)", "\xEF\xBF\xBDx"},
        {R"(\ud83d\u0041)",
         "\xEF\xBF\xBD"
         "A"},
        {R"(\u0000)", std::string(1, '\0')},
        {"\xC3\xA9", "\xC3\xA9"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.written);
        const auto object = JsonObject::parse("{\"k\":\"" + row.written + "\"}");
        REQUIRE(object);
        CHECK(object->text("k").value_or("") == row.meant);
    }
}

TEST_CASE("json object: what is not exactly one object is none", "[json]") {
    const std::vector<std::string> rows{
        "",
        "null",
        "[]",
        "\"a\"",
        "{",
        "{}{}",
        "{} x",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{,}",
        "{a:1}",
        "{'a':1}",
        "{\"a\":01}",
        "{\"a\":1.}",
        "{\"a\":.5}",
        "{\"a\":+1}",
        "{\"a\":-}",
        "{\"a\":1e}",
        "{\"a\":tru}",
        "{\"a\":[1,]}",
        "{\"a\":[1}",
        "{\"a\":\"b}",
        "{\"a\":\"\\x\"}",
        "{\"a\":\"\\u12\"}",
        "{\"a\":\"\\u12g4\"}",
        "{\"a\":\"\\ud83d\\u\"}",
        "{\"a\":\"\n\"}",
        "{\"a\":\"\xff\"}",
        std::string("{\"a\":1\0}", 8),
    };
    for (const std::string& row : rows) {
        CAPTURE(row);
        CHECK_FALSE(JsonObject::parse(row));
    }
    CHECK_FALSE(JsonObject::parse(R"({"a":1e999})")->number("a"));
    const auto nested = [](int depth) {
        std::string text = "{\"a\":";
        text.append(static_cast<std::size_t>(depth), '[');
        text.append(static_cast<std::size_t>(depth), ']');
        return text + "}";
    };
    CHECK(JsonObject::parse(nested(31)));
    CHECK_FALSE(JsonObject::parse(nested(33)));
    CHECK_FALSE(JsonObject::parse(nested(100'000)));
    const std::string whole = R"({"a":"\u00e9","b":[1,{"c":-2.5e3}],"d":true})";
    for (std::size_t size = 0; size < whole.size(); ++size) {
        CHECK_FALSE(JsonObject::parse(whole.substr(0, size)));
    }
}
