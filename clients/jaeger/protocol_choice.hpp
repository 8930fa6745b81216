#pragma once

#include "clients/jaeger/protocol.hpp"
#include "core/clock.hpp"

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace meshscope::clients::jaeger {

// Which of several protocols a Jaeger speaks. Usable from every thread; a single candidate costs
// nothing.
class ProtocolChoice {
 public:
    using Candidate = std::shared_ptr<Protocol>;
    ProtocolChoice(std::vector<Candidate> candidates, const Clock& clock)
        : candidates_(std::move(candidates)), clock_(clock) {}

    // The chosen one; chooses first when there is none, trying each candidate in order within a
    // fair share of the context's time. The error when none works is the most telling one.
    Awaitable<Result<Candidate>> get(RequestContext context);

    // After `failed` gave an answer that is not of its protocol: another one that works, nullptr
    // when there is none (or one was looked for in the last 5 s).
    Awaitable<Candidate> instead_of(Candidate failed, RequestContext context);

    [[nodiscard]] Candidate current() const;  // nullptr when none is chosen

 private:
    Awaitable<Result<Candidate>> choose(RequestContext context);

    const std::vector<Candidate> candidates_;
    const Clock& clock_;
    mutable std::mutex mutex_;
    Candidate chosen_;
    std::optional<SteadyTime> chosen_again_;
};

}  // namespace meshscope::clients::jaeger
