#include "demo/mesh/random.hpp"

#include "core/ids.hpp"

#include <array>

namespace meshscope::demo {

std::string uuid_of(std::uint64_t a, std::uint64_t b) {
    std::array<char, 32> hex{};
    write_hex16(a, hex.data());
    write_hex16(b, hex.data() + 16);
    hex[12] = '4';
    hex[16] = "89ab"[b >> 60U & 3U];
    std::string out(hex.begin(), hex.end());
    for (const std::size_t at : {20U, 16U, 12U, 8U}) {
        out.insert(at, 1, '-');
    }
    return out;
}

std::string generated_suffix(std::uint64_t hash, std::size_t length) {
    constexpr std::string_view kAlphabet = "bcdfghjklmnpqrstvwxz2456789";
    std::string out;
    for (std::size_t i = 0; i < length; ++i) {
        out.push_back(kAlphabet[hash % kAlphabet.size()]);
        hash = mix(hash, i);
    }
    return out;
}

}  // namespace meshscope::demo
