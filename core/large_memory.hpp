#pragma once

#include <cstddef>
#include <new>

namespace meshscope {

// Memory straight from the system, for what grows to many megabytes and is given back as a whole:
// in huge pages where the system has them, so that touching it for the first time costs little,
// and gone from the process when it is freed.
inline constexpr std::size_t kLargeMemory = 2UL * 1024 * 1024;  // a huge page

// `bytes` rounded up to whole huge pages, aligned to one. Throws std::bad_alloc.
void* allocate_large(std::size_t bytes);
// `bytes` as it was asked for.
void free_large(void* memory, std::size_t bytes) noexcept;

// Gives back to the system what malloc keeps free, which takes some milliseconds: for after work
// that needed much more memory than what it leaves.
void give_free_memory_back() noexcept;

// An allocator of standard containers: large from a huge page on, else that of everyone.
template <class T>
struct LargeAllocator {
    using value_type = T;

    LargeAllocator() = default;
    template <class U>
    LargeAllocator(const LargeAllocator<U>& /*other*/) noexcept {}  // NOLINT: as allocators convert

    T* allocate(std::size_t count) {
        if (count > static_cast<std::size_t>(-1) / 2 / sizeof(T)) {
            throw std::bad_array_new_length();
        }
        const std::size_t bytes = count * sizeof(T);
        return static_cast<T*>(
            bytes >= kLargeMemory ? allocate_large(bytes) : ::operator new(bytes)
        );
    }
    void deallocate(T* memory, std::size_t count) noexcept {
        const std::size_t bytes = count * sizeof(T);
        if (bytes >= kLargeMemory) {
            free_large(memory, bytes);
        } else {
            ::operator delete(memory, bytes);
        }
    }
    bool operator==(const LargeAllocator& /*other*/) const { return true; }
};

}  // namespace meshscope
