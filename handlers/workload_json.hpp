#pragma once

#include "business/health.hpp"
#include "business/mesh.hpp"
#include "core/json_writer.hpp"

#include <string_view>

namespace meshscope::handlers {

// `health` null: it was not asked for, the shape is empty.
void write_workload_item(
    JsonWriter& json,
    const business::WorkloadItem& item,
    std::string_view cluster,
    const business::HealthView* health
);
// The item with its pods, services, waypoints and virtual machines; `meta` as the last member.
void write_workload_detail(
    JsonWriter& json, const business::WorkloadDetail& detail, const business::HealthView* health
);

// `app`, `version`: whether the pod has such a label.
void write_pod(JsonWriter& json, const models::Pod& pod, bool app, bool version);

}  // namespace meshscope::handlers
