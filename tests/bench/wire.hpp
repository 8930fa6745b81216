#pragma once

#include <array>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace meshscope::bench {

// The four ways to ask Jaeger.
enum class Wire : std::uint8_t { kHttpV1, kGrpcV2, kHttpV3, kGrpcV3 };

inline constexpr std::array<Wire, 4> kWires{
    Wire::kHttpV1, Wire::kGrpcV2, Wire::kHttpV3, Wire::kGrpcV3
};

constexpr bool is_grpc(Wire wire) { return wire == Wire::kGrpcV2 || wire == Wire::kGrpcV3; }

constexpr std::string_view name_of(Wire wire) {
    switch (wire) {
        case Wire::kHttpV1:
            return "HTTP v1";
        case Wire::kGrpcV2:
            return "gRPC api_v2";
        case Wire::kHttpV3:
            return "HTTP api_v3";
        case Wire::kGrpcV3:
            break;
    }
    return "gRPC api_v3";
}

// As on the command line: "http-v1".
constexpr std::string_view word_of(Wire wire) {
    switch (wire) {
        case Wire::kHttpV1:
            return "http-v1";
        case Wire::kGrpcV2:
            return "grpc-v2";
        case Wire::kHttpV3:
            return "http-v3";
        case Wire::kGrpcV3:
            break;
    }
    return "grpc-v3";
}

// The protocol of that word; an unknown one throws std::runtime_error.
inline Wire wire_of(std::string_view word) {
    for (const Wire wire : kWires) {
        if (word_of(wire) == word) {
            return wire;
        }
    }
    throw std::runtime_error("no such protocol: " + std::string(word));
}

}  // namespace meshscope::bench
