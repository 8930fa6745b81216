#include "clients/jaeger/protocol_choice.hpp"

#include "async/governor.hpp"

#include <algorithm>
#include <limits>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace meshscope::clients::jaeger {

namespace {

using Candidate = ProtocolChoice::Candidate;

constexpr std::chrono::seconds kTrustAgain{5};
constexpr std::string_view kTooOld = "server_too_old";

// Of several failures the one that tells most.
int rank(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::kUpstreamAuth:
            return 4;
        case ErrorKind::kUpstreamProtocol:
        case ErrorKind::kNotFound:
            return 3;
        case ErrorKind::kDeadline:
            return 2;
        case ErrorKind::kUpstreamUnavailable:
            return 1;
        default:
            return 0;
    }
}

// Whether an answer comes from a Jaeger that understood the question.
bool fits(const Result<>& answer) {
    return answer || answer.error().kind() == ErrorKind::kInvalidArgument;
}

bool is_of_endpoint(const Error& error) {
    return error.kind() == ErrorKind::kUpstreamUnavailable || error.kind() == ErrorKind::kDeadline;
}

struct Failure {
    std::string name;
    Error error;
};

// The last of the highest rank: later candidates are those that explain better.
Error most_telling(const std::vector<Failure>& failures) {
    const Failure* best = &failures.front();
    for (const Failure& failure : failures) {
        best = rank(failure.error.kind()) >= rank(best->error.kind()) ? &failure : best;
    }
    std::string others = best->error.detail();
    for (const Failure& failure : failures) {
        if (&failure != best) {
            others += (others.empty() ? "" : "; ") + failure.name + ": " + failure.error.message();
        }
    }
    return best->error.with_detail(std::move(others));
}

// One look at the candidates: who was tried, what they said, which endpoints are out.
class Round {
 public:
    Round(const std::vector<Candidate>& candidates, const Clock& clock, RequestContext context)
        : clock_(clock), context_(std::move(context)) {
        for (const Candidate& candidate : candidates) {
            open_.insert(endpoint_of(candidate));
        }
    }

    enum class Verdict { kFits, kTooOld, kFails, kCancelled };

    // A coroutine on `this`, awaited at once.
    Awaitable<Verdict> try_out(Candidate candidate) {
        const std::string endpoint = endpoint_of(candidate);
        RequestContext limited = context_;
        if (!context_.deadline.is_never()) {
            const SteadyTime now = clock_.steady_now();
            const auto share = context_.deadline.remaining(now) /
                               static_cast<std::int64_t>(std::max<std::size_t>(open_.size(), 1));
            limited = context_.with_deadline(Deadline::after(now, share));
        }
        const Result<> answer = co_await candidate->probe(std::move(limited));
        if (fits(answer)) {
            co_return Verdict::kFits;
        }
        const Error& error = answer.error();
        if (error.kind() == ErrorKind::kCancelled) {
            failures_.assign(1, {std::string(candidate->name()), error});
            co_return Verdict::kCancelled;
        }
        failures_.push_back({std::string(candidate->name()), error});
        if (is_of_endpoint(error)) {
            close(endpoint);
        }
        co_return error.code() == kTooOld ? Verdict::kTooOld : Verdict::kFails;
    }

    [[nodiscard]] bool may_work(const Candidate& candidate) const {
        return open_.contains(endpoint_of(candidate));
    }
    // No candidate of that endpoint is left to try: the others share its time.
    void close(const std::string& endpoint) { open_.erase(endpoint); }
    // What the chosen one said counts most among equals.
    void put_first_last() {
        std::rotate(failures_.begin(), failures_.begin() + 1, failures_.end());
    }
    [[nodiscard]] Error error() const { return most_telling(failures_); }

    static std::string endpoint_of(const Candidate& candidate) {
        std::string endpoint = candidate->endpoint();
        return endpoint.empty() ? std::string(candidate->name()) : endpoint;
    }

 private:
    const Clock& clock_;
    const RequestContext context_;
    std::set<std::string> open_;
    std::vector<Failure> failures_;
};

using Verdict = Round::Verdict;

}  // namespace

struct ProtocolChoice::State {
    State(std::vector<Candidate> the_candidates, const Clock& the_clock, std::chrono::nanoseconds t)
        : candidates(std::move(the_candidates)), clock(the_clock), time(t) {}

