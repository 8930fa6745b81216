#pragma once

#include "clients/http/http_client.hpp"
#include "core/result.hpp"

#include <string>

namespace meshscope::app {

// What `health_check_url` of an upstream names.
struct HealthPage {
    clients::HttpClientOptions http;
    std::string target;  // path and query
};

// `upstream` are the options of the upstream itself. Its credentials go along only to its own
// scheme, host and port, its custom headers never. Errors: kInvalidArgument, naming the key.
Result<HealthPage> health_page(const std::string& configured, clients::HttpClientOptions upstream);

}  // namespace meshscope::app
