#include "demo/kubernetes/openapi.hpp"

#include "core/json_writer.hpp"
#include "demo/kubernetes/resources.hpp"

#include <set>

namespace meshscope::demo {
namespace {

// "api/v1", "apis/apps/v1".
std::string place_of(const Resource& resource) {
    return (resource.group.empty() ? "api/" : "apis/") + resource.api_version();
}

bool is_there(const Resource& resource, bool custom_kinds) {
    return custom_kinds || !resource.custom;
}

HttpReply places(bool custom_kinds) {
    std::set<std::string> known;
    for (const Resource& resource : resources()) {
        if (is_there(resource, custom_kinds)) {
            known.insert(place_of(resource));
        }
    }
    HttpReply reply;
    JsonWriter json(reply.body);
    json.begin_object().key("paths").begin_object();
    for (const std::string& place : known) {
        json.key(place).begin_object();
        json.field("serverRelativeURL", "/openapi/v3/" + place).end_object();
    }
    json.end_object().end_object();
    return reply;
}

std::string path_of(const Resource& resource) {
    return "/" + place_of(resource) + (resource.namespaced ? "/namespaces/{namespace}/" : "/") +
           std::string(resource.plural) + "/{name}";
}

void write_parameter(JsonWriter& json, std::string_view name) {
    json.begin_object().field("name", name).field("in", "query");
    json.key("schema").begin_object().field("type", "string").end_object().end_object();
}

void write_path(JsonWriter& json, const Resource& resource) {
    json.key(path_of(resource)).begin_object().key("patch").begin_object();
    json.key("parameters").begin_array();
    write_parameter(json, "dryRun");
    write_parameter(json, "fieldManager");
    write_parameter(json, "fieldValidation");
    json.end_array().key("responses").begin_object().end_object();
    json.key("x-kubernetes-action").string("patch");
    json.key("x-kubernetes-group-version-kind").begin_object();
    json.field("group", resource.group).field("kind", resource.kind);
    json.field("version", resource.version).end_object().end_object().end_object();
}

}  // namespace

std::optional<HttpReply> openapi(const std::vector<std::string>& path, bool custom_kinds) {
    if (path.size() < 2 || path[1] != "v3") {
        return std::nullopt;
    }
    if (path.size() == 2) {
        return places(custom_kinds);
    }
    std::string place = path[2];
    for (std::size_t i = 3; i < path.size(); ++i) {
        place += "/" + path[i];
    }
    bool found = false;
    HttpReply reply;
    JsonWriter json(reply.body);
    json.begin_object().field("openapi", "3.0.0").key("info").begin_object();
    json.field("title", "Kubernetes").field("version", "v1.33.4").end_object();
    json.key("paths").begin_object();
    for (const Resource& resource : resources()) {
        if (is_there(resource, custom_kinds) && place_of(resource) == place) {
            found = true;
            write_path(json, resource);
        }
    }
    json.end_object().end_object();
    return found ? std::optional(std::move(reply)) : std::nullopt;
}

}  // namespace meshscope::demo
