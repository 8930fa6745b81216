#pragma once

#include <fmt/format.h>

#include <string>
#include <vector>

namespace meshscope::contract {

// A JSON string of bytes as they are: this writer has no opinion on UTF-8.
inline std::string quoted(const std::string& text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (static_cast<unsigned char>(c) < 0x20) {
            out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        } else {
            out += c;
        }
    }
    return out + "\"";
}

// [a,b,c] of what `write` makes of each item.
template <class Items, class Write>
std::string json_array(const Items& items, const Write& write) {
    std::string out = "[";
    for (const auto& item : items) {
        out += out.size() > 1 ? "," : "";
        out += write(item);
    }
    return out + "]";
}

}  // namespace meshscope::contract
