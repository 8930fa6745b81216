#pragma once

#include "clients/http/http_client.hpp"
#include "core/error.hpp"

#include <optional>
#include <string>

namespace meshscope::clients::prometheus {

// Which answer is looked at, for error texts.
struct Asked {
    Url base;                    // as configured
    std::string path;            // below it, "/api/v1/query"
    std::string setting_prefix;  // "external_services.prometheus"
};

// Why an answer cannot be read as the JSON of Prometheus' HTTP API; nullopt when it can be tried
// (decode.hpp). Pure. The error names URL, cause and the setting to change. Kinds:
//  - kUpstreamAuth: 401, 403, a log-in page; with the scheme that is asked for, or the missing
//  tenant;
//  - what fault.hpp says of the store's own errors;
//  - kUpstreamUnavailable: not ready, 429, and 502 to 504 of a proxy, with the code kBusyCode or
//  "upstream_starting";
//  - kUpstreamProtocol: everything else, above all unknown paths (code "upstream_path_prefix").
[[nodiscard]] std::optional<Error> diagnose(const HttpResponse& response, const Asked& asked);

// The code of a store that reads its log after a start, or is about to stop.
inline constexpr std::string_view kStartingCode = "upstream_starting";

// Whether the query may pass as a GET: a proxy, or the store itself, refuses POST.
[[nodiscard]] bool is_refused_post(const HttpResponse& response);

}  // namespace meshscope::clients::prometheus
