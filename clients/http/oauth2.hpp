#pragma once

#include "clients/http/authorizer.hpp"
#include "clients/http/oauth2_token.hpp"
#include "core/clock.hpp"

#include <memory>

namespace meshscope::clients {

// Bearer tokens by OAuth2 client credentials, kept until they are about to expire (is_due()) or are
// refused. However many calls need one at once, one is fetched. While a fetch fails or takes more
// than 2 s, a token that is still good is given out. The client secret is read anew once when the
// token endpoint answers 401. Without a good token the error of a failed fetch stands for 3 s,
// unless the secret changes; refused tokens are exchanged at most once in 3 s.
//
// `tls` is used for the token endpoint, but its certificate is always checked. kInvalidArgument
// when the token URL cannot be used. Errors of authorization(): see read_token(), and the client's
// own for an endpoint that cannot be reached; they name the key to change and hold no secret.
[[nodiscard]] Result<std::shared_ptr<Authorizer>> make_oauth2(
    OAuth2Options options, TlsSettings tls, const Clock& clock, bool use_proxy_environment = true
);

}  // namespace meshscope::clients
