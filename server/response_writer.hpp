#pragma once

#include "server/content_coding.hpp"
#include "server/http_types.hpp"
#include "server/response_head.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace meshscope::server {

struct WriteOptions {
    const FixedHeaders* fixed = nullptr;
    SystemTime now{};
    std::string_view request_id;                      // must outlive the writer
    std::optional<std::string_view> accept_encoding;  // nullopt: never compress
    bool head_only = false;                           // the request was HEAD
    bool http10 = false;
    bool keep_alive = true;
};

// Turns a Response into bytes, one piece at a time: the head with a short body in one, a long text
// without copying it, a BodySource piece by piece, compressed where that pays. A BodySource's body
// is sent chunked, or up to the end of the connection to an HTTP/1.0 client; so is a LiveBody,
// whose pieces the session waits for and gives to frame().
class ResponseWriter {
 public:
    ResponseWriter(Response response, const WriteOptions& options);

    // Valid until the next call; both parts may be empty.
    struct Piece {
        std::string_view first;
        std::string_view second;
        bool last = false;
    };
    // Of a LiveBody only the head. Passes on what a BodySource throws. If that is at the first
    // call, nothing has been sent.
    Piece next();

    // After next(): a piece of a LiveBody, or its end, as it is sent.
    Piece frame(std::string bytes, bool last);

    // Whether another request may follow. Final after the first next().
    [[nodiscard]] bool keep_alive() const { return parts_.keep_alive; }
    [[nodiscard]] unsigned status() const { return response_.status; }

 private:
    void begin_text(std::string body);
    bool may_compress(std::size_t size);
    void begin_stream();
    Piece next_of_stream();
    [[nodiscard]] bool is_live() const;
    bool pull();  // appends to raw_; false when that was all

    Response response_;
    HeadParts parts_;
    std::optional<std::string_view> accept_encoding_;
    bool head_only_;
    bool begun_ = false;
    bool streaming_ = false;
    bool source_done_ = false;
    std::unique_ptr<ContentEncoder> encoder_;
    std::string text_;         // a whole body
    std::size_t text_at_ = 0;  // streamed so far
    std::string raw_;          // a piece of the body
    std::string first_;
    std::string second_;
};

}  // namespace meshscope::server
