#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace meshscope::business {

// Texts that many lines point into: kept in blocks that never move. One thread at a time.
class LogTexts {
 public:
    using Blocks = std::vector<std::shared_ptr<const std::string>>;

    // A copy that lives as long as its block.
    std::string_view keep(std::string_view text) {
        if (open_ == nullptr || open_->capacity() - open_->size() < text.size()) {
            auto block = std::make_shared<std::string>();
            block->reserve(std::max(text.size(), kBlock));
            open_ = block.get();
            blocks_.push_back(std::move(block));
        }
        const std::size_t at = open_->size();
        open_->append(text);
        return std::string_view(*open_).substr(at);
    }
    // A block of its own, without a copy.
    std::string_view adopt(std::string block) {
        blocks_.push_back(std::make_shared<const std::string>(std::move(block)));
        return *blocks_.back();
    }
    [[nodiscard]] const Blocks& blocks() const { return blocks_; }
    // Hands the blocks over; what is kept next goes into a new one.
    Blocks take() {
        open_ = nullptr;
        return std::exchange(blocks_, {});
    }

 private:
    static constexpr std::size_t kBlock = 64UL << 10U;

    Blocks blocks_;
    std::string* open_ = nullptr;  // the block that is being filled
};

}  // namespace meshscope::business
