#include "app/upstream_parts.hpp"

#include <string>

namespace meshscope::app {

void log_unreachable(telemetry::Logger& logger, std::string_view upstream, const Error& reason) {
    logger.warn(
        std::string(upstream) + " is unreachable",
        {{"reason", std::string_view(reason.message())},
         {"detail", std::string_view(reason.detail())},
         {"setting", std::string_view(reason.hint().setting)},
         {"advice", std::string_view(reason.hint().advice)}}
    );
}

}  // namespace meshscope::app
