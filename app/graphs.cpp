#include "app/graphs.hpp"

#include "app/discovery.hpp"
#include "business/no_metrics.hpp"

#include <utility>

namespace meshscope::app {

std::shared_ptr<const business::Graphs> make_graphs(
    const config::Config& config, business::Graphs::Parts parts
) {
    parts.unavailable = business::no_metrics();
    parts.discovery = discovery(config);
    return std::make_shared<const business::Graphs>(std::move(parts));
}

}  // namespace meshscope::app
