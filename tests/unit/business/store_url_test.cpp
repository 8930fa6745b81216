#include "business/store_url.hpp"

#include <catch2/catch.hpp>

using namespace meshscope;
using business::read_store_url;

TEST_CASE("URLs of stores are read and written back", "[explain]") {
    struct Row {
        const char* text;
        const char* again;  // null: refused
    };
    const Row row = GENERATE(values<Row>({
        {"http://tracing.istio-system:16685/jaeger", "http://tracing.istio-system:16685/jaeger"},
        {" HTTPS://Jaeger/ ", "https://jaeger"},
        {"http://jaeger//", "http://jaeger"},
        {"http://[::1]:16686/a/b/", "http://[::1]:16686/a/b"},
        {"http://user:secret@jaeger:80/x", "http://jaeger:80/x"},
        {"http://jaeger:", "http://jaeger"},
        {"jaeger:16686", nullptr},
        {"ftp://jaeger", nullptr},
        {"http://", nullptr},
        {"http:///path", nullptr},
        {"http://jaeger:0", nullptr},
        {"http://jaeger:65536", nullptr},
        {"http://jaeger:80x", nullptr},
        {"http://[::1", nullptr},
        {"http://[::1]x", nullptr},
        {"http://jaeger/?q", nullptr},
        {"http://jaeger/#f", nullptr},
        {"http://jaeger\\@other", nullptr},
        {"http://ja eger", nullptr},
        {"http://jaeger\n", "http://jaeger"},
        {"", nullptr},
    }));
    INFO(row.text);
    const auto url = read_store_url(row.text);
    REQUIRE(url.has_value() == (row.again != nullptr));
    if (url) {
        CHECK(url->to_string() == row.again);
    }
}

TEST_CASE("a place is scheme, host and port, as given or by default", "[explain]") {
    const auto url = [](const char* text) { return *read_store_url(text); };
    CHECK(url("http://a").same_place(url("http://A:80/other")));
    CHECK(url("https://a:443").same_place(url("https://a")));
    CHECK_FALSE(url("http://a:443").same_place(url("https://a")));
    CHECK_FALSE(url("http://a").same_place(url("http://b")));
    CHECK_FALSE(url("http://a:81").same_place(url("http://a")));
}
