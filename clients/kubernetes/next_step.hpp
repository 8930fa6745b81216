#pragma once

#include "clients/kubernetes/api_fault.hpp"
#include "clients/kubernetes/patience.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace meshscope::clients::kubernetes {

// How a list or a watch ended.
struct Outcome {
    bool listing = false;
    std::optional<ApiFault> fault;  // the API server's answer was one
    std::optional<Error> error;     // there was no answer
    std::string problem;            // of a list that came and is of no use
    // Of a watch that began:
    unsigned error_event = 0;       // code of an ERROR event; 0 none
    bool bare_error_event = false;  // an ERROR event without a code
    std::chrono::milliseconds lasted{0};
    std::uint64_t events = 0;
    bool stalled = false;  // silent for too long
    bool broken = false;   // not JSON, or an object beyond the limit

    [[nodiscard]] bool is_good_list() const {
        return listing && !fault && !error && problem.empty();
    }
};

enum class NextStep : std::uint8_t {
    kResume,       // watch from the last version, at once
    kResumeLater,  // after a pause
    kList,
    kListLater,
    kWaitForGate,  // the server is not reached; then the same again
    kAbsent,       // the API server does not have the kind
    kForbidden,    // may not be listed
    kPoll,         // may be listed, not watched
};

// `failures`: how many ended badly in a row before this one.
[[nodiscard]] NextStep next_step(const Outcome& outcome, int failures, const Patience& patience);

// How long "later" is. `failures` counts this one, `jitter` is from 0 to 1. What the API server
// asks for is the least; credentials that are refused are not tried again before retry_refused.
[[nodiscard]] std::chrono::milliseconds pause_after(
    const Outcome& outcome, int failures, const Patience& patience, double jitter
);

}  // namespace meshscope::clients::kubernetes
