#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace meshscope::server {

// Takes a chunked body out of its framing (RFC 9112 7.1, read strictly): at most 8 hex digits for a
// size, at most 256 bytes of extension with closed quotes and no escapes, at most 8 KiB of trailer,
// CRLF everywhere. Extensions and trailer fields are dropped. Beast's own decoder is not used: it
// asserts on a last chunk that arrives in pieces.
class ChunkDecoder {
 public:
    explicit ChunkDecoder(std::size_t max_body_bytes) : max_(max_body_bytes) {}

    // Takes bytes that follow the ones taken before and appends what they carry to `body`. Returns
    // how many of them belong to this message; less than all only when it is done or refused.
    std::size_t take(std::string_view data, std::string& body);
    [[nodiscard]] bool done() const { return state_ == State::kDone; }
    [[nodiscard]] bool malformed() const { return state_ == State::kMalformed; }
    [[nodiscard]] bool too_large() const { return state_ == State::kTooLarge; }

 private:
    enum class State : std::uint8_t {
        kSize,
        kExtension,
        kSizeLf,
        kData,
        kDataCr,
        kDataLf,
        kTrailerStart,
        kTrailerName,
        kTrailerValue,
        kTrailerLf,
        kEndLf,
        kDone,
        kMalformed,
        kTooLarge
    };
    [[nodiscard]] State next(char c);
    [[nodiscard]] State next_in_size(char c);
    [[nodiscard]] State next_in_extension(char c);
    [[nodiscard]] State next_in_trailer(char c);
    [[nodiscard]] State begin_chunk();

    std::size_t max_;
    State state_ = State::kSize;
    std::uint64_t left_ = 0;  // of this chunk
    std::uint64_t body_ = 0;  // sizes of all chunks so far
    std::size_t digits_ = 0;
    std::size_t extension_ = 0;  // bytes, over all chunks of this body
    std::size_t trailer_ = 0;    // bytes
    bool quoted_ = false;
};

}  // namespace meshscope::server
