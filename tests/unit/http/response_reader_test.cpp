#include "clients/http/response_reader.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace meshscope;
using namespace meshscope::clients;

namespace {

Fault closed() {
    Fault fault;
    fault.cause = "the server closed the connection";
    return fault;
}

struct Row {
    std::string name;
    std::string bytes;
    std::string outcome;  // the body, or "cut: " and the body, or "fault: " and part of the cause
    bool reusable = false;
    bool no_body = false;
};

std::string with_length(std::string_view length_lines, std::string_view body) {
    return "HTTP/1.1 200 OK\r\n" + std::string(length_lines) + "\r\n" + std::string(body);
}

std::string chunked(std::string_view chunks) {
    return with_length("Transfer-Encoding: chunked\r\n", chunks);
}

std::vector<Row> rows() {
    const std::string fields = [] {
        std::string all;
        for (int i = 0; i < 201; ++i) {
            all += "A: b\r\n";
        }
        return all;
    }();
    return {
        {"length", with_length("Content-Length: 4\r\n", "body"), "body", true},
        {"same length twice",
         with_length("Content-Length: 4\r\nContent-Length: 4\r\n", "body"),
         "body",
         true},
        {"empty", with_length("Content-Length: 0\r\n", ""), "", true},
        {"to the end", with_length("", "body"), "body", false},
        {"204", "HTTP/1.1 204 No Content\r\n\r\n", "", true},
        {"304 with a length", "HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\n", "", true},
        {"HEAD", with_length("Content-Length: 4\r\n", ""), "", false, true},
        {"chunks", chunked("4\r\nbody\r\n3;x=\"y\"\r\n!!!\r\n0\r\n\r\n"), "body!!!", true},
        {"trailers", chunked("4\r\nbody\r\n0\r\nT: 1\r\n\r\n"), "body", true},
        {"no chunk but the last", chunked("0\r\n\r\n"), "", true},
        {"interim answers",
         "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" +
             with_length("Content-Length: 1\r\n", "b"),
         "b",
         true},
        {"surplus", with_length("Content-Length: 2\r\n", "body"), "bo", false},
        {"close", with_length("Connection: close\r\nContent-Length: 4\r\n", "body"), "body", false},
        {"1.0", "HTTP/1.0 200 OK\r\nContent-Length: 4\r\n\r\nbody", "body", false},
        {"cut by length", with_length("Content-Length: 9\r\n", "body"), "cut: body"},
        {"last chunk missing", chunked("4\r\nbody\r\n"), "cut: body"},
        {"cut in a chunk", chunked("9\r\nbody"), "cut: body"},
        {"both lengths",
         with_length(
             "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", "4\r\nbody\r\n0\r\n\r\n"
         ),
         "fault: contradicts"},
        {"both, other order",
         with_length(
             "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", "4\r\nbody\r\n0\r\n\r\n"
         ),
         "fault: contradicts"},
        {"two lengths",
         with_length("Content-Length: 4\r\nContent-Length: 5\r\n", "body!"),
         "fault: contradicts"},
        {"two lengths in one",
         with_length("Content-Length: 4, 5\r\n", "body!"),
         "fault: contradicts"},
        {"negative length", with_length("Content-Length: -1\r\n", "body"), "fault: contradicts"},
        {"huge length",
         with_length("Content-Length: 99999999999999999999\r\n", "body"),
         "fault: contradicts"},
        {"gzip transfer coding",
         with_length("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"),
         "fault: transfer encoding"},
        {"unknown transfer coding",
         with_length("Transfer-Encoding: identity\r\n", "body"),
         "fault: transfer encoding"},
        {"chunked twice",
         with_length("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
         "fault: contradicts"},
        {"chunked in 1.0",
         "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
         "fault: contradicts"},
        {"bad chunk size", chunked("xyz\r\nbody\r\n0\r\n\r\n"), "fault: chunks"},
        {"chunk longer than said", chunked("2\r\nbody\r\n0\r\n\r\n"), "fault: chunks"},
        {"endless chunk header", chunked("1;" + std::string(20000, 'x')), "fault: chunks"},
        {"unasked encoding",
         with_length("Content-Encoding: br\r\nContent-Length: 4\r\n", "body"),
         "fault: 'br' was not asked"},
        {"too many fields", with_length(fields, ""), "fault: too many header fields"},
        {"huge header",
         with_length("A: " + std::string(70000, 'x') + "\r\n", ""),
         "fault: header is too large"},
        {"upgrade", "HTTP/1.1 101 Switching Protocols\r\n\r\nx", "fault: switches protocols"},
        {"other version", "HTTP/3.0 200 OK\r\n\r\n", "fault: "},
        {"not HTTP", "SSH-2.0-OpenSSH_9\r\n", "fault: not HTTP"},
        {"header without name", "HTTP/1.1 200 OK\r\n: x\r\n\r\n", "fault: broken"},
        {"cut header", "HTTP/1.1 200 OK\r\nA: b\r\n", "fault: closed the connection"},
        {"cut after one byte", "H", "fault: closed the connection"},
        {"nothing", "", "fault: closed the connection"},
        {"HTTP/2 settings",
         std::string("\0\0\x12\4\0\0\0\0\0\0\3\0\0\0\x64", 15),
         "fault: gRPC port"},
        {"HTTP/2 settings, cut", std::string("\0\0\0\4", 4), "fault: gRPC port"},
        {"TLS alert", "\x15\x03\x03\x00\x02\x02\x46", "fault: speaks TLS"},
    };
}

std::string outcome_of(const Row& row, std::size_t first, std::size_t step, bool& reusable) {
    ResponseExpectation expectation;
    expectation.no_body = row.no_body;
    ResponseReader reader(HttpLimits{}, expectation);
    std::optional<Fault> fault;
    for (std::size_t at = 0; at < row.bytes.size() && !fault && !reader.done();) {
        const std::size_t size = at == 0 ? first : step;
        fault = reader.feed(std::string_view(row.bytes).substr(at, size));
        at += size;
    }
    if (!fault && !reader.done()) {
        fault = reader.end(true, closed());
    }
    reusable = !fault && reader.reusable();
    if (fault) {
        return "fault: " + fault->cause;
    }
    return (reader.cut() ? "cut: " : "") + reader.response().body;
}

bool fits(const std::string& outcome, const std::string& expected) {
    return expected.starts_with("fault: ")
               ? outcome.starts_with("fault: ") &&
                     outcome.find(expected.substr(7)) != std::string::npos
               : outcome == expected;
}

}  // namespace

TEST_CASE("responses, each whole, in single bytes, and split at every offset") {
    for (const Row& row : rows()) {
        INFO(row.name);
        bool reusable = false;
        const std::string whole = outcome_of(row, row.bytes.size(), 1, reusable);
        INFO(whole);
        CHECK(fits(whole, row.outcome));
        CHECK(reusable == row.reusable);
        CHECK(fits(outcome_of(row, 1, 1, reusable), row.outcome));
        const std::size_t most = std::min<std::size_t>(row.bytes.size(), 300);
        for (std::size_t split = 1; split < most; ++split) {
            const std::string outcome = outcome_of(row, split, row.bytes.size(), reusable);
            if (!fits(outcome, row.outcome)) {
                FAIL_CHECK("split at " << split << ": " << outcome);
            }
        }
    }
}

TEST_CASE("header names are lower-case, values are trimmed, doubles are kept") {
    ResponseReader reader(HttpLimits{}, {});
    CHECK_FALSE(
        reader.feed("HTTP/1.1 200 OK\r\nX-Some:  Value \r\nx-some: 2\r\nContent-Length: 0\r\n\r\n")
    );
    REQUIRE(reader.done());
    const auto& headers = reader.response().headers;
    REQUIRE(headers.size() == 3);
    CHECK(headers[0] == std::pair<std::string, std::string>("x-some", "Value"));
    CHECK(reader.response().header("x-some") == "Value");
    CHECK(reader.response().header("absent").empty());
}

TEST_CASE("the body is reserved to its length and padded, but not beyond the limit") {
    HttpLimits limits;
    limits.max_body_bytes = 1000;
    ResponseReader reader(limits, {});
    CHECK_FALSE(reader.feed("HTTP/1.1 200 OK\r\nContent-Length: 900000000\r\n\r\nx"));
    CHECK(reader.response().body.capacity() >= 1000 + 64);
    CHECK(reader.response().body.capacity() < 100'000);
    CHECK_FALSE(reader.feed(std::string(5000, 'y')));
    CHECK(reader.done());
    CHECK(reader.response().body.size() == 1000);
    REQUIRE(reader.cut());
    CHECK(reader.cut()->kind == ErrorKind::kTooLarge);
    CHECK(reader.cut()->known == Cause::kReceiveLimit);
    CHECK_FALSE(reader.reusable());
}

TEST_CASE("an endless row of interim answers is refused") {
    ResponseReader reader(HttpLimits{}, {});
    std::optional<Fault> fault;
    for (int i = 0; i < 100 && !fault; ++i) {
        fault = reader.feed("HTTP/1.1 102 Processing\r\n\r\n");
    }
    CHECK(fault);
}
