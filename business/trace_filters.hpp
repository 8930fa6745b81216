#pragma once

#include "models/trace.hpp"

#include <string_view>

namespace meshscope::business {

// True when the span speaks of the service `name` of `name_space`: Istio's destination or source
// pair of canonical service and namespace names it, or the operation begins with
// "<name>.<namespace>" and ends there or goes on after a dot, a colon or a slash
// ("cart.shop.svc.cluster.local:8080/*", but not "cart.shopping.svc").
bool names_service(const models::Span& span, std::string_view name_space, std::string_view name);

}  // namespace meshscope::business
