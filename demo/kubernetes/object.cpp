#include "demo/kubernetes/object.hpp"

#include "demo/mesh/random.hpp"
#include "demo/mesh/time_text.hpp"

namespace meshscope::demo {
namespace {

// As every real object carries it: who wrote which field. Readers have to skip it.
void write_managed_fields(JsonWriter& json, const Object& object) {
    json.key("managedFields").begin_array().begin_object();
    json.field(
        "manager", object.resource->custom ? "kubectl-client-side-apply" : "kube-controller-manager"
    );
    json.field("operation", "Update").field("apiVersion", object.resource->api_version());
    json.field("time", rfc3339(object.created)).field("fieldsType", "FieldsV1");
    json.key("fieldsV1").begin_object().key("f:metadata").begin_object();
    json.key("f:labels").begin_object().key(".").begin_object().end_object();
    for (const auto& [key, value] : object.labels) {
        json.key("f:" + key).begin_object().end_object();
    }
    json.end_object().end_object();
    json.key("f:spec").begin_object().end_object().end_object();
    json.end_object().end_array();
}

void write_metadata(JsonWriter& json, const Object& object) {
    json.key("metadata").begin_object();
    json.field("name", object.name);
    if (!object.generate_name.empty()) {
        json.field("generateName", object.generate_name);
    }
    if (!object.ns.empty()) {
        json.field("namespace", object.ns);
    }
    json.field("uid", object.uid).field("resourceVersion", std::to_string(object.version));
    if (object.generation != 0) {
        json.field("generation", object.generation);
    }
    json.field("creationTimestamp", rfc3339(object.created));
    if (object.deleting) {
        json.field("deletionTimestamp", rfc3339(*object.deleting));
        json.field("deletionGracePeriodSeconds", 30);
    }
    write_labels(json, "labels", object.labels);
    write_labels(json, "annotations", object.annotations);
    if (object.owner) {
        json.key("ownerReferences").begin_array().begin_object();
        json.field("apiVersion", object.owner->resource->api_version());
        json.field("kind", object.owner->resource->kind);
        json.field("name", object.owner->name).field("uid", object.owner->uid);
        json.field("controller", true).field("blockOwnerDeletion", true);
        json.end_object().end_array();
    }
    write_managed_fields(json, object);
    json.end_object();
}

}  // namespace

void write_labels(JsonWriter& json, std::string_view key, const Labels& labels) {
    if (labels.empty()) {
        return;
    }
    json.key(key).begin_object();
    for (const auto& [name, value] : labels) {
        json.field(name, value);
    }
    json.end_object();
}

void write_object(JsonWriter& json, const Object& object, ObjectForm form) {
    json.begin_object();
    if (form == ObjectForm::kMetadata) {
        json.field("kind", "PartialObjectMetadata").field("apiVersion", "meta.k8s.io/v1");
    } else if (form == ObjectForm::kWhole) {
        json.field("kind", object.resource->kind);
        json.field("apiVersion", object.resource->api_version());
    }
    write_metadata(json, object);
    if (form != ObjectForm::kMetadata && !object.members.empty()) {
        json.buffer().push_back(',');
        json.buffer() += object.members;
    }
    json.end_object();
}

std::string uid_of(const Resource& resource, std::string_view ns, std::string_view name) {
    const std::uint64_t key =
        mix(mix(hash_of(resource.kind), hash_of(resource.group)), mix(hash_of(ns), hash_of(name)));
    return uuid_of(key, mix(key, 1));
}

std::string_view label_of(const Labels& labels, std::string_view key) {
    for (const auto& [name, value] : labels) {
        if (name == key) {
            return value;
        }
    }
    return {};
}

}  // namespace meshscope::demo
