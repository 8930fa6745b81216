#include "core/random.hpp"

#include <array>
#include <random>

namespace meshscope {
namespace {

std::mt19937_64 seeded() {
    std::random_device device;
    std::array<std::uint32_t, 8> words{};
    for (std::uint32_t& word : words) {
        word = device();
    }
    std::seed_seq sequence(words.begin(), words.end());
    return std::mt19937_64(sequence);
}

}  // namespace

std::uint64_t random_bits() {
    thread_local std::mt19937_64 generator = seeded();
    return generator();
}

SpanId random_span_id() { return SpanId{random_bits() | 1U}; }

std::string random_request_id() {
    std::string text(32, '0');
    write_hex16(random_bits(), text.data());
    write_hex16(random_bits(), text.data() + 16);
    return text;
}

}  // namespace meshscope
