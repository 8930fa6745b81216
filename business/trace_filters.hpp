#pragma once

#include "business/service_name.hpp"
#include "business/trace_view.hpp"
#include "models/trace.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace meshscope::business {

// True when the span speaks of the service `name` of `name_space`: Istio's destination or source
// pair of canonical service and namespace names it, or the operation begins with
// "<name>.<namespace>" and ends there or goes on after a dot, a colon or a slash
// ("cart.shop.svc.cluster.local:8080/*", but not "cart.shopping.svc").
bool names_service(const models::Span& span, std::string_view name_space, std::string_view name);

// True when one visible span passes names_service.
bool any_names_service(const TraceView& view, std::string_view name_space, std::string_view name);

// Indexes of the spans that the object itself reported: their process is called `lookup` or
// `service` (the name with the namespace); when the object is looked up under a name that is not
// its own, the span must also name it. Ascending.
std::vector<std::uint32_t> spans_of(
    const models::Trace& trace, const ResolvedName& name, std::string_view service
);

}  // namespace meshscope::business
