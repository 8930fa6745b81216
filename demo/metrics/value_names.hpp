#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace meshscope::demo {

// Upper bounds of Envoy's histograms, as it writes them; the last holds everything.
inline constexpr std::array<double, 19> kBounds = {
    0.5,
    1,
    5,
    10,
    25,
    50,
    100,
    250,
    500,
    1'000,
    2'500,
    5'000,
    10'000,
    30'000,
    60'000,
    300'000,
    600'000,
    1'800'000,
    3'600'000
};
inline constexpr std::size_t kBuckets = kBounds.size() + 1;

// What a proxy counts for one kind of traffic between two peers with one outcome.
enum class Measured : std::uint8_t {
    kRequests,      // HTTP and gRPC: requests, durations, sizes
    kRequestsOnly,  // where the mesh's configuration switches the sizes off
    kMessages,      // gRPC
    kConnections,   // TCP
};

enum class MetricType : std::uint8_t { kCounter, kHistogram };

struct Family {
    std::string_view name;  // without a counter's "_total"
    MetricType type;
};

// One number of them.
struct ValueName {
    std::size_t family;     // an index of families()
    std::string_view name;  // "istio_request_bytes_bucket"
    std::string_view le;    // "" when it is no bucket
};

std::span<const Family> families();

// In the order in which a group of series keeps its values. A histogram is its buckets (each with
// all smaller ones), its sum and its count.
std::span<const ValueName> values_of(Measured measured);

// Where they begin.
inline constexpr std::size_t kHistogramValues = kBuckets + 2;
inline constexpr std::size_t kRequestCount = 0;
inline constexpr std::size_t kDuration = 1;
inline constexpr std::size_t kRequestSize = kDuration + kHistogramValues;
inline constexpr std::size_t kResponseSize = kRequestSize + kHistogramValues;
inline constexpr std::size_t kSentMessages = 0;
inline constexpr std::size_t kReceivedMessages = 1;
inline constexpr std::size_t kOpened = 0;
inline constexpr std::size_t kClosed = 1;
inline constexpr std::size_t kSentBytes = 2;
inline constexpr std::size_t kReceivedBytes = 3;

}  // namespace meshscope::demo
