#pragma once

#include "core/clock.hpp"
#include "core/result.hpp"
#include "server/http_types.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace meshscope::server {

// Keys of 16, 24 or 32 bytes: the first seals, all open; those of another length are passed over.
// Asked at each use, so that a key may be replaced while the server runs. Thread-safe.
using CookieKeys = std::function<std::vector<std::string>()>;

struct CookieOptions {
    std::string name;         // "kiali-token-Kubernetes"; parts "<name>-1", "<name>-2"...
    std::string count_name;   // "kiali-token-chunks-Kubernetes"
    std::string path = "/";   // web_root
    std::size_t part = 3584;  // characters of base64 in one cookie
    std::size_t most_parts = 180;
};

// A text in cookies that clients can neither read nor change: AES-GCM by the length of the key, a
// random nonce of 12 bytes, base64 of nonce, ciphertext and tag. Knows nothing of what the text
// says. Usable from every thread.
class SealedCookies {
 public:
    SealedCookies(CookieOptions options, CookieKeys keys);

    // Adds to `response` the Set-Cookie lines: the parts, their count when there is more than one,
    // and an end of every other cookie of ours that `request` sent. HttpOnly, SameSite=Strict,
    // Path, Expires, Secure when asked. kTooLarge beyond most_parts, kInternal without a usable
    // key; nothing is added then.
    Result<> seal(
        const Request& request,
        std::string_view text,
        SystemTime expires,
        bool secure,
        Response& response
    ) const;
    // nullopt: no such cookie. kUnauthenticated: a part is missing, not base64, no key opens it. A
    // count that was left behind by an older session does not matter when the first part is whole.
    [[nodiscard]] Result<std::optional<std::string>> open(const Request& request) const;
    // Ends every cookie of ours that the request sent.
    void clear(const Request& request, bool secure, Response& response) const;

 private:
    [[nodiscard]] bool is_ours(std::string_view name) const;
    [[nodiscard]] std::string part_name(std::size_t index) const;

    CookieOptions options_;
    CookieKeys keys_;
};

// Names and values of the Cookie headers, in order, quotes taken off the values. Views of
// `request`.
std::vector<std::pair<std::string_view, std::string_view>> cookies_of(const Request& request);

}  // namespace meshscope::server
