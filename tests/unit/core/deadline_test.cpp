#include "core/deadline.hpp"

#include <catch2/catch.hpp>

#include <chrono>

using meshscope::Deadline;
using meshscope::SteadyTime;
using namespace std::chrono_literals;

TEST_CASE("a deadline saturates, orders and counts down", "[deadline]") {
    const SteadyTime now{1h};
    CHECK(Deadline::never().is_never());
    CHECK(Deadline::after(now, std::chrono::nanoseconds::max()).is_never());
    const Deadline soon = Deadline::after(now, 5s);
    CHECK(soon.remaining(now) == 5s);
    CHECK(soon.remaining(now + 7s) == 0ns);
    CHECK(soon.passed(now + 5s));
    CHECK_FALSE(soon.passed(now));
    CHECK(Deadline::after(now, -1s).passed(now));
    CHECK(soon.earlier(Deadline::never()) == soon);
    CHECK(soon < Deadline::never());
}
