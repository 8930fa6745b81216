#include "models/arena.hpp"

#include <algorithm>

namespace meshscope::models {

namespace {

constexpr std::size_t kFirstBlock = 64UL * 1024;
constexpr std::size_t kLargestBlock = 1024UL * 1024;

}  // namespace

void* Arena::allocate_block(std::size_t bytes) {
    const std::size_t size = std::clamp(total_, kFirstBlock, kLargestBlock);
    const bool alone = bytes > size / 4;
    blocks_.push_back(std::make_unique_for_overwrite<char[]>(alone ? bytes : size));
    total_ += alone ? bytes : size;
    char* memory = blocks_.back().get();
    if (!alone) {
        block_ = memory;
        size_ = size;
        used_ = bytes;
    }
    return memory;
}

std::size_t Arena::memory_bytes() const { return total_ + blocks_.capacity() * sizeof(blocks_[0]); }

}  // namespace meshscope::models
