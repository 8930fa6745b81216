#pragma once

#include "clients/http/fault.hpp"
#include "clients/http/http_client.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace meshscope::clients {

struct ResponseExpectation {
    bool no_body = false;      // the answer to HEAD or CONNECT
    bool accept_gzip = false;  // what was asked for
    bool over_tls = false;
    // The body of a 2xx answer that is longer than this, decoded, is handed out by take_piece().
    std::size_t stream_above = std::numeric_limits<std::size_t>::max();
    // Such a body may have any length, and a piece is what has come, however short.
    bool endless = false;
};

// One HTTP/1.x response out of bytes in pieces of any size; no I/O. Strict about framing: whatever
// could be understood in two ways is refused. Interim (1xx) responses are skipped.
class ResponseReader {
 public:
    ResponseReader(const HttpLimits& limits, ResponseExpectation expectation);
    ~ResponseReader();
    ResponseReader(const ResponseReader&) = delete;
    ResponseReader& operator=(const ResponseReader&) = delete;

    // A fault: not HTTP, or framing that cannot be trusted; the connection is of no more use.
    std::optional<Fault> feed(std::string_view bytes);

    // The input has ended: `cause` says how ("the server closed the connection"). A fault when the
    // header is not complete; a body that is cut sets cut().
    std::optional<Fault> end(bool orderly, const Fault& cause);

    [[nodiscard]] bool begun() const;  // any byte has come
    [[nodiscard]] bool header_done() const;
    [[nodiscard]] bool done() const;                 // complete, or cut at max_body_bytes
    [[nodiscard]] std::uint64_t body_bytes() const;  // received, before decoding
    // The connection may carry another request: done, kept alive, and nothing came behind the
    // response.
    [[nodiscard]] bool reusable() const;
    [[nodiscard]] HttpResponse& response();
    // Whether the body is handed out in pieces; then response().body never holds the whole of it.
    [[nodiscard]] bool streaming() const;
    // The next piece, once it is long enough to be worth it, or at the end what is left; else
    // nothing.
    [[nodiscard]] std::string take_piece();
    // Why the body was cut; becomes response().incomplete once the URL is known.
    [[nodiscard]] const std::optional<Fault>& cut() const;

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace meshscope::clients
