#pragma once

#include "clients/http/http_client.hpp"
#include "core/clock.hpp"
#include "core/error.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace meshscope::clients::kubernetes {

// A Status object of failure, or what stood in its place: plain text of flow control or a proxy, a
// page.
struct ApiFault {
    unsigned http = 0;    // of the answer; of the Status when it came with a 2xx
    std::string reason;   // "Expired", "Forbidden"; "" unknown
    std::string message;  // what the API server says, credentials masked; at most 500 bytes
    std::optional<std::chrono::seconds> retry_after;  // header, else details; 0 to 60 s
    bool is_status = false;          // false with 404: the group or the kind is not there
    bool is_page = false;            // HTML: something in between answered
    bool too_large_version = false;  // this server is behind the resource version that was asked
};

// Pure. nullopt for a 2xx that is no Status of failure.
[[nodiscard]] std::optional<ApiFault> fault_of(const HttpResponse& response, SystemTime now);

// What callers are told. `as_caller`: 401 and 403 are the caller's own (kUnauthenticated,
// kForbidden), else the server's account was refused (kUpstreamAuth). 404 kNotFound, 400 and 422
// kInvalidArgument, 409 kConflict, 429 kRateLimited, 5xx kUpstreamUnavailable; what no API server
// says kUpstreamProtocol. `path` goes into the detail, without its query.
[[nodiscard]] Error error_of(const ApiFault& fault, std::string_view path, bool as_caller);

}  // namespace meshscope::clients::kubernetes
