#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace meshscope::server {

// Walks the framing of a chunked body: at most 8 hex digits for a size, at most 256 bytes of
// extension, at most 8 KiB of trailer, CRLF everywhere.
class ChunkGuard {
 public:
    // Takes bytes that follow the ones taken before. Returns how many of them belong to this body;
    // less than all only when the body is done() or refused.
    std::size_t take(std::string_view data);
    [[nodiscard]] bool done() const { return state_ == State::kDone; }
    [[nodiscard]] bool bad() const { return state_ == State::kBad; }

 private:
    enum class State : std::uint8_t {
        kSize,
        kExtension,
        kSizeLf,
        kData,
        kDataCr,
        kDataLf,
        kTrailerStart,
        kTrailer,
        kTrailerLf,
        kEndLf,
        kDone,
        kBad
    };
    [[nodiscard]] State next(char c);
    [[nodiscard]] State after_size_digit(char c);

    State state_ = State::kSize;
    std::uint64_t left_ = 0;  // of this chunk
    std::size_t digits_ = 0;
    std::size_t extension_ = 0;  // bytes
    std::size_t trailer_ = 0;    // bytes
};

}  // namespace meshscope::server
