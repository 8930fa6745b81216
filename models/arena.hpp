#pragma once

#include <cstddef>
#include <memory>
#include <vector>

namespace meshscope::models {

// Memory for many small things that live equally long; given back all at once. Blocks double up to
// two megabytes: that much at most is taken and not used.
class Arena {
 public:
    // Never null; `alignment` is a power of two, at most that of operator new.
    void* allocate(std::size_t bytes, std::size_t alignment) {
        const std::size_t padding = (alignment - used_ % alignment) % alignment;
        if (bytes + padding > size_ - used_) {
            return allocate_block(bytes);
        }
        char* memory = block_ + used_ + padding;
        used_ += bytes + padding;
        return memory;
    }
    // What was taken from the heap and the system.
    [[nodiscard]] std::size_t memory_bytes() const;

 private:
    struct FreeBlock {
        std::size_t bytes = 0;
        void operator()(char* block) const noexcept;
    };
    using Block = std::unique_ptr<char[], FreeBlock>;

    static Block new_block(std::size_t bytes);
    void* allocate_block(std::size_t bytes);

    char* block_ = nullptr;  // the one that is being filled
    std::size_t used_ = 0;
    std::size_t size_ = 0;
    std::size_t total_ = 0;
    std::vector<Block> blocks_;
};

}  // namespace meshscope::models
