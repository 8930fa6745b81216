#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace meshscope {

// Bytes of a known total size that arrive in pieces, so that a large message need not be copied
// into one block. Asking for a piece may free the one before it. One reader, one pass.
class ByteChunks {
 public:
    virtual ~ByteChunks() = default;
    [[nodiscard]] virtual std::size_t size() const = 0;  // of all pieces together
    // The next piece, never empty, valid until the next call; nullopt after the last.
    virtual std::optional<std::string_view> next() = 0;
};

}  // namespace meshscope