    const std::vector<Candidate> candidates;
    const Clock& clock;
    const std::chrono::nanoseconds time;
    // Joins those who want a choice at once.
    Governor flights{"jaeger", {.max_in_flight = 2, .max_waiting = kUnbounded}};

    mutable std::mutex mutex;
    Chosen chosen;
    bool last_resort = false;
    bool choosing = false;
    std::optional<SteadyTime> trusted_at;  // complained of in this turn, and found to work

    static constexpr std::size_t kUnbounded = std::numeric_limits<std::size_t>::max();

    void choose(const Candidate& candidate, bool as_last_resort) {
        const std::scoped_lock lock(mutex);
        set(candidate, as_last_resort);
    }
    // Under the mutex.
    void set(const Candidate& candidate, bool as_last_resort) {
        if (chosen.protocol != candidate) {
            chosen = {candidate, chosen.turn + 1};
            trusted_at = std::nullopt;
        }
        last_resort = as_last_resort;
    }
    [[nodiscard]] Chosen current() const {
        const std::scoped_lock lock(mutex);
        return candidates.size() == 1 ? Chosen{candidates.front(), 0} : chosen;
    }
    void set_choosing(bool value) {
        const std::scoped_lock lock(mutex);
        choosing = value;
    }

    Awaitable<Result<Candidate>> settle(RequestContext context);
    static Awaitable<Result<Candidate>> joined(
        std::shared_ptr<State> state, RequestContext context
    );
    static Awaitable<Result<bool>> better(
        std::shared_ptr<State> state, RequestContext context, Where where
    );
};

// The chosen one if it still works, else the best of the others.
Awaitable<Result<Candidate>> ProtocolChoice::State::settle(RequestContext context) {
    const Candidate before = current().protocol;
    Round round(candidates, clock, std::move(context));
    Candidate last;
    if (before) {
        const Verdict verdict = co_await round.try_out(before);
        if (verdict == Verdict::kFits) {
            choose(before, false);
            co_return before;
        }
        if (verdict == Verdict::kCancelled) {
            co_return round.error();
        }
        last = verdict == Verdict::kTooOld ? before : nullptr;
    }
    for (const Candidate& candidate : candidates) {
        if (candidate == before || !round.may_work(candidate)) {
            continue;
        }
        const Verdict verdict = co_await round.try_out(candidate);
        if (verdict == Verdict::kFits) {
            choose(candidate, false);
            co_return candidate;
        }
        if (verdict == Verdict::kCancelled) {
            co_return round.error();
        }
        if (verdict == Verdict::kTooOld && !last) {
            last = candidate;
        }
        const bool more = std::any_of(
            candidates.begin() + (&candidate - candidates.data()) + 1,
            candidates.end(),
            [&](const Candidate& other) {
                return Round::endpoint_of(other) == Round::endpoint_of(candidate);
            }
        );
        if (!more) {
            round.close(Round::endpoint_of(candidate));
        }
    }
    if (last) {
        choose(last, true);
        co_return last;
    }
    if (before) {
        round.put_first_last();
    }
    co_return round.error();
}

Awaitable<Result<Candidate>> ProtocolChoice::State::joined(
    std::shared_ptr<State> state, RequestContext context
) {
    std::function<Awaitable<Result<Candidate>>(RequestContext)> operation =
        [state](RequestContext inner) -> Awaitable<Result<Candidate>> {
        const std::shared_ptr<State> own = state;
        own->set_choosing(true);
        auto settled = co_await own->settle(std::move(inner));
        own->set_choosing(false);
        co_return settled;
    };
    auto made = co_await state->flights.call<Candidate>(
        std::move(context), "choose", state->time, std::move(operation)
    );
    if (!made) {
        co_return made.error();
    }
    co_return Candidate(**made);
}

Awaitable<Result<bool>> ProtocolChoice::State::better(
    std::shared_ptr<State> state, RequestContext context, Where where
) {
    Candidate before;
    bool was_last_resort = false;
    {
        const std::scoped_lock lock(state->mutex);
        before = state->chosen.protocol;
        was_last_resort = state->last_resort;
    }
    Round round(state->candidates, state->clock, std::move(context));
    for (const Candidate& candidate : state->candidates) {
        if (candidate == before) {
            if (was_last_resort) {
                continue;
            }
            break;  // those behind it are worse
        }
        const bool near = Round::endpoint_of(candidate) == Round::endpoint_of(before);
        if (!round.may_work(candidate) || (where == Where::kSameEndpoint && !near)) {
            continue;
        }
        const Verdict verdict = co_await round.try_out(candidate);
        if (verdict == Verdict::kCancelled) {
            co_return round.error();
        }
        if (verdict == Verdict::kFits) {
            const std::scoped_lock lock(state->mutex);
            if (state->chosen.protocol != before) {
                co_return false;  // a choice was made meanwhile
            }
            state->set(candidate, false);
            co_return true;
        }
    }
    co_return false;
}

