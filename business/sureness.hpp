#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace meshscope::business {

// How sure a finding is. kCertain: it was tried, or the other side itself says so. kLikely: nothing
// that was found contradicts, another reason is conceivable. kPossible: one of several.
enum class Sureness : std::uint8_t { kCertain, kLikely, kPossible };

// certain, likely, possible
constexpr std::string_view to_string(Sureness certainty) {
    constexpr std::array<std::string_view, 3> kWords{"certain", "likely", "possible"};
    return kWords[static_cast<std::size_t>(certainty)];
}

}  // namespace meshscope::business
