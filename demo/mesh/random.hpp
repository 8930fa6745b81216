#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace meshscope::demo {

// Spreads the bits of two numbers over 64 (SplitMix64's finaliser): ids and seeds.
constexpr std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
    std::uint64_t z = a + 0x9E3779B97F4A7C15ULL * (b + 1);
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31U);
}

constexpr std::uint64_t hash_of(std::string_view text) {
    std::uint64_t hash = 0xCBF29CE484222325ULL;
    for (const char c : text) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
    }
    return mix(hash, text.size());
}

// A version 4 UUID made of those bits.
std::string uuid_of(std::uint64_t a, std::uint64_t b);

// What Kubernetes appends to the names that it generates, from the alphabet it takes for that.
std::string generated_suffix(std::uint64_t hash, std::size_t length);

// The same numbers on every machine and with every standard library, unlike <random>'s
// distributions.
class Random {
 public:
    explicit Random(std::uint64_t seed) : seed_(seed) {}

    std::uint64_t next() { return mix(seed_, count_++); }

    // Evenly in [low, high].
    std::int64_t between(std::int64_t low, std::int64_t high) {
        const auto span = static_cast<std::uint64_t>(high - low) + 1;
        return low + static_cast<std::int64_t>(next() % span);
    }

    bool in_thousand(std::uint32_t chances) { return next() % 1000 < chances; }

 private:
    std::uint64_t seed_;
    std::uint64_t count_ = 0;
};

}  // namespace meshscope::demo
