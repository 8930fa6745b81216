#pragma once

#include "clients/credentials/secret.hpp"
#include "clients/http/http_client.hpp"
#include "core/clock.hpp"
#include "core/result.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace meshscope::clients {

// Client credentials (RFC 6749, 4.4).
struct OAuth2Options {
    std::string token_url;
    std::string client_id;
    Secret client_secret = Secret::none();
    std::vector<std::string> scopes;
    std::string audience;    // "": not asked for
    std::string auth_style;  // "header", "params", or "": header, then params when that is refused
    std::string setting_prefix;  // "external_services.tracing"; the keys are below its auth.oauth2
};

// How client id and secret travel.
enum class ClientAuth : std::uint8_t { kHeader, kParams };

struct OAuth2Token {
    std::string value;
    SteadyTime fetched;
    std::optional<SteadyTime> expires;  // nullopt: not said, good until it is refused
};

// Whether a new token should be fetched: less than a tenth of the token's life is left, at least
// 10 s and at most 5 min; never more than half of it.
[[nodiscard]] bool is_due(const OAuth2Token& token, SteadyTime now);
[[nodiscard]] bool is_expired(const OAuth2Token& token, SteadyTime now);

// Where a token URL leads: its origin, and path with query.
struct TokenPlace {
    Url origin;
    std::string target;
};
// kInvalidArgument: not a URL.
[[nodiscard]] Result<TokenPlace> parse_token_url(std::string_view url);

[[nodiscard]] HttpRequest token_request(
    const OAuth2Options& options, const TokenPlace& place, const std::string& secret, ClientAuth how
);

// The token out of an answer. kUpstreamAuth when the client is refused, kUpstreamUnavailable for a
// busy or failing endpoint, kUpstreamProtocol for what is no token. `secret` is in no error.
[[nodiscard]] Result<OAuth2Token> read_token(
    const HttpResponse& response,
    const OAuth2Options& options,
    const std::string& secret,
    SteadyTime now
);

}  // namespace meshscope::clients
