#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace meshscope::clients {

// Decodes a gzip stream of one or more members, fed in pieces. A stream that does not begin like
// gzip is passed through: some proxies decode a body and leave the header.
class GzipDecoder {
 public:
    enum class Status : std::uint8_t { kOk, kTooLarge, kCorrupt };

    GzipDecoder();
    ~GzipDecoder();
    GzipDecoder(const GzipDecoder&) = delete;
    GzipDecoder& operator=(const GzipDecoder&) = delete;

    // Appends to `out`, which never grows beyond `max_size`: what fits is there on kTooLarge.
    Status feed(std::string_view bytes, std::string& out, std::size_t max_size);

    // To be called when the input is over: true when it ended where a member ends (or was empty or
    // plain). Appends what was held back.
    bool finish(std::string& out);

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

// Appends with room for the padding that parsers want behind the text, growing by half.
void append_padded(std::string& out, std::string_view bytes);
inline constexpr std::size_t kBodyPadding = 64;

}  // namespace meshscope::clients
