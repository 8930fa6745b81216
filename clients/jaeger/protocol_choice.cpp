#include "clients/jaeger/protocol_choice.hpp"

#include <string>
#include <utility>

namespace meshscope::clients::jaeger {

namespace {

constexpr std::chrono::seconds kChooseAgain{5};

// Of several failures the one that tells most.
int rank(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::kUpstreamAuth:
            return 4;
        case ErrorKind::kUpstreamProtocol:
            return 3;
        case ErrorKind::kDeadline:
            return 2;
        case ErrorKind::kUpstreamUnavailable:
            return 1;
        default:
            return 0;
    }
}

// Whether an error comes from a Jaeger that understood the question.
bool was_understood(ErrorKind kind) {
    return kind == ErrorKind::kInvalidArgument || kind == ErrorKind::kNotFound;
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

}  // namespace

ProtocolChoice::Candidate ProtocolChoice::current() const {
    const std::scoped_lock lock(mutex_);
    return candidates_.size() == 1 ? candidates_.front() : chosen_;
}

Awaitable<Result<ProtocolChoice::Candidate>> ProtocolChoice::get(RequestContext context) {
    if (auto chosen = current()) {
        co_return chosen;
    }
    co_return co_await choose(std::move(context));
}

Awaitable<Result<ProtocolChoice::Candidate>> ProtocolChoice::choose(RequestContext context) {
    std::vector<Failure> failures;
    for (std::size_t i = 0; i < candidates_.size(); ++i) {
        const Candidate candidate = candidates_[i];
        RequestContext limited = context;
        if (!context.deadline.is_never()) {
            const SteadyTime now = clock_.steady_now();
            const auto share = context.deadline.remaining(now) / (candidates_.size() - i);
            limited = context.with_deadline(Deadline::after(now, share));
        }
        auto fit = co_await candidate->probe(std::move(limited));
        if (fit || was_understood(fit.error().kind())) {
            const std::scoped_lock lock(mutex_);
            chosen_ = candidate;
            co_return candidate;
        }
        if (fit.error().kind() == ErrorKind::kCancelled) {
            co_return fit.error();
        }
        failures.push_back({std::string(candidate->name()), fit.error()});
    }
    co_return most_telling(failures);
}

Awaitable<ProtocolChoice::Candidate> ProtocolChoice::instead_of(
    Candidate failed, RequestContext context
) {
    {
        const SteadyTime now = clock_.steady_now();
        const std::scoped_lock lock(mutex_);
        if (candidates_.size() == 1) {
            co_return nullptr;
        }
        if (chosen_ && chosen_ != failed) {
            co_return chosen_;  // somebody else has chosen again meanwhile
        }
        if (chosen_again_ && now - *chosen_again_ < kChooseAgain) {
            co_return nullptr;
        }
        chosen_again_ = now;
    }
    const auto chosen = co_await choose(std::move(context));
    co_return chosen && *chosen != failed ? *chosen : nullptr;
}

}  // namespace meshscope::clients::jaeger
