#pragma once

#include "business/graphs.hpp"
#include "config/load.hpp"

#include <memory>

namespace meshscope::app {

// The use case of traffic graphs over `parts`, in which what follows from the configuration and the
// appenders are filled in here.
std::shared_ptr<const business::Graphs> make_graphs(
    const config::Config& config, business::Graphs::Parts parts
);

}  // namespace meshscope::app
