#pragma once

#include "async/request_context.hpp"
#include "clients/http/http_client.hpp"
#include "core/result.hpp"

#include <string>
#include <string_view>

namespace meshscope::clients {

struct RequestHead {
    std::string method;
    std::string target;               // origin form, base path included
    std::string authorization;        // "" for none
    bool through_proxy = false;       // absolute form
    std::string proxy_authorization;  // "" for none
};

// The request line and the header fields, with the empty line. Later sources win over earlier ones:
// our own, the configured custom ones, the request's, of which those of one name are all sent.
// kInvalidArgument names a field that cannot be sent.
Result<std::string> write_head(
    const RequestHead& head,
    const HttpRequest& request,
    const HttpClientOptions& options,
    const RequestContext& context
);

// What can stand behind a header's name: no control characters but tabs.
bool is_field_value(std::string_view text);

// A path with an optional query that can stand in a request line.
bool is_target(std::string_view text);

}  // namespace meshscope::clients
