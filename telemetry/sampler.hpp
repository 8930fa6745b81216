#pragma once

#include "core/clock.hpp"
#include "core/ids.hpp"

#include <atomic>
#include <cstdint>
#include <optional>

namespace meshscope::telemetry {

// Which requests are recorded: a request whose caller has decided follows the caller, any other one
// is decided by its trace id, the same for everybody who uses the same share. A caller's "yes" is
// believed kBelievedPerSecond times a second (twice that at once): beyond, the share decides, so
// that nobody can make the server record everything by a header. Thread-safe, no locks.
class Sampler {
 public:
    static constexpr std::int64_t kBelievedPerSecond = 100;

    // `share` from 0 (none) to 1 (all); what lies outside is taken as the nearer end. `clock`
    // outlives the sampler.
    Sampler(double share, const Clock& clock);

    // `parent`: what the caller decided; nullopt when it did not.
    bool sample(TraceId trace, std::optional<bool> parent);

 private:
    bool believe();

    std::uint64_t below_ = 0;  // of 2^63
    const Clock& clock_;
    std::atomic<std::int64_t> next_free_ns_{INT64_MIN};
};

}  // namespace meshscope::telemetry
