#pragma once

#include "core/byte_chunks.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace meshscope::clients::jaeger {

// Walks the fields of a protobuf message that arrives in pieces: submessages are entered by their
// end, or taken whole. The same faults as ProtoReader.
class ChunkReader {
 public:
    explicit ChunkReader(ByteChunks& chunks) : chunks_(chunks), size_(chunks.size()) {}

    // Steps to the next field before `end`; false there and at a fault. Values that are numbers are
    // passed over; those that are bytes must be skipped, taken or walked.
    bool next(std::size_t end);
    [[nodiscard]] bool failed() const { return failed_; }
    [[nodiscard]] std::size_t size() const { return size_; }

    // As of ProtoReader.
    [[nodiscard]] std::uint32_t tag() const { return tag_; }
    [[nodiscard]] bool holds_bytes() const;
    // Where the value of the field at hand ends.
    [[nodiscard]] std::size_t end() const { return end_; }

    bool skip();
    // The whole value, valid until the next call of anything here. nullptr data at a fault.
    bool take(std::string_view& value);

 private:
    bool fail();
    bool refill();
    bool read_varint(std::size_t end, std::uint64_t& out);
    bool pass(std::size_t count);

    ByteChunks& chunks_;
    std::size_t size_;
    std::string_view piece_;    // not yet read
    std::size_t position_ = 0;  // of the front of `piece_`
    std::size_t end_ = 0;
    std::uint32_t tag_ = 0;
    std::string joined_;
    bool failed_ = false;
};

}  // namespace meshscope::clients::jaeger
