#include "core/clock.hpp"

namespace meshscope {

SystemTime SystemClock::now() const {
    return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now()
    );
}

SteadyTime SystemClock::steady_now() const { return std::chrono::steady_clock::now(); }

}  // namespace meshscope
