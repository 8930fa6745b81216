#include "core/large_memory.hpp"

#include <cstdint>
#include <malloc.h>
#include <sys/mman.h>

namespace meshscope {

namespace {

std::size_t whole_pages(std::size_t bytes) {
    return (bytes + kLargeMemory - 1) / kLargeMemory * kLargeMemory;
}

}  // namespace

// More is taken than needed, so that an aligned part is in it; the rest is given back at once.
void* allocate_large(std::size_t bytes) {
    const std::size_t size = whole_pages(bytes);
    const std::size_t taken = size + kLargeMemory;
    void* memory =
        ::mmap(nullptr, taken, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED || size < bytes) {
        throw std::bad_alloc();
    }
    auto* first = static_cast<char*>(memory);
    const std::size_t over = reinterpret_cast<std::uintptr_t>(first) % kLargeMemory;
    const std::size_t ahead = over == 0 ? 0 : kLargeMemory - over;
    if (ahead > 0) {
        ::munmap(first, ahead);
    }
    char* begin = first + ahead;
    if (kLargeMemory > ahead) {
        ::munmap(begin + size, kLargeMemory - ahead);
    }
    ::madvise(begin, size, MADV_HUGEPAGE);  // a wish: without huge pages it works, too
    return begin;
}

void free_large(void* memory, std::size_t bytes) noexcept { ::munmap(memory, whole_pages(bytes)); }

void give_free_memory_back() noexcept { static_cast<void>(malloc_trim(0)); }

}  // namespace meshscope
