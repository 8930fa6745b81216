#pragma once

#include "core/byte_chunks.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace meshscope::clients {

// One received message, encoded, as the pieces that gRPC took it off the wire in. Each piece is
// freed when the next one is asked for, so what is made of the message may grow as it shrinks. May
// be read on another thread than the stream's, and outlive stream and channel. Movable.
class GrpcMessage final : public ByteChunks {
 public:
    struct Impl;
    explicit GrpcMessage(std::unique_ptr<Impl> impl);
    GrpcMessage(GrpcMessage&&) noexcept;
    GrpcMessage& operator=(GrpcMessage&&) noexcept;
    ~GrpcMessage() override;

    [[nodiscard]] std::size_t size() const override;
    std::optional<std::string_view> next() override;

    // What has not been asked for yet in one block; nothing is left.
    [[nodiscard]] std::string take();

 private:
    std::unique_ptr<Impl> impl_;
};

}  // namespace meshscope::clients
