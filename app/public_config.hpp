#pragma once

#include "config/config.hpp"
#include "config/tracing_urls.hpp"
#include "handlers/public_config.hpp"

#include <string>

namespace meshscope::app {

struct Build {
    std::string version;  // without a "v"
    std::string commit;   // "" when unknown
};

// What callers may read of the configuration, and of what runs.
handlers::PublicConfig public_config(
    const config::Config& config,
    const config::TracingTarget& tracing,
    const Build& build,
    const std::string& log_level
);

// The name under which this cluster's spans and workloads are known.
std::string home_cluster(const config::Config& config);

// Behind "svc" names: the configured identity domain, else "svc.cluster.local".
std::string identity_domain(const config::Config& config);

}  // namespace meshscope::app
