#pragma once

#include <chrono>
#include <cstdint>

namespace meshscope {

using SystemTime = std::chrono::sys_time<std::chrono::microseconds>;
using SteadyTime = std::chrono::steady_clock::time_point;

// The only source of time outside app/: tests inject a ManualClock (tests/support).
class Clock {
 public:
    virtual ~Clock() = default;
    [[nodiscard]] virtual SystemTime now() const = 0;
    [[nodiscard]] virtual SteadyTime steady_now() const = 0;
};

class SystemClock final : public Clock {
 public:
    [[nodiscard]] SystemTime now() const override;
    [[nodiscard]] SteadyTime steady_now() const override;
};

// A half-open window [start, end) of wall-clock time.
struct TimeRange {
    SystemTime start;
    SystemTime end;
};

[[nodiscard]] inline std::int64_t to_micros(SystemTime time) {
    return time.time_since_epoch().count();
}
[[nodiscard]] inline SystemTime from_micros(std::int64_t micros) {
    return SystemTime(std::chrono::microseconds(micros));
}

}  // namespace meshscope
