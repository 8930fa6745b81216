#pragma once

#include "business/diagnose.hpp"
#include "business/explain.hpp"
#include "config/load.hpp"
#include "config/tracing_urls.hpp"

#include <memory>

namespace meshscope::app {

// What the use cases know of how the trace store is configured. No secrets.
business::StoreSetup store_setup(const config::Config& config, const config::TracingTarget& target);

// The use cases over `parts`, in which what follows from the configuration is filled in here.
std::shared_ptr<const business::Explain> make_explain(
    const config::Config& config,
    const config::TracingTarget& target,
    business::Explain::Parts parts
);
std::shared_ptr<const business::Diagnose> make_diagnose(
    const config::Config& config,
    const config::TracingTarget& target,
    business::Diagnose::Parts parts
);

}  // namespace meshscope::app
