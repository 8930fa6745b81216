#include "business/token_reviews.hpp"

#include <cstddef>
#include <functional>
#include <utility>

namespace meshscope::business {

namespace {

constexpr GovernorLimits kReviewsAtOnce{.max_in_flight = 16, .max_waiting = 1'000};
constexpr std::chrono::seconds kLongestReview{10};
constexpr std::size_t kMostTokens = 5'000;

using clients::TokenOwner;

}  // namespace

struct TokenReviews::State {
    State(
        clients::Cluster& cluster_in,
        const Clock& clock_in,
        std::chrono::seconds life_in,
        std::chrono::seconds refusal_life_in
    )
        : cluster(cluster_in),
          clock(clock_in),
          life(life_in),
          refusal_life(refusal_life_in),
          governor("kubernetes", kReviewsAtOnce),
          remembered(clock_in, kMostTokens) {}

    clients::Cluster& cluster;
    const Clock& clock;
    const std::chrono::seconds life;
    const std::chrono::seconds refusal_life;
    Governor governor;
    ExpiringMap<TokenOwner> remembered;
};

TokenReviews::TokenReviews(
    clients::Cluster& cluster,
    const Clock& clock,
    std::chrono::seconds life,
    std::chrono::seconds refusal_life
)
    : state_(std::make_shared<State>(cluster, clock, life, refusal_life)) {}

std::optional<TokenOwner> TokenReviews::known(const std::string& key) const {
    return state_->remembered.find(key);
}

Awaitable<Result<TokenOwner>> TokenReviews::of(
    RequestContext context, std::string token, std::string key
) const {
    const std::shared_ptr<State> state = state_;
    if (std::optional<TokenOwner> owner = state->remembered.find(key)) {
        co_return std::move(*owner);
    }
    std::function<Awaitable<Result<TokenOwner>>(RequestContext)> ask =
        [state, token = std::move(token)](RequestContext inner) {
            return state->cluster.review_token(std::move(inner), token);
        };
    const SteadyTime begun = state->clock.steady_now();
    auto call =
        state->governor.call<TokenOwner>(std::move(context), key, kLongestReview, std::move(ask));
    const Result<std::shared_ptr<const TokenOwner>> owner = co_await std::move(call);
    if (!owner) {
        co_return owner.error();
    }
    const bool known = (*owner)->authenticated;
    state->remembered.put(key, **owner, begun + (known ? state->life : state->refusal_life));
    co_return **owner;
}

}  // namespace meshscope::business
