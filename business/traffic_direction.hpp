#pragma once

#include <cstdint>
#include <string_view>

namespace meshscope::business {

// Of requests, seen from the object that is asked about.
enum class TrafficDirection : std::uint8_t { kInbound, kOutbound };

// "inbound", "outbound".
constexpr std::string_view to_string(TrafficDirection direction) {
    return direction == TrafficDirection::kInbound ? "inbound" : "outbound";
}

}  // namespace meshscope::business
