#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

namespace meshscope::models {

// A worse one is greater.
enum class HealthStatus : std::uint8_t { kUnknown, kHealthy, kNotReady, kDegraded, kFailure };

// Requests per second by protocol ("http", "grpc"), then by response code ("-": no response came).
using RatesByCode = std::map<std::string, std::map<std::string, double, std::less<>>, std::less<>>;

struct RequestRates {
    RatesByCode inbound;
    RatesByCode outbound;
};

// What a controller says of its pods.
struct Replicas {
    std::int32_t desired = 0;
    std::int32_t current = 0;
    std::int32_t available = 0;
    std::int32_t synced_proxies = -1;  // -1: not known, or there are none
};

struct Health {
    HealthStatus status = HealthStatus::kUnknown;
    // Percent of the requests: the share of errors that decided. -1: no requests were judged.
    double error_ratio = -1;
    double request_rate = 0;  // per second, in and out
};

}  // namespace meshscope::models
