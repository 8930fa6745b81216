#include "handlers/mesh_json.hpp"

namespace meshscope::handlers {

void write_labels(JsonWriter& json, const models::LabelSet& labels) {
    json.begin_object();
    for (const auto& [key, value] : labels) {
        json.field(key, value);
    }
    json.end_object();
}

void write_namespace(
    JsonWriter& json, const business::NamespaceItem& item, std::string_view cluster
) {
    const models::ObjectMeta& meta = item.view->object.meta;
    json.begin_object().field("name", meta.name).field("cluster", cluster);
    json.field("isAmbient", item.ambient).field("isControlPlane", item.control_plane);
    write_labels(json.key("labels"), *meta.labels);
    write_labels(json.key("annotations"), *meta.annotations);
    if (!item.revision.empty()) {
        json.field("revision", item.revision);
    }
    json.end_object();
}

}  // namespace meshscope::handlers
