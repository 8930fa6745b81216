#include "server/chunk_decoder.hpp"
#include "tests/support/raw_client.hpp"
#include "tests/unit/server/test_server.hpp"

#include <catch2/catch.hpp>

namespace meshscope::test {
namespace {

using namespace std::string_literals;

struct Row {
    std::string name;
    std::string bytes;
    unsigned status;
};

std::string with(const std::string& fields) {
    return "GET /hello HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n";
}
std::string post(const std::string& fields, const std::string& body) {
    return "POST /echo HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n" + body;
}
const std::string kChunked = "Transfer-Encoding: chunked\r\n";

std::vector<Row> transfer_rows() {
    return {
        {"gzip coding", post("Transfer-Encoding: gzip\r\n", ""), 400},
        {"gzip before chunked", post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), 400},
        {"chunked twice in one field", post("Transfer-Encoding: chunked, chunked\r\n", ""), 400},
        {"two coding fields", post(kChunked + kChunked, "0\r\n\r\n"), 400},
        {"identity", post("Transfer-Encoding: identity\r\n", ""), 400},
        {"chunked with a parameter", post("Transfer-Encoding: chunked;q=1\r\n", ""), 400},
        {"empty coding", post("Transfer-Encoding: \r\n", ""), 400},
        {"quoted chunked", post("Transfer-Encoding: \"chunked\"\r\n", ""), 400},
        {"vertical tab around chunked", post("Transfer-Encoding: \vchunked\r\n", ""), 400},
        {"chunked in HTTP/1.0", "POST /echo HTTP/1.0\r\n" + kChunked + "\r\n0\r\n\r\n", 400},
        {"length, then chunked", post("Content-Length: 5\r\n" + kChunked, "0\r\n\r\n"), 400},
        {"chunked, then length", post(kChunked + "Content-Length: 5\r\n", "0\r\n\r\n"), 400},
        {"two different lengths", post("Content-Length: 5\r\nContent-Length: 6\r\n", "hello"), 400},
        {"the same length twice", post("Content-Length: 5\r\nContent-Length: 5\r\n", "hello"), 400},
        {"a list of lengths", post("Content-Length: 5, 5\r\n", "hello"), 400},
        {"negative length", post("Content-Length: -1\r\n", ""), 400},
        {"length with a plus", post("Content-Length: +5\r\n", "hello"), 400},
        {"hexadecimal length", post("Content-Length: 0x5\r\n", "hello"), 400},
        {"length with a space inside", post("Content-Length: 5 5\r\n", "hello"), 400},
        {"empty length", post("Content-Length:\r\n", ""), 400},
        {"length beyond 64 bits", post("Content-Length: 18446744073709551617\r\n", "x"), 400},
    };
}

std::string spread_extensions() {
    std::string chunks;
    for (int i = 0; i < 100; ++i) {
        chunks += "1;name=value\r\nx\r\n";
    }
    return chunks + "0\r\n\r\n";
}

std::vector<Row> chunk_rows() {
    return {
        {"no chunk size", post(kChunked, "\r\nhello\r\n0\r\n\r\n"), 400},
        {"chunk size with a prefix", post(kChunked, "0x5\r\nhello\r\n0\r\n\r\n"), 400},
        {"negative chunk size", post(kChunked, "-5\r\nhello\r\n0\r\n\r\n"), 400},
        {"space before the chunk size", post(kChunked, " 5\r\nhello\r\n0\r\n\r\n"), 400},
        {"chunk size of 17 digits", post(kChunked, "00000000000000005\r\nhello\r\n0\r\n\r\n"), 400},
        {"chunk size that wraps", post(kChunked, "ffffffffffffffff1\r\nhello\r\n"), 400},
        {"chunk longer than its size", post(kChunked, "3\r\nhello\r\n0\r\n\r\n"), 400},
        {"chunk size ended by LF", post(kChunked, "5\nhello\r\n0\r\n\r\n"), 400},
        {"chunk data ended by LF", post(kChunked, "5\r\nhello\n0\r\n\r\n"), 400},
        {"control character in an extension", post(kChunked, "5;a=\x01\r\nhello\r\n0\r\n\r\n"), 400
        },
        {"endless extension", post(kChunked, "5;" + std::string(300, 'a') + "\r\n"), 400},
        {"quote left open in an extension", post(kChunked, "5;a=\"\r\nhello\r\n0\r\n\r\n"), 400},
        {"escape in an extension", post(kChunked, "5;a=\"\\\"\"\r\nhello\r\n0\r\n\r\n"), 400},
        {"extensions without end, over many chunks", post(kChunked, spread_extensions()), 400},
        {"folded trailer", post(kChunked, "0\r\nA: b\r\n c\r\n\r\n"), 400},
        {"space before the colon in the trailer", post(kChunked, "0\r\nA : b\r\n\r\n"), 400},
        {"trailer without a colon", post(kChunked, "0\r\nnonsense\r\n\r\n"), 400},
        {"bare CR in the trailer", post(kChunked, "0\r\nA: b\rc\r\n\r\n"), 400},
        {"endless trailer", post(kChunked, "0\r\nA: " + std::string(9000, 'a') + "\r\n\r\n"), 400},
    };
}

std::vector<Row> head_rows() {
    return {
        {"no Host", "GET /hello HTTP/1.1\r\n\r\n", 400},
        {"two Hosts", with("Host: h\r\n"), 400},
        {"two Hosts in HTTP/1.0", "GET /hello HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", 400},
        {"empty Host", "GET /hello HTTP/1.1\r\nHost:\r\n\r\n", 400},
        {"Host with a path", "GET /hello HTTP/1.1\r\nHost: h/x\r\n\r\n", 400},
        {"Host with userinfo", "GET /hello HTTP/1.1\r\nHost: a@h\r\n\r\n", 400},
        {"Host with a space", "GET /hello HTTP/1.1\r\nHost: a b\r\n\r\n", 400},
        {"folded field", with("A: b\r\n c\r\n"), 400},
        {"field folded with a tab", with("A: b\r\n\tc\r\n"), 400},
        {"first field folded", "GET /hello HTTP/1.1\r\n Host: h\r\n\r\n", 400},
        {"field ended by LF", "GET /hello HTTP/1.1\r\nHost: h\nA: b\r\n\r\n", 400},
        {"all lines ended by LF", "GET /hello HTTP/1.1\nHost: h\n\n", 400},
        {"bare CR in a value", with("A: b\rc\r\n"), 400},
        {"CR CR LF", with("A: b\r\r\n"), 400},
        {"NUL in a value", with("A: b\0c\r\n"s), 400},
        {"NUL in a name", with("A\0: b\r\n"s), 400},
        {"escape in a value", with("A: \x1b[0m\r\n"), 400},
        {"delete in a value", with("A: \x7f\r\n"), 400},
        {"space before the colon", with("A : b\r\n"), 400},
        {"tab before the colon", with("A\t: b\r\n"), 400},
        {"space in a name", with("A B: c\r\n"), 400},
        {"empty name", with(": b\r\n"), 400},
        {"no colon", with("nonsense\r\n"), 400},
        {"name beyond ASCII", with("\xC3\xA4: b\r\n"), 400},
        {"smuggled coding", with("Transfer-Encoding : chunked\r\n"), 400},
        {"Connection that is no list", with("Connection: a b\r\n"), 400},
        {"unknown expectation", with("Expect: the-unexpected\r\n"), 417},
    };
}

std::vector<Row> request_line_rows() {
    return {
        {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
        {"HTTP/1.2", "GET /hello HTTP/1.2\r\nHost: h\r\n\r\n", 505},
        {"HTTP/3.0", "GET /hello HTTP/3.0\r\nHost: h\r\n\r\n", 505},
        {"HTTP/0.9", "GET /hello\r\n\r\n", 400},
        {"lower-case version", "GET /hello http/1.1\r\nHost: h\r\n\r\n", 400},
        {"version with two digits", "GET /hello HTTP/1.10\r\nHost: h\r\n\r\n", 400},
        {"two spaces", "GET  /hello HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        {"space in the target", "GET /a b HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        {"tab for a space", "GET\t/hello\tHTTP/1.1\r\nHost: h\r\n\r\n", 400},
        {"trailing space", "GET /hello HTTP/1.1 \r\nHost: h\r\n\r\n", 400},
        {"leading space", " GET /hello HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        {"control character in the target", "GET /a\x01 HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        {"NUL in the target", "GET /a\0 HTTP/1.1\r\nHost: h\r\n\r\n"s, 400},
        {"bytes beyond ASCII in the target", "GET /\xC3\xA4 HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        {"fragment in the target", "GET /hello#x HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        {"method that is no token", "G@T /hello HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        {"two empty lines first", "\r\n\r\nGET /hello HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        {"TLS hello", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"s, 400},
        {"rubbish without a line", std::string(8, '\xff'), 400},
    };
}

void check_rows(const std::vector<Row>& rows) {
    TestServer server;
    for (const Row& row : rows) {
        INFO(row.name);
        RawClient client(server.port());
        REQUIRE(client.send(row.bytes + get_request("/items/smuggled")));
        const auto response = client.receive();
        REQUIRE(response);
        CHECK(response->status == row.status);
        CHECK(response->header("connection") == "close");
        CHECK(response->header("content-type") == "application/json");
        CHECK(response->body.find("\"error\":") != std::string::npos);
        CHECK(response->header("x-request-id").size() == 32);
        // What follows on the connection is not taken for a request.
        CHECK(client.read_all().empty());
    }
    CHECK(server.handled() == 0);
}

TEST_CASE("bytes that could be framed in two ways are refused: lengths and codings", "[framing]") {
    check_rows(transfer_rows());
}
TEST_CASE("bytes that could be framed in two ways are refused: chunks", "[framing]") {
    check_rows(chunk_rows());
}
TEST_CASE("bytes that could be framed in two ways are refused: fields", "[framing]") {
    check_rows(head_rows());
}
TEST_CASE("bytes that could be framed in two ways are refused: request lines", "[framing]") {
    check_rows(request_line_rows());
}

TEST_CASE("what strictness must not refuse", "[framing]") {
    TestServer server;
    const std::vector<Row> rows{
        {"one empty line first", "\r\nGET /hello HTTP/1.1\r\nHost: h\r\n\r\n", 200},
        {"no white space after the colon", "GET /hello HTTP/1.1\r\nHost:h\r\n\r\n", 200},
        {"tabs around a value", with("A:\t b \t\r\n"), 200},
        {"an empty value", with("A:\r\n"), 200},
        {"bytes beyond ASCII in a value", with("A: \xC3\xA4\r\n"), 200},
        {"IPv6 Host with a port", "GET /hello HTTP/1.1\r\nHost: [::1]:20001\r\n\r\n", 200},
        {"absolute form", "GET http://other:80/hello?x=1 HTTP/1.1\r\nHost: h\r\n\r\n", 200},
        {"absolute form without a path", "GET http://other HTTP/1.1\r\nHost: h\r\n\r\n", 200},
        {"no Host in HTTP/1.0", "GET /hello HTTP/1.0\r\n\r\n", 200},
        {"Content-Length: 0", post("Content-Length: 0\r\n", ""), 200},
        {"upper-case coding", post("transfer-encoding: CHUNKED\r\n", "0\r\n\r\n"), 200},
        {"upper-case chunk size", post(kChunked, "A\r\n0123456789\r\n0\r\n\r\n"), 200},
        {"quoted chunk extension", post(kChunked, "1;a=\"b c\"\r\nx\r\n0\r\n\r\n"), 200},
        {"GET with a body", "GET /hello HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nok", 200},
        {"empty Connection members", with("Connection: , keep-alive,\r\n"), 200},
    };
    for (const Row& row : rows) {
        INFO(row.name);
        RawClient client(server.port());
        const auto response = client.ask(row.bytes);
        REQUIRE(response);
        CHECK(response->status == row.status);
    }
}

TEST_CASE("targets that are no path of ours", "[framing]") {
    TestServer server;
    for (const std::string target :
         {"*",
          "host:443",
          "ftp://h/hello",
          "hello",
          "http:///hello",
          "/..",
          "/a/../hello",
          "/./hello",
          "/%2e%2e/hello",
          "/a/%2E%2e/b",
          "/items/..%2Fx",
          "/items/a%00b",
          "/items/%0a",
          "/items/%7f",
          "/items/%",
          "/items/%2",
          "/items/%zz"}) {
        INFO(target);
        RawClient client(server.port());
        const auto response = client.ask("GET " + target + " HTTP/1.1\r\nHost: h\r\n\r\n");
        REQUIRE(response);
        CHECK(response->status == 400);
        CHECK(response->body.find("bad_target") != std::string::npos);
        // The framing was sound, so the connection may go on.
        CHECK(client.ask(get_request("/hello"))->status == 200);
    }
    CHECK(fetch(server.port(), get_request("/items/a..b"))->body == "a..b");
    CHECK(fetch(server.port(), get_request("/items/..."))->body == "...");
}

TEST_CASE("the chunk decoder takes exactly the message, at every cut", "[framing]") {
    const std::string message = "3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nT: u\r\n\r\n";
    const std::string bytes = message + "GET";
    for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
        server::ChunkDecoder decoder(5);
        std::string body;
        std::size_t taken = decoder.take(std::string_view(bytes).substr(0, cut), body);
        taken += decoder.take(std::string_view(bytes).substr(taken), body);
        CHECK(taken == message.size());
        CHECK(decoder.done());
        CHECK(body == "abcde");
    }
}

TEST_CASE("a last chunk may come byte by byte", "[framing]") {
    TestServer server;
    RawClient client(server.port());
    for (const char c : post(kChunked, "0\r\n\r\n")) {
        REQUIRE(client.send(std::string(1, c)));
    }
    CHECK(client.receive()->status == 200);
}

}  // namespace
}  // namespace meshscope::test
