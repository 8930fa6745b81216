#pragma once

#include "clients/http/url.hpp"
#include "config/load.hpp"
#include "config/tracing_urls.hpp"
#include "core/result.hpp"

#include <string>

// Addresses of upstreams, as configured. Errors are kInvalidArgument and name the key.
namespace meshscope::app {

// The address of an upstream that cannot be used: names the key below `section`.
Error unusable_address(const std::string& section, const std::string& key, const std::string& why);

Result<clients::Url> tracing_address(const config::TracingTarget& target);
Result<clients::Url> prometheus_address(const config::Prometheus& prometheus);

struct ConfiguredAddress {
    std::string url;
    std::string key;
};

// Where the server reaches Grafana, "" not at all: the older name wins when it is not empty.
ConfiguredAddress internal_address(const config::Grafana& grafana);

// Looks at all that the server would call, those of health pages, tokens and its own spans among
// them: what is an error here ends the start.
Result<> check_addresses(const config::Loaded& loaded);

}  // namespace meshscope::app
