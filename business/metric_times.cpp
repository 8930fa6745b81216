#include "business/metrics_request.hpp"

#include <algorithm>

namespace meshscope::business {

Result<MetricTimes> metric_times(
    const MetricsRequest& request, SystemTime now, std::optional<SystemTime> created
) {
    using std::chrono::seconds;
    using Seconds = std::chrono::sys_seconds;
    const Seconds end = std::chrono::floor<seconds>(request.end.value_or(now));
    Seconds start = std::max(end - request.duration, Seconds());
    MetricTimes times;
    times.step = request.step;
    times.rate_interval = request.rate_interval;
    if (created) {
        const Seconds born = std::chrono::floor<seconds>(*created);
        if (end - born < seconds(1)) {
            times.nothing = true;
        } else {
            times.rate_interval = std::min(times.rate_interval, end - born);
            start = std::max(start, born + times.rate_interval);
        }
    }
    start -= start.time_since_epoch() % request.step;
    if ((end - start) / request.step >= kMostPoints) {
        return Error(
            ErrorKind::kInvalidArgument,
            "parameter 'step' must be longer, or 'duration' shorter: a series has at most " +
                std::to_string(kMostPoints) + " points"
        );
    }
    times.start = start;
    times.end = end;
    return times;
}

}  // namespace meshscope::business
