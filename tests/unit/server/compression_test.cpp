#include "server/content_coding.hpp"
#include "tests/support/raw_client.hpp"
#include "tests/unit/server/test_server.hpp"

#include <catch2/catch.hpp>
#include <zlib.h>
#include <zstd.h>

namespace meshscope::test {
namespace {

using server::choose_coding;
using server::ContentCoding;

// zlib is another implementation than the one that packs.
std::string gunzip(const std::string& packed) {
    z_stream stream{};
    REQUIRE(inflateInit2(&stream, 15 + 16) == Z_OK);
    std::string input = packed;
    stream.next_in = reinterpret_cast<Bytef*>(input.data());
    stream.avail_in = static_cast<uInt>(input.size());
    std::string out;
    int state = Z_OK;
    while (state == Z_OK) {
        const std::size_t size = out.size();
        out.resize(size + 65536);
        stream.next_out = reinterpret_cast<Bytef*>(out.data() + size);
        stream.avail_out = 65536;
        state = inflate(&stream, Z_NO_FLUSH);
        out.resize(size + 65536 - stream.avail_out);
    }
    CHECK(state == Z_STREAM_END);
    CHECK(stream.avail_in == 0);
    inflateEnd(&stream);
    return out;
}

std::string unzstd(const std::string& packed) {
    ZSTD_DCtx* context = ZSTD_createDCtx();
    ZSTD_inBuffer in{packed.data(), packed.size(), 0};
    std::string out;
    std::size_t left = 1;
    while (in.pos < in.size) {
        const std::size_t size = out.size();
        out.resize(size + 65536);
        ZSTD_outBuffer to{out.data() + size, 65536, 0};
        left = ZSTD_decompressStream(context, &to, &in);
        out.resize(size + to.pos);
        if (ZSTD_isError(left) != 0) {
            break;
        }
    }
    ZSTD_freeDCtx(context);
    CHECK(left == 0);
    return out;
}

std::string unpack(const RawResponse& response) {
    const std::string coding = response.header("content-encoding");
    return coding == "gzip"   ? gunzip(response.body)
           : coding == "zstd" ? unzstd(response.body)
                              : response.body;
}

TEST_CASE("Accept-Encoding is read with its q-values", "[coding]") {
    struct Row {
        std::string accept;
        ContentCoding expected;
    };
    const std::vector<Row> rows{
        {"", ContentCoding::kIdentity},
        {"gzip", ContentCoding::kGzip},
        {"GZip", ContentCoding::kGzip},
        {"x-gzip", ContentCoding::kGzip},
        {"gzip, deflate, br, zstd", ContentCoding::kZstd},
        {"gzip;q=1.0, zstd;q=0.5", ContentCoding::kGzip},
        {"zstd;q=0.5, gzip;q=0.5", ContentCoding::kZstd},
        {"gzip;q=0", ContentCoding::kIdentity},
        {"zstd;q=0, gzip", ContentCoding::kGzip},
        {"zstd;q=0.000, *", ContentCoding::kGzip},
        {"*", ContentCoding::kZstd},
        {"*;q=0", ContentCoding::kIdentity},
        {"identity", ContentCoding::kIdentity},
        {"identity, gzip;q=0.5", ContentCoding::kIdentity},
        {"identity;q=0.5, gzip;q=1", ContentCoding::kGzip},
        {"br", ContentCoding::kIdentity},
        {"gzip ; Q = 0.3", ContentCoding::kGzip},
        {"gzip;q=2", ContentCoding::kIdentity},
        {"gzip;q=-1", ContentCoding::kIdentity},
        {"gzip;q=0.1234", ContentCoding::kIdentity},
        {"gzip;q=", ContentCoding::kIdentity},
        {"gzip;level=9", ContentCoding::kIdentity},
        {",, gzip ,", ContentCoding::kGzip},
    };
    for (const Row& row : rows) {
        INFO(row.accept);
        CHECK(choose_coding(row.accept) == row.expected);
    }
}

TEST_CASE("encoders give the text back, whatever the pieces", "[coding]") {
    const std::string text = sample_text(400'000);
    for (const ContentCoding coding : {ContentCoding::kGzip, ContentCoding::kZstd}) {
        for (const std::size_t piece : {std::size_t{1000}, std::size_t{65'536}, text.size()}) {
            const auto encoder = server::make_encoder(coding);
            std::string packed;
            for (std::size_t at = 0; at < text.size(); at += piece) {
                encoder->write(
                    std::string_view(text).substr(at, piece), at + piece >= text.size(), packed
                );
            }
            CHECK(packed.size() < text.size() / 3);
            CHECK((coding == ContentCoding::kGzip ? gunzip(packed) : unzstd(packed)) == text);
        }
    }
}

TEST_CASE("an abandoned encoder leaves nothing behind for the next", "[coding]") {
    for (const ContentCoding coding : {ContentCoding::kGzip, ContentCoding::kZstd}) {
        std::string dropped;
        server::make_encoder(coding)->write(sample_text(100'000), false, dropped);
        std::string packed;
        server::make_encoder(coding)->write("after", true, packed);
        CHECK((coding == ContentCoding::kGzip ? gunzip(packed) : unzstd(packed)) == "after");
    }
}

TEST_CASE("bodies are compressed when the client takes it and it pays", "[coding]") {
    TestServer server;
    struct Row {
        std::string path;
        std::string accept;
        std::string coding;
        bool vary;
    };
    const std::vector<Row> rows{
        {"/text/1399", "gzip", "", false},
        {"/text/1400", "gzip", "gzip", true},
        {"/text/1400", "", "", true},
        {"/text/1400", "br", "", true},
        {"/text/60000", "zstd, gzip", "zstd", true},
        {"/text/3000000", "gzip", "gzip", true},
        {"/text/3000000", "zstd", "zstd", true},
        {"/stream/100", "gzip", "", false},
        {"/stream/2000", "gzip", "gzip", true},
        {"/stream/3000000", "gzip", "gzip", true},
        {"/stream/3000000", "zstd", "zstd", true},
        {"/stream/3000000", "", "", true},
    };
    for (const Row& row : rows) {
        INFO(row.path << " " << row.accept);
        const std::string field =
            row.accept.empty() ? "" : "Accept-Encoding: " + row.accept + "\r\n";
        const auto response = fetch(server.port(), get_request(row.path, field));
        REQUIRE(response);
        CHECK(response->header("content-encoding") == row.coding);
        CHECK((response->header("vary") == "Accept-Encoding") == row.vary);
        const auto size =
            static_cast<std::size_t>(std::stoul(row.path.substr(row.path.rfind('/') + 1)));
        CHECK(unpack(*response) == sample_text(size));
    }
}

TEST_CASE("HTTP/1.0 gets no chunks, compressed or not", "[coding]") {
    TestServer server;
    const auto whole =
        fetch(server.port(), "GET /text/300000 HTTP/1.0\r\nAccept-Encoding: gzip\r\n\r\n");
    REQUIRE(whole);
    CHECK_FALSE(whole->chunked);
    CHECK(unpack(*whole) == sample_text(300'000));
    const auto streamed =
        fetch(server.port(), "GET /stream/300000 HTTP/1.0\r\nAccept-Encoding: gzip\r\n\r\n");
    REQUIRE(streamed);
    CHECK_FALSE(streamed->chunked);
    CHECK(unpack(*streamed) == sample_text(300'000));
}

TEST_CASE("compression can be switched off, and spares what does not shrink", "[coding]") {
    TestServer server([](server::ServerOptions& options) { options.compression = false; });
    const auto response =
        fetch(server.port(), get_request("/text/5000", "Accept-Encoding: gzip\r\n"));
    CHECK_FALSE(response->has("content-encoding"));
    CHECK_FALSE(response->has("vary"));

    CHECK(server::is_compressible("application/json"));
    CHECK(server::is_compressible("Text/JavaScript; charset=utf-8"));
    CHECK(server::is_compressible("image/svg+xml"));
    CHECK_FALSE(server::is_compressible("image/png"));
    CHECK_FALSE(server::is_compressible("font/woff2"));
    CHECK_FALSE(server::is_compressible("text/event-stream"));
    CHECK_FALSE(server::is_compressible(""));
}

}  // namespace
}  // namespace meshscope::test
