#include "clients/http/gzip_decoder.hpp"

#include "clients/http/response_reader.hpp"

#include <catch2/catch.hpp>
#include <zlib.h>

#include <string>

using namespace meshscope::clients;

namespace {

std::string gzip(const std::string& text, bool with_name = false) {
    z_stream stream{};
    deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
    gz_header header{};
    std::string name = "file.json";
    std::string extra = "extra";
    if (with_name) {
        header.name = reinterpret_cast<Bytef*>(name.data());
        header.extra = reinterpret_cast<Bytef*>(extra.data());
        header.extra_len = 5;
        header.hcrc = 1;
        deflateSetHeader(&stream, &header);
    }
    std::string out(deflateBound(&stream, text.size()) + 64, '\0');
    std::string in = text;
    stream.next_in = reinterpret_cast<Bytef*>(in.data());
    stream.avail_in = static_cast<uInt>(in.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

struct Decoded {
    GzipDecoder::Status status = GzipDecoder::Status::kOk;
    bool finished = false;
    std::string text;
};

Decoded decode(
    std::string_view bytes, std::size_t first, std::size_t step, std::size_t limit = 1U << 24U
) {
    GzipDecoder decoder;
    Decoded result;
    for (std::size_t at = 0; at < bytes.size() && result.status == GzipDecoder::Status::kOk;) {
        const std::size_t size = at == 0 ? first : step;
        result.status = decoder.feed(bytes.substr(at, size), result.text, limit);
        at += size;
    }
    result.finished = decoder.finish(result.text);
    return result;
}

const std::string kText = [] {
    std::string text;
    for (int i = 0; i < 50; ++i) {
        text += "{\"traceID\":\"" + std::to_string(i * 7919) + "\"},";
    }
    return text;
}();

}  // namespace

TEST_CASE("a gzip stream is decoded wherever it is split") {
    const std::string bytes =
        GENERATE(gzip(kText), gzip(kText, true), gzip(kText) + gzip("more", true));
    const std::string expected = decode(bytes, bytes.size(), 1).text;
    CHECK(expected.starts_with(kText));
    for (std::size_t split = 1; split <= bytes.size(); ++split) {
        const Decoded result = decode(bytes, split, bytes.size());
        if (result.text != expected || !result.finished) {
            FAIL("split at " << split);
        }
    }
    const Decoded bytewise = decode(bytes, 1, 1);
    CHECK(bytewise.text == expected);
    CHECK(bytewise.finished);
}

TEST_CASE("all members are decoded") {
    const std::string bytes = gzip("one ") + gzip("") + gzip("two");
    CHECK(decode(bytes, bytes.size(), 1).text == "one two");
}

TEST_CASE("a cut stream is not finished at any length") {
    const std::string bytes = gzip(kText);
    for (std::size_t size = 2; size < bytes.size(); ++size) {
        if (decode(std::string_view(bytes).substr(0, size), size, 1).finished) {
            FAIL("cut at " << size);
        }
    }
}

TEST_CASE("a wrong checksum, broken data and garbage behind are corrupt") {
    std::string checksum = gzip(kText);
    checksum[checksum.size() - 6] = static_cast<char>(checksum[checksum.size() - 6] ^ 1);
    CHECK(decode(checksum, checksum.size(), 1).status == GzipDecoder::Status::kCorrupt);
    const std::string reserved_block = gzip("").substr(0, 10) + std::string(20, '\xff');
    CHECK(decode(reserved_block, reserved_block.size(), 1).status == GzipDecoder::Status::kCorrupt);
    const std::string behind = gzip(kText) + "garbage that is no member";
    CHECK(decode(behind, behind.size(), 1).status == GzipDecoder::Status::kCorrupt);
}

TEST_CASE("a bomb stops at the limit") {
    const std::string bomb = gzip(std::string(50'000'000, 'a'));
    REQUIRE(bomb.size() < 100'000);
    const Decoded result = decode(bomb, bomb.size(), 1, 1'000'000);
    CHECK(result.status == GzipDecoder::Status::kTooLarge);
    CHECK(result.text.size() == 1'000'000);
    CHECK(result.text.capacity() < 3'000'000);
}

TEST_CASE("what is no gzip passes through") {
    for (const std::string text : {"plain", "\x1f", "\x1fx", "", "{"}) {
        const Decoded result = decode(text, 1, 1);
        CHECK(result.text == text);
        CHECK(result.finished);
    }
}

TEST_CASE("a response whose gzip body is cut says so, a broken one is refused") {
    const std::string bytes = gzip(kText);
    ResponseExpectation expectation;
    expectation.accept_gzip = true;
    const auto answer = [](std::string_view body) {
        return "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: " +
               std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
    };
    ResponseReader whole(meshscope::clients::HttpLimits{}, expectation);
    CHECK_FALSE(whole.feed(answer(bytes)));
    CHECK(whole.response().body == kText);
    CHECK_FALSE(whole.cut());
    CHECK(whole.body_bytes() == bytes.size());

    ResponseReader cut(meshscope::clients::HttpLimits{}, expectation);
    CHECK_FALSE(cut.feed(answer(bytes.substr(0, bytes.size() - 20))));
    REQUIRE(cut.cut());
    CHECK(cut.cut()->cause == "the gzip body is cut short");

    std::string bad = bytes;
    bad[bad.size() - 6] = static_cast<char>(bad[bad.size() - 6] ^ 1);
    ResponseReader broken(meshscope::clients::HttpLimits{}, expectation);
    const auto fault = broken.feed(answer(bad));
    REQUIRE(fault);
    CHECK(fault->kind == meshscope::ErrorKind::kUpstreamProtocol);
}
