#pragma once

#include "async/awaitable.hpp"
#include "async/request_context.hpp"
#include "business/health.hpp"
#include "business/mesh_items.hpp"
#include "business/meta.hpp"
#include "core/json_writer.hpp"
#include "handlers/mesh_parameters.hpp"
#include "handlers/parts.hpp"

#include <memory>
#include <string_view>

namespace meshscope::handlers {

// Health as clients of old read it, a JSON value each. `view` null: it was not asked for, the shape
// is there and empty.
void write_health(
    JsonWriter& json, const models::Workload& workload, const business::HealthView* view
);
void write_health(JsonWriter& json, const business::AppItem& app, const business::HealthView* view);
void write_health(
    JsonWriter& json, const business::ServiceItem& service, const business::HealthView* view
);

// {"errorRatio", "status", "totalRequestRate"}; what is 0 is left out.
void write_health_status(JsonWriter& json, const models::Health& health);

// What the routes of objects write: null when health was not asked for. Says in `meta` how old the
// requests are and what is not known of them, and what they cost. `ns`: of one object's route, else
// "".
Awaitable<std::shared_ptr<const business::HealthView>> look_at_health(
    const Parts& parts,
    RequestContext context,
    const MeshRequest& asked,
    std::string_view ns,
    business::Meta& meta
);

}  // namespace meshscope::handlers
