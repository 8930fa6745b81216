#pragma once

#include "async/awaitable.hpp"
#include "async/governor.hpp"
#include "async/request_context.hpp"
#include "business/expiring_map.hpp"
#include "clients/cluster.hpp"
#include "core/clock.hpp"
#include "core/result.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace meshscope::business {

// Whose a token is, as Kubernetes says, remembered by a hash of the token; equal questions in
// flight are one. Usable from every thread.
class TokenReviews {
 public:
    // `life` of an answer that says yes, `refusal_life` of one that says no.
    TokenReviews(
        clients::Cluster& cluster,
        const Clock& clock,
        std::chrono::seconds life,
        std::chrono::seconds refusal_life
    );

    // `key`: the hash. Errors of Cluster::review_token; they are not remembered.
    Awaitable<Result<clients::TokenOwner>> of(
        RequestContext context, std::string token, std::string key
    ) const;
    [[nodiscard]] std::optional<clients::TokenOwner> known(const std::string& key) const;

 private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace meshscope::business
