#pragma once

#include "core/clock.hpp"
#include "core/deadline.hpp"

#include <chrono>
#include <optional>
#include <string_view>

namespace meshscope::clients {

// The code of an error that says "later": worth one more try.
inline constexpr std::string_view kBusyCode = "upstream_busy";

// "Sun, 06 Nov 1994 08:49:37 GMT" and the two older forms of RFC 9110 5.6.7.
[[nodiscard]] std::optional<SystemTime> parse_http_date(std::string_view header);

// What a Retry-After header asks for, as seconds or as an HTTP date, clamped to 0 to 60 s; nullopt
// when it says nothing that can be read.
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_retry_after(
    std::string_view header, SystemTime now
);

// How long to wait before the one repetition of a call that the server was too busy for: `asked`
// (Retry-After) or 100 ms, plus up to a quarter by `jitter` (0 to 1) so that callers do not come
// back together. nullopt when less than a tenth of a second would be left for the call then.
[[nodiscard]] std::optional<std::chrono::milliseconds> retry_pause(
    std::optional<std::chrono::milliseconds> asked, Deadline deadline, SteadyTime now, double jitter
);

// From 0 to 1, another one each time; any thread.
[[nodiscard]] double random_jitter();

}  // namespace meshscope::clients
