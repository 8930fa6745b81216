#pragma once

#include "clients/cluster.hpp"
#include "core/result.hpp"

#include <string>

namespace meshscope::clients::kubernetes {

// Bodies of reviews as they go out and what their answers say. Pure. Every reader fails with
// kUpstreamProtocol when the answer is no review of its kind: nothing is allowed by mistake.

inline constexpr const char* kTokenReviews = "/apis/authentication.k8s.io/v1/tokenreviews";
inline constexpr const char* kAccessReviews =
    "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
inline constexpr const char* kRulesReviews =
    "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews";

[[nodiscard]] std::string token_review(const std::string& token);
[[nodiscard]] std::string access_review(const AccessQuestion& question);
[[nodiscard]] std::string rules_review(const std::string& ns);

[[nodiscard]] Result<TokenOwner> read_token_review(std::string body);
// An evaluation that failed allows nothing; its error is the reason then.
[[nodiscard]] Result<AccessAnswer> read_access_review(std::string body);
[[nodiscard]] Result<AccessRules> read_rules_review(std::string body);

}  // namespace meshscope::clients::kubernetes
