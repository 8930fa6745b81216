// What an upstream sends: the client's reader must take the same response out of the bytes whole
// and cut into pieces, handed out at once or piece by piece, and keep its bounds. The first byte
// says what was asked ('0' + bits: no body, gzip accepted, over TLS).
#include "clients/http/response_reader.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace meshscope::clients;

constexpr std::size_t kMaxBody = 200'000;
constexpr std::size_t kNever = ~std::size_t{0};

void require(bool condition) {
    if (!condition) {
        std::abort();
    }
}

ResponseExpectation expectation_of(char asked, std::size_t stream_above) {
    ResponseExpectation expectation;
    expectation.stream_above = stream_above;
    expectation.no_body = (asked & 1) != 0;
    expectation.accept_gzip = (asked & 2) != 0;
    expectation.over_tls = (asked & 4) != 0;
    return expectation;
}

// Whether more has come behind the response depends on the pieces, so reusable() is left out; so is
// what exactly is wrong with a header that is both broken and cut.
std::string describe(
    ResponseReader& reader, const std::string& body, const std::optional<Fault>& fault
) {
    if (fault) {
        return "fault";
    }
    std::string text = reader.cut() ? "cut: " + reader.cut()->cause : "whole";
    const HttpResponse& response = reader.response();
    text += "\n" + std::to_string(response.status);
    for (const auto& [name, value] : response.headers) {
        text += "\n" + name + ":" + value;
    }
    return text + "\n\n" + body;
}

std::string read(std::string_view bytes, const ResponseExpectation& expectation, std::size_t step) {
    HttpLimits limits;
    limits.max_body_bytes = kMaxBody;
    ResponseReader reader(limits, expectation);
    std::string body;
    std::optional<Fault> fault;
    while (!bytes.empty() && !fault && !reader.done()) {
        // A copy of its own size, so that a sanitizer sees a read behind it.
        const std::string piece(bytes.substr(0, step));
        fault = reader.feed(piece);
        bytes.remove_prefix(piece.size());
        if (reader.streaming()) {
            body += reader.take_piece();
        }
        require(body.size() + reader.response().body.size() <= kMaxBody);
    }
    if (!fault && !reader.done()) {
        Fault closed;
        closed.cause = "the server closed the connection";
        fault = reader.end(true, closed);
    }
    body += reader.streaming() ? reader.take_piece() : reader.response().body;
    return describe(reader, body, fault);
}

// A gzip body that is broken behind the limit may be refused for either, by how far its decoder
// looks ahead; the first chunk's size, broken and then cut, for either, too.
bool alike(const std::string& a, const std::string& b) {
    const auto may_be_fault = [](const std::string& text) {
        return text == "fault" || text.starts_with("cut: the body is larger") ||
               (text.starts_with("cut: the server closed") && text.ends_with("\n\n"));
    };
    return a == b || ((a == "fault" || b == "fault") && may_be_fault(a) && may_be_fault(b));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    const auto asked = static_cast<char>(data[0]);
    const ResponseExpectation at_once = expectation_of(asked, kNever);
    const ResponseExpectation streamed = expectation_of(asked, 100);
    const std::string whole = read(bytes, at_once, size);
    require(alike(read(bytes, at_once, 1), whole));
    require(alike(read(bytes, at_once, 7), whole));
    require(alike(read(bytes, streamed, size), whole));
    require(alike(read(bytes, streamed, 11), whole));
    return 0;
}