ProtocolChoice::ProtocolChoice(
    std::vector<Candidate> candidates, const Clock& clock, std::chrono::nanoseconds time_to_choose
)
    : state_(std::make_shared<State>(std::move(candidates), clock, time_to_choose)) {}

ProtocolChoice::~ProtocolChoice() = default;

Awaitable<Result<ProtocolChoice::Chosen>> ProtocolChoice::get(RequestContext context) {
    const auto state = state_;
    Chosen chosen = state->current();
    if (!chosen.protocol) {
        auto settled = co_await State::joined(state, std::move(context));
        if (!settled) {
            co_return settled.error();
        }
        chosen = state->current();
    }
    co_return chosen;
}

Awaitable<Result<Candidate>> ProtocolChoice::verify(RequestContext context) {
    const auto state = state_;
    co_return co_await State::joined(state, std::move(context));
}

Awaitable<ProtocolChoice::Chosen> ProtocolChoice::instead_of(
    Chosen failed, RequestContext context
) {
    const auto state = state_;
    if (state->candidates.size() == 1) {
        co_return Chosen{};
    }
    // A look that had begun before the failure may have seen what was before: a second one then.
    for (int round = 0, rounds = 1; round < rounds; ++round) {
        {
            const SteadyTime now = state->clock.steady_now();
            const std::scoped_lock lock(state->mutex);
            if (state->chosen.turn != failed.turn) {
                co_return state->chosen;  // somebody else has chosen meanwhile
            }
            if (state->trusted_at && now - *state->trusted_at < kTrustAgain) {
                co_return Chosen{};
            }
            rounds = round == 0 && state->choosing ? 2 : rounds;
        }
        const Result<Candidate> settled = co_await State::joined(state, context);
        if (!settled) {
            co_return Chosen{};
        }
    }
    const std::scoped_lock lock(state->mutex);
    if (state->chosen.turn != failed.turn) {
        co_return state->chosen;
    }
    state->trusted_at = state->clock.steady_now();
    co_return Chosen{};
}

Awaitable<bool> ProtocolChoice::look_for_better(RequestContext context, Where where) {
    const auto state = state_;
    {
        const std::scoped_lock lock(state->mutex);
        const Candidate& chosen = state->chosen.protocol;
        const bool best = chosen == state->candidates.front() && !state->last_resort;
        if (!chosen || best) {
            co_return false;
        }
    }
    std::function<Awaitable<Result<bool>>(RequestContext)> operation =
        [state, where](RequestContext inner) {
            return State::better(state, std::move(inner), where);
        };
    auto found = co_await state->flights.call<bool>(
        std::move(context),
        where == Where::kEverywhere ? "better" : "better here",
        state->time,
        std::move(operation)
    );
    co_return found && **found;
}

Candidate ProtocolChoice::current() const { return state_->current().protocol; }

bool ProtocolChoice::is_last_resort() const {
    const std::scoped_lock lock(state_->mutex);
    return state_->last_resort;
}

std::size_t ProtocolChoice::candidate_count() const { return state_->candidates.size(); }

std::vector<Candidate> ProtocolChoice::older_than(const Candidate& candidate) const {
    std::vector<Candidate> out;
    bool behind = false;
    for (const Candidate& other : state_->candidates) {
        if (behind && Round::endpoint_of(other) == Round::endpoint_of(candidate)) {
            out.push_back(other);
        }
        behind = behind || other == candidate;
    }
    return out;
}

std::vector<Candidate> ProtocolChoice::elsewhere(const Candidate& candidate) const {
    std::vector<Candidate> out;
    for (const Candidate& other : state_->candidates) {
        if (Round::endpoint_of(other) != Round::endpoint_of(candidate)) {
            out.push_back(other);
        }
    }
    return out;
}

}  // namespace meshscope::clients::jaeger
