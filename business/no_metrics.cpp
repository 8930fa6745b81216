#include "business/no_metrics.hpp"

namespace meshscope::business {

Error no_metrics() {
    return Error(ErrorKind::kUnavailable, "metrics are disabled in the configuration")
        .with_code("metrics_disabled")
        .with_upstream("prometheus")
        .with_hint({"external_services.prometheus.enabled", "set it to true and give url"});
}

}  // namespace meshscope::business
