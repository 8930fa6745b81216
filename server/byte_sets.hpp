#pragma once

#include <array>
#include <string_view>

namespace meshscope::server {

// Sets of bytes as tables: one look-up for each byte of a head.
using ByteSet = std::array<bool, 256>;

constexpr ByteSet make_set(std::string_view members, bool letters_and_digits) {
    ByteSet set{};
    for (const char c : members) {
        set[static_cast<unsigned char>(c)] = true;
    }
    if (letters_and_digits) {
        for (unsigned c = 0; c < 26; ++c) {
            set['a' + c] = set['A' + c] = true;
        }
        for (unsigned c = 0; c < 10; ++c) {
            set['0' + c] = true;
        }
    }
    return set;
}

constexpr ByteSet make_range(unsigned from, unsigned to, std::string_view without) {
    ByteSet set{};
    for (unsigned c = from; c <= to; ++c) {
        set[c] = true;
    }
    for (const char c : without) {
        set[static_cast<unsigned char>(c)] = false;
    }
    return set;
}

inline constexpr ByteSet kTokenBytes = make_set("!#$%&'*+-.^_`|~", true);
inline constexpr ByteSet kTargetBytes = make_range(0x21, 0x7E, "#");
inline constexpr ByteSet kHostBytes = make_set("-._~%!$&'()*+,;=:[]", true);
inline constexpr ByteSet kValueBytes = [] {
    ByteSet set = make_range(0x20, 0xFF, "\x7F");
    set['\t'] = true;
    return set;
}();

}  // namespace meshscope::server
