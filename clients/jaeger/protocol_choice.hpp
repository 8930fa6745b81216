#pragma once

#include "clients/jaeger/protocol.hpp"
#include "core/clock.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

namespace meshscope::clients::jaeger {

// Which of several protocols a Jaeger speaks. Usable from every thread. However many calls want a
// choice at once, it is made once and all wait for it, each no longer than its own deadline. A
// single candidate is always the chosen one.
//
// Candidates are tried in order, best first: the first whose probe() succeeds is chosen. The time
// is shared evenly between the endpoints; after an endpoint was unreachable or silent its other
// protocols are not tried. A candidate that is "server_too_old" is the last resort: chosen when
// nothing else works. The error when none works is the most telling one.
class ProtocolChoice {
 public:
    using Candidate = std::shared_ptr<Protocol>;
    // `time_to_choose` bounds one look at all candidates. `clock` outlives the calls.
    ProtocolChoice(
        std::vector<Candidate> candidates,
        const Clock& clock,
        std::chrono::nanoseconds time_to_choose = std::chrono::seconds(5)
    );
    ~ProtocolChoice();

    // A protocol, and which choice it is of: one that is chosen again after another is of a new
    // turn.
    struct Chosen {
        Candidate protocol;
        std::uint64_t turn = 0;
    };

    // The chosen one; chooses first when there is none.
    Awaitable<Result<Chosen>> get(RequestContext context);

    // Asks the chosen one for a sign of life; when it fails, chooses among the others. The chosen
    // one stays when none works, so that it is used again as soon as it is back.
    Awaitable<Result<Candidate>> verify(RequestContext context);

    // After `failed` gave an answer that is not of its protocol: what is chosen instead, which is
    // the same protocol when it was chosen again meanwhile. No protocol when no other works (or
    // `failed` turned out to work in the last 5 s of its turn).
    Awaitable<Chosen> instead_of(Chosen failed, RequestContext context);

    // Whether a candidate better than the chosen one works by now; then it is chosen.
    enum class Where : std::uint8_t { kSameEndpoint, kEverywhere };
    Awaitable<bool> look_for_better(RequestContext context, Where where = Where::kEverywhere);

    [[nodiscard]] Candidate current() const;    // nullptr when none is chosen
    [[nodiscard]] bool is_last_resort() const;  // of the current one
    [[nodiscard]] std::size_t candidate_count() const;
    // Those behind `candidate` at its endpoint, in order.
    [[nodiscard]] std::vector<Candidate> older_than(const Candidate& candidate) const;
    // The others at other endpoints, in order.
    [[nodiscard]] std::vector<Candidate> elsewhere(const Candidate& candidate) const;

 private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace meshscope::clients::jaeger
