#pragma once

#include "clients/trace_store.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace meshscope::business {

enum class Health : std::uint8_t { kHealthy, kUnreachable, kUnknown };

// An upstream as its prober last saw it.
struct ComponentStatus {
    std::string name;  // "tracing"
    Health health = Health::kUnknown;
    bool core = false;
    std::string version;          // "" when unknown
    std::string protocol;         // "grpc api_v2", ...
    std::optional<Error> reason;  // set when unreachable
    std::optional<std::chrono::microseconds> latency;
    std::optional<SystemTime> last_success;
    std::optional<SystemTime> last_probe;
};

std::string_view to_string(Health health);  // "Healthy", "Unreachable", "Unknown"

// Knows the upstreams; never calls one. Usable from every thread.
class Status {
 public:
    // `store` may be null: tracing is off or link-only, and no component of that name is listed.
    explicit Status(const clients::TraceStore* store, bool tracing_is_core = false)
        : store_(store), tracing_is_core_(tracing_is_core) {}

    [[nodiscard]] std::vector<ComponentStatus> components() const;

 private:
    const clients::TraceStore* store_;
    bool tracing_is_core_;
};

}  // namespace meshscope::business
