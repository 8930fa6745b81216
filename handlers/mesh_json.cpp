#include "handlers/mesh_json.hpp"

#include "core/time_text.hpp"
#include "handlers/health_json.hpp"
#include "handlers/trace_json.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

namespace meshscope::handlers {

void write_labels(JsonWriter& json, const models::LabelSet& labels) {
    json.begin_object();
    for (const auto& [key, value] : labels) {
        json.field(key, value);
    }
    json.end_object();
}

void write_only(JsonWriter& json, const models::LabelSet& labels, std::string_view key) {
    json.begin_object();
    if (models::has_label(labels, key)) {
        json.field(key, models::label(labels, key));
    }
    json.end_object();
}

void write_texts(JsonWriter& json, const std::vector<std::string>& texts) {
    json.begin_array();
    for (const std::string& text : texts) {
        json.string(text);
    }
    json.end_array();
}

void write_kind(JsonWriter& json, const models::Kind& kind) {
    json.begin_object().field("Group", kind.group).field("Version", kind.version);
    json.field("Kind", kind.kind).end_object();
}

std::string created_text(SystemTime time) {
    return format_rfc3339(SystemTime(std::chrono::floor<std::chrono::seconds>(time)));
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

void write_references(
    JsonWriter& json, const std::vector<models::MeshObjectPtr>& objects, std::string_view cluster
) {
    json.begin_array();
    for (const models::MeshObjectPtr& object : objects) {
        write_kind(json.begin_object().key("objectGVK"), object->kind);
        json.field("name", object->meta.name).field("namespace", object->meta.ns);
        json.field("cluster", cluster).end_object();
    }
    json.end_array();
}

void write_waypoints(
    JsonWriter& json, const std::vector<business::WaypointRef>& waypoints, std::string_view cluster
) {
    if (waypoints.empty()) {
        json.null();
        return;
    }
    json.begin_array();
    for (const auto& [waypoint, label_type] : waypoints) {
        json.begin_object().field("cluster", cluster);
        write_labels(json.key("labels"), *waypoint->labels);
        json.field("labelType", label_type).field("name", waypoint->name);
        json.field("namespace", waypoint->ns);
        json.field("type", models::label(*waypoint->labels, "istio.io/waypoint-for")).end_object();
    }
    json.end_array();
}

void write_service_item(
    JsonWriter& json,
    const business::ServiceItem& item,
    std::string_view cluster,
    bool only_definition,
    const business::HealthView* health
) {
    const bool external = item.service == nullptr;
    const models::LabelSet& none = *models::no_labels();
    const models::LabelSet& annotations = external ? none : *item.service->meta.annotations;
    const bool sidecar =
        std::ranges::any_of(item.workloads, [](const auto& workload) { return workload->sidecar; });
    const bool ambient =
        std::ranges::any_of(item.workloads, [](const auto& workload) { return workload->ambient; });
    json.begin_object().field("name", item.name).field("namespace", item.ns);
    json.field("cluster", cluster).field("istioSidecar", only_definition || sidecar);
    json.field("isAmbient", ambient).field("appLabel", item.app);
    json.key("additionalDetailSample").null().key("annotations").null();
    write_only(json.key("healthAnnotations"), annotations, kHealthRate);
    write_labels(json.key("labels"), external ? none : *item.service->meta.labels);
    write_labels(json.key("selector"), external ? none : *item.service->selector);
    write_references(json.key("ports").null().key("istioReferences"), item.references, cluster);
    json.field("kialiWizard", "").field("serviceRegistry", external ? "External" : "Kubernetes");
    write_health(json.key("health"), item, health);
    json.end_object();
}

server::BodySource list_body(
    std::string head,
    std::size_t count,
    std::function<void(JsonWriter& json, std::size_t index)> write,
    std::string tail
) {
    struct State {
        std::string head, tail;
        std::size_t count;
        std::size_t next = 0;
        std::function<void(JsonWriter& json, std::size_t index)> write;
    };
    auto state =
        std::make_shared<State>(State{std::move(head), std::move(tail), count, 0, std::move(write)}
        );
    return [state](std::string& out) {
        const std::size_t begin = out.size();
        out.append(std::exchange(state->head, {}));
        for (; state->next < state->count; ++state->next) {
            if (out.size() - begin >= kPieceBytes) {
                return true;
            }
            if (state->next > 0) {
                out.push_back(',');
            }
            JsonWriter json(out);
            state->write(json, state->next);
        }
        out.append(state->tail);
        return false;
    };
}

}  // namespace meshscope::handlers
