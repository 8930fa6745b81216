#pragma once

#include <cstddef>

namespace meshscope {

// Begins to bring near what will be read soon: for walks whose next steps are known and far apart.
// Only a hint; any address will do.
inline void fetch(const void* from, std::size_t bytes) {
    constexpr std::size_t kLine = 64;
    const char* at = static_cast<const char*>(from);
    for (std::size_t passed = 0; passed < bytes; passed += kLine) {
        __builtin_prefetch(at + passed);
    }
    __builtin_prefetch(at + bytes - 1);  // it need not begin where a line does
}

}  // namespace meshscope
