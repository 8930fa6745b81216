#pragma once

#include "business/health.hpp"
#include "business/mesh.hpp"
#include "core/json_writer.hpp"
#include "server/http_types.hpp"

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace meshscope::handlers {

// Objects of the mesh as clients of old read them. Each function writes one JSON value.

inline constexpr std::string_view kHealthRate = "health.kiali.io/rate";

void write_labels(JsonWriter& json, const models::LabelSet& labels);  // an object of strings
// The same with at most that key.
void write_only(JsonWriter& json, const models::LabelSet& labels, std::string_view key);
void write_texts(JsonWriter& json, const std::vector<std::string>& texts);
void write_kind(JsonWriter& json, const models::Kind& kind);  // {"Group","Version","Kind"}
std::string created_text(SystemTime time);                    // RFC 3339 in whole seconds

void write_namespace(
    JsonWriter& json, const business::NamespaceItem& item, std::string_view cluster
);
void write_references(
    JsonWriter& json, const std::vector<models::MeshObjectPtr>& objects, std::string_view cluster
);
// null when there are none.
void write_waypoints(
    JsonWriter& json, const std::vector<business::WaypointRef>& waypoints, std::string_view cluster
);

// `only_definition`: the proxies of its pods were not looked at. `health` null: not asked for.
void write_service_item(
    JsonWriter& json,
    const business::ServiceItem& item,
    std::string_view cluster,
    bool only_definition,
    const business::HealthView* health
);

// `head`, items with commas between, `tail`; in pieces. `write` keeps what it writes of.
server::BodySource list_body(
    std::string head,
    std::size_t count,
    std::function<void(JsonWriter& json, std::size_t index)> write,
    std::string tail
);

}  // namespace meshscope::handlers
