#include "core/large_memory.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <cstring>
#include <limits>
#include <numeric>
#include <vector>

using namespace meshscope;

TEST_CASE("large memory is aligned to a huge page, zero, and writable to the last byte") {
    for (const std::size_t bytes : {kLargeMemory, kLargeMemory + 1, 5 * kLargeMemory - 1}) {
        CAPTURE(bytes);
        auto* memory = static_cast<char*>(allocate_large(bytes));
        CHECK(reinterpret_cast<std::uintptr_t>(memory) % kLargeMemory == 0);
        CHECK(memory[0] == 0);
        CHECK(memory[bytes - 1] == 0);
        std::memset(memory, 'x', bytes);
        CHECK(memory[bytes - 1] == 'x');
        free_large(memory, bytes);
    }
}

TEST_CASE("more than there is of it is a bad allocation, not a pointer") {
    CHECK_THROWS_AS(allocate_large(std::size_t{1} << 60U), std::bad_alloc);
    CHECK_THROWS_AS(allocate_large(std::numeric_limits<std::size_t>::max()), std::bad_alloc);
    using Numbers = std::vector<std::uint64_t, LargeAllocator<std::uint64_t>>;
    CHECK_THROWS(Numbers(std::size_t{1} << 57U));
}

TEST_CASE("a vector keeps what it holds while it grows into large memory and out of it") {
    std::vector<std::uint64_t, LargeAllocator<std::uint64_t>> numbers;
    for (std::uint64_t i = 0; i < 1'000'000; ++i) {
        numbers.push_back(i);
    }
    CHECK(std::accumulate(numbers.begin(), numbers.end(), std::uint64_t{0}) == 499'999'500'000);
    numbers.resize(10);
    numbers.shrink_to_fit();
    const auto copy = numbers;
    CHECK(copy.back() == 9);
}
