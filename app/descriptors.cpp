#include "app/descriptors.hpp"

#include <algorithm>
#include <cstdint>
#include <sys/resource.h>

namespace meshscope::app {

namespace {

constexpr std::size_t kForOthers = 256;
constexpr std::size_t kUnbounded = std::size_t{1} << 20U;

}  // namespace

std::size_t raise_descriptor_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return kUnbounded;
    }
    const rlimit raised{limit.rlim_max, limit.rlim_max};
    if (limit.rlim_cur < limit.rlim_max && ::setrlimit(RLIMIT_NOFILE, &raised) == 0) {
        limit = raised;
    }
    return static_cast<std::size_t>(std::min<rlim_t>(limit.rlim_cur, kUnbounded));
}

std::size_t connections_within(std::size_t descriptors) {
    return std::max<std::size_t>(1, descriptors - std::min(descriptors / 2, kForOthers));
}

void bound_connections(server::Limits& limits, telemetry::Logger& logger) {
    const std::size_t descriptors = raise_descriptor_limit();
    const std::size_t most = connections_within(descriptors);
    if (most >= limits.max_connections) {
        return;
    }
    logger.warn(
        "fewer connections than meshscope.max_connections; raise the limit of open files",
        {{"open_files", static_cast<std::int64_t>(descriptors)},
         {"max_connections", static_cast<std::int64_t>(most)}}
    );
    limits.max_connections = most;
}

}  // namespace meshscope::app
