#pragma once

#include "clients/http/http_client.hpp"
#include "clients/jaeger/http_v1_decoder.hpp"
#include "clients/jaeger/ui_page.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace meshscope::clients::jaeger {

// In what the odd answers of one version of the HTTP API differ from another's.
struct HttpApi {
    // Of an error answer; empty when the body is something else.
    std::vector<StoreError> (*errors_of)(std::string body) = decode_errors;
    bool is_v3 = false;  // a server without it is older than it, not newer
};

// Which answer is looked at, for error texts.
struct Asked {
    Url base;                                    // as configured
    std::string path;                            // below it, "/api/traces"
    std::string setting_prefix;                  // "external_services.tracing"
    std::string url_setting = "in_cluster_url";  // below it: where the URL comes from
    HttpApi api;
};

// What a look around found out when a path was unknown: where Jaeger's UI is, if anywhere.
struct Surroundings {
    bool looked = false;
    std::optional<UiPage> page;
};

// Why an answer cannot be read as the JSON of Jaeger's HTTP API; nullopt when it can be tried.
// Pure. The error names URL, cause and the setting to change; nothing is changed silently. Kinds:
//  - kUpstreamAuth: 401, 403, a log-in page; with the scheme that is asked for, or the missing
//  tenant;
//  - kInvalidArgument, kNotFound: 400 and 404 with Jaeger's own error JSON;
//  - kUpstreamUnavailable: 429, and 502 to 504 of a proxy;
//  - kUpstreamProtocol: everything else, above all Jaeger's UI page (wrong path prefix) and unknown
//  paths; codes "upstream_path_prefix", and for a Jaeger without this API "upstream_api_removed" or
//  "upstream_unimplemented".
[[nodiscard]] std::optional<Error> diagnose(
    const HttpResponse& response, const Asked& asked, const Surroundings& surroundings = {}
);

// Whether looking for the UI page may tell more about this answer: an unknown path.
[[nodiscard]] bool is_unknown_path(const HttpResponse& response, const HttpApi& api = {});

}  // namespace meshscope::clients::jaeger
