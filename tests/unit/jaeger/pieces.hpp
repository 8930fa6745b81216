#pragma once

#include "core/byte_chunks.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace meshscope::test {

// A text in pieces of `size` bytes, each freed when the next is asked for.
class Pieces final : public ByteChunks {
 public:
    Pieces(std::string text, std::size_t size) : text_(std::move(text)), piece_size_(size) {}

    [[nodiscard]] std::size_t size() const override { return text_.size(); }
    std::optional<std::string_view> next() override {
        if (at_ >= text_.size()) {
            return std::nullopt;
        }
        piece_ = std::make_unique<std::string>(text_.substr(at_, piece_size_));
        at_ += piece_->size();
        return *piece_;
    }

 private:
    std::string text_;
    std::size_t piece_size_;
    std::size_t at_ = 0;
    std::unique_ptr<std::string> piece_;
};

}  // namespace meshscope::test
