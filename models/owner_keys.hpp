#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace meshscope::models {

// Numbers of the keys that may tell, in the tags of a span, whom it belongs to. 0: any other key.
enum class OwnerKey : std::uint8_t {
    kNone = 0,
    kNodeId = 1,
    kFirstSide = 2,  // istio.source_* and istio.destination_*
    kLastSide = 15,
};

// The keys, where key n has the number n + 1. Fewer than 128.
std::span<const std::string_view> owner_keys();

// Asked for every tag that is made: most other keys cost a look at their length and first letter.
OwnerKey owner_key_of(std::string_view key);

constexpr bool is_side(OwnerKey key) {
    return key >= OwnerKey::kFirstSide && key <= OwnerKey::kLastSide;
}

}  // namespace meshscope::models
