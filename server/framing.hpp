#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace meshscope::server {

// Why a request is refused before anybody looks at its meaning. The connection closes after the
// answer.
struct FramingError {
    unsigned status = 400;
    std::string_view code;     // of the error body
    std::string_view message;  // static text, safe for clients
};

struct HeadLimits {
    std::size_t max_target_bytes = 0;
    std::size_t max_header_bytes = 0;  // all fields together, with their line ends
    std::size_t max_header_fields = 0;
};

enum class BodyFraming : std::uint8_t { kNone, kLength, kChunked };

// What a head says about its message and connection.
struct HeadFacts {
    bool http10 = false;
    bool keep_alive = true;
    bool expects_continue = false;
    BodyFraming body = BodyFraming::kNone;
    std::uint64_t content_length = 0;  // kLength only, never 0 there
};

// Finds the end of a head in bytes that arrive in pieces, looking at each byte once, and refuses
// early what can never become a head.
class HeadScanner {
 public:
    explicit HeadScanner(HeadLimits limits) : limits_(limits) {}

    // `data` begins at the head; each call brings the same bytes and maybe more. True when the head
    // is complete; its size, with the empty line, is then size().
    [[nodiscard]] bool scan(std::string_view data);
    [[nodiscard]] const std::optional<FramingError>& error() const { return error_; }
    [[nodiscard]] std::size_t size() const { return scanned_; }
    void reset();

 private:
    bool refuse(FramingError error);
    bool end_line(std::size_t line_end);
    bool within_limits(std::size_t size);

    HeadLimits limits_;
    std::size_t scanned_ = 0;  // bytes looked at
    std::size_t line_start_ = 0;
    std::size_t fields_start_ = 0;  // 0 until the request line has ended
    std::size_t fields_ = 0;
    std::optional<FramingError> error_;
};

// Checks a complete head (RFC 9112, read strictly: no folded fields, no bare CR or LF, no space
// before a colon, one Host, at most one of Content-Length and Transfer-Encoding, the latter exactly
// "chunked"). What two readers of the same bytes could understand differently is refused.
std::optional<FramingError> check_head(
    std::string_view head, const HeadLimits& limits, HeadFacts& facts
);

bool is_token(std::string_view text);  // RFC 9110 5.6.2; false when empty

}  // namespace meshscope::server
