#include "models/arena.hpp"

#include "core/large_memory.hpp"

#include <algorithm>
#include <new>

namespace meshscope::models {

namespace {

constexpr std::size_t kFirstBlock = 64UL * 1024;
constexpr std::size_t kLargestBlock = kLargeMemory;

}  // namespace

void Arena::FreeBlock::operator()(char* block) const noexcept {
    if (bytes >= kLargeMemory) {
        free_large(block, bytes);
    } else {
        ::operator delete(block, bytes);
    }
}

Arena::Block Arena::new_block(std::size_t bytes) {
    void* memory = bytes >= kLargeMemory ? allocate_large(bytes) : ::operator new(bytes);
    return {static_cast<char*>(memory), FreeBlock{bytes}};
}

void* Arena::allocate_block(std::size_t bytes) {
    const std::size_t size = std::clamp(total_, kFirstBlock, kLargestBlock);
    const bool alone = bytes > size / 4;
    blocks_.push_back(new_block(alone ? bytes : size));
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
