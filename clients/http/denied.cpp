#include "clients/http/denied.hpp"

#include "core/text.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace meshscope::clients {

namespace {

// The scheme of a WWW-Authenticate header, "basic"; "" for none or an odd one.
std::string scheme_of(std::string_view challenge) {
    const std::string lower = to_lower(trim(challenge));
    const std::string word = lower.substr(0, lower.find(' '));
    const bool plain = word.size() <= 20 && std::all_of(word.begin(), word.end(), [](char c) {
                           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
                       });
    return plain ? word : std::string();
}

std::string advice_for(const std::string& scheme, const std::string& auth, std::string other) {
    if (scheme == "basic") {
        return "set " + auth + ".type to basic with the right username and password";
    }
    if (scheme == "bearer") {
        return "set " + auth + ".type to bearer with a valid token, or use_kiali_token";
    }
    return other.empty() ? "set " + auth + " to a type and credential that is accepted"
                         : std::move(other);
}

}  // namespace

Error error_of(const HttpResponse& response, Denied denied) {
    const std::string_view challenge = response.header("www-authenticate");
    const std::string scheme = scheme_of(challenge);
    // RFC 6750: error="invalid_token", error_description="The access token expired".
    const std::string reason = to_lower(std::string(challenge) + " " + denied.said);
    const bool expired = reason.find("expired") != std::string::npos;
    const std::string auth = denied.setting_prefix + ".auth";
    std::string message = std::move(denied.url) + " answers " + std::to_string(response.status);
    message += response.status == 401 ? ": the credentials are missing or wrong"
                                      : ": the credentials have no right to this";
    message += scheme.empty() ? "" : " (asked for: " + scheme + ")";
    return Error(ErrorKind::kUpstreamAuth, std::move(message))
        .with_upstream(denied.upstream)
        .with_detail(std::move(denied.said))
        .with_cause(expired ? Cause::kExpiredToken : Cause::kCredentials)
        .with_hint({auth, advice_for(scheme, auth, std::move(denied.advice))});
}

}  // namespace meshscope::clients
