#include "demo/kubernetes/writes.hpp"

#include "core/text.hpp"
#include "demo/kubernetes/answers.hpp"
#include "demo/kubernetes/field_names.hpp"
#include "demo/kubernetes/object_rules.hpp"
#include "demo/kubernetes/patches.hpp"
#include "demo/kubernetes/status.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

namespace meshscope::demo {
namespace {

using nlohmann::json;
using Made = std::variant<Object, HttpReply>;  // or why not

constexpr int kDeepest = 64;

HttpReply invalid(const WritePlace& place, const std::string& name, const std::string& why) {
    const std::string what = std::string(place.resource->kind) +
                             (place.resource->group.empty() ? "" : ".") +
                             std::string(place.resource->group);
    return failure(422, "Invalid", what + " \"" + name + "\" is invalid: " + why);
}

HttpReply conflict(const WritePlace& place, const std::string& name) {
    return failure(
        409, "AlreadyExists", place.resource->qualified() + " \"" + name + "\" already exists"
    );
}

HttpReply too_much(const std::string& what) {
    return failure(413, "RequestEntityTooLarge", "the simulated cluster keeps no more: " + what);
}

HttpReply of_the_mesh() {
    return failure(405, "MethodNotAllowed", "objects of the simulated mesh cannot be changed");
}

bool too_deep(std::string_view text) {
    int depth = 0;
    bool quoted = false;
    for (std::size_t i = 0; i < text.size() && depth <= kDeepest; ++i) {
        const char c = text[i];
        if (quoted) {
            i += c == '\\' ? 1 : 0;
            quoted = c != '"';
        } else if (c == '"') {
            quoted = true;
        } else if (c == '{' || c == '[') {
            ++depth;
        } else if (c == '}' || c == ']') {
            --depth;
        }
    }
    return depth > kDeepest;
}

// An object, or nullopt.
std::optional<json> parsed(const std::string& body) {
    if (too_deep(body)) {
        return std::nullopt;
    }
    json out = json::parse(body, nullptr, false);
    return out.is_object() ? std::optional(std::move(out)) : std::nullopt;
}

std::string text_of(const json& object, const char* name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

// nullopt: it is there and no map of texts.
std::optional<Labels> texts_of(const json& metadata, const char* name) {
    Labels out;
    const auto found = metadata.find(name);
    if (found == metadata.end() || found->is_null()) {
        return out;
    }
    if (!found->is_object()) {
        return std::nullopt;
    }
    for (const auto& [key, value] : found->items()) {
        if (!value.is_string()) {
            return std::nullopt;
        }
        out.emplace_back(key, value.get<std::string>());
    }
    return out;
}

// Kubernetes keeps texts of a Secret as it keeps its other values.
void fold_texts(json& secret) {
    const auto texts = secret.find("stringData");
    if (texts == secret.end() || !texts->is_object()) {
        return;
    }
    for (const auto& [key, value] : texts->items()) {
        secret["data"][key] = base64_encode(value.is_string() ? value.get<std::string>() : "");
    }
    secret.erase("stringData");
}

std::string members_of(json object) {
    for (const char* said : {"apiVersion", "kind", "metadata"}) {
        object.erase(said);
    }
    const std::string text = object.dump();
    return text.substr(1, text.size() - 2);
}

bool may_be_named(const Resource& resource, const std::string& name) {
    if (resource.group != "rbac.authorization.k8s.io") {
        return is_dns_name(name);
    }
    return !name.empty() && name != "." && name != ".." &&
           name.find_first_of("/%") == std::string::npos;
}

// What is wrong with the frame of the object: kind, names.
std::optional<HttpReply> frame_fault(const WritePlace& place, const json& object) {
    const Resource& resource = *place.resource;
    if (text_of(object, "kind") != resource.kind ||
        text_of(object, "apiVersion") != resource.api_version()) {
        return bad_request(
            text_of(object, "kind") + " in version \"" + text_of(object, "apiVersion") +
            "\" cannot be handled as a " + std::string(resource.kind)
        );
    }
    const auto metadata = object.find("metadata");
    if (metadata == object.end() || !metadata->is_object()) {
        return invalid(
            place, "", "metadata.name: Required value: name or generateName is required"
        );
    }
    const std::string name = text_of(*metadata, "name");
    if (!may_be_named(resource, name)) {
        return invalid(
            place,
            name,
            "metadata.name: Invalid value: \"" + name + "\": must be a lowercase RFC 1123 subdomain"
        );
    }
    if (!place.name.empty() && name != place.name) {
        return bad_request(
            "the name of the object (" + name + ") does not match the name on the URL"
        );
    }
    const std::string ns = text_of(*metadata, "namespace");
    if (!ns.empty() && ns != place.ns) {
        return bad_request(
            "the namespace of the provided object does not match the namespace sent on the request"
        );
    }
    return std::nullopt;
}

Made to_object(const WritePlace& place, const HttpRequest& request, json object) {
    if (auto fault = frame_fault(place, object)) {
        return *std::move(fault);
    }
    const json& metadata = object.at("metadata");
    const std::string unknown = unknown_field(place.resource->kind, object);
    if (!unknown.empty() && request.first("fieldValidation") == "Strict") {
        return bad_request(
            std::string(place.resource->kind) + " in version \"" + place.resource->api_version() +
            "\" cannot be handled as a " + std::string(place.resource->kind) +
            ": strict decoding error: unknown field \"" + unknown + "\""
        );
    }
    auto labels = texts_of(metadata, "labels");
    auto annotations = texts_of(metadata, "annotations");
    if (!labels || !annotations) {
        return bad_request("metadata.labels and metadata.annotations hold texts only");
    }
    Object out;
    out.name = text_of(metadata, "name");
    if (place.resource->kind == "Secret") {
        fold_texts(object);
    }
    if (std::string why = invalid_because(place.resource->kind, object); !why.empty()) {
        return invalid(place, out.name, why);
    }
    out.resource = place.resource;
    out.ns = place.ns;
    out.uid = uid_of(*place.resource, out.ns, out.name);
    out.labels = *std::move(labels);
    out.annotations = *std::move(annotations);
    out.generation = object.contains("spec") ? 1 : 0;
    out.members = members_of(std::move(object));
    out.written = true;
    return out;
}

bool has_namespace(const ObjectStore& store, const std::string& ns) {
    return ns.empty() || store.find(resource_named("", "namespaces"), "", ns) != nullptr;
}

std::optional<HttpReply> bound_fault(const ObjectStore& store, const Object& object) {
    if (object.members.size() > kMostWriteBody) {
        return too_much(std::to_string(kMostWriteBody) + " bytes of an object");
    }
    if (store.written() >= kMostWritten) {
        return too_much(std::to_string(kMostWritten) + " objects");
    }
    if (store.written_bytes() + object.members.size() > kMostWrittenBytes) {
        return too_much(std::to_string(kMostWrittenBytes) + " bytes");
    }
    return std::nullopt;
}

HttpReply kept(
    ObjectStore& store, Object object, unsigned status, const HttpRequest& request, SystemTime now
) {
    HttpReply reply;
    reply.status = status;
    if (request.first("dryRun") == "All") {
        reply.body = object_text(object, Answer::kObjects, now);
        return reply;
    }
    const Resource& resource = *object.resource;
    const std::string ns = object.ns;
    const std::string name = object.name;
    store.put(std::move(object));
    reply.body = object_text(*store.find(resource, ns, name), Answer::kObjects, now);
    return reply;
}

HttpReply create(LiveCluster& cluster, const HttpRequest& request, const WritePlace& place) {
    if (!request.content_type.starts_with("application/json")) {
        return failure(
            415, "UnsupportedMediaType", "the body of the request is not application/json"
        );
    }
    std::optional<json> body = parsed(request.body);
    if (!body) {
        return bad_request("the body of the request is no JSON object");
    }
    Made made = to_object(place, request, *std::move(body));
    if (auto* refused = std::get_if<HttpReply>(&made)) {
        return std::move(*refused);
    }
    auto& object = std::get<Object>(made);
    return cluster.change([&](ObjectStore& store) {
        if (!has_namespace(store, place.ns)) {
            return not_found("namespaces", "", place.ns);
        }
        if (store.find(*place.resource, place.ns, object.name)) {
            return conflict(place, object.name);
        }
        if (auto full = bound_fault(store, object)) {
            return *std::move(full);
        }
        object.created = cluster.now();
        return kept(store, std::move(object), 201, request, cluster.now());
    });
}

// Whether the patch is of a kind that is known for that resource.
bool is_patch(const Resource& resource, std::string_view type) {
    return type == "application/merge-patch+json" ||
           (type == "application/strategic-merge-patch+json" && !resource.custom);
}

HttpReply patched(
    ObjectStore& store,
    const HttpRequest& request,
    const WritePlace& place,
    const json& patch,
    SystemTime now
) {
    const ObjectPtr before = store.find(*place.resource, place.ns, place.name);
    if (!before) {
        return not_found(place.resource->qualified(), place.resource->group, place.name);
    }
    if (!before->written) {
        return of_the_mesh();
    }
    json object = json::parse(object_text(*before, Answer::kObjects, now), nullptr, false);
    if (request.content_type.starts_with("application/merge-patch")) {
        object.merge_patch(patch);
    } else {
        strategic_merge(object, patch);
    }
    Made made = to_object(place, request, std::move(object));
    if (auto* refused = std::get_if<HttpReply>(&made)) {
        return std::move(*refused);
    }
    auto& after = std::get<Object>(made);
    after.created = before->created;
    after.generation = before->generation + (after.members == before->members ? 0 : 1);
    if (auto full = bound_fault(store, after);
        full && after.members.size() > before->members.size()) {
        return *std::move(full);
    }
    return kept(store, std::move(after), 200, request, now);
}

HttpReply patch(LiveCluster& cluster, const HttpRequest& request, const WritePlace& place) {
    const std::string_view type = trim(split(request.content_type, ';').front());
    if (!is_patch(*place.resource, type)) {
        return failure(
            415,
            "UnsupportedMediaType",
            "the body of the request was in an unknown format - accepted media types include: "
            "application/merge-patch+json, application/strategic-merge-patch+json"
        );
    }
    const std::optional<json> body = parsed(request.body);
    if (!body) {
        return bad_request("the patch is no JSON object");
    }
    return cluster.change([&](ObjectStore& store) {
        return patched(store, request, place, *body, cluster.now());
    });
}

HttpReply remove(LiveCluster& cluster, const HttpRequest& request, const WritePlace& place) {
    return cluster.change([&](ObjectStore& store) {
        const ObjectPtr object = store.find(*place.resource, place.ns, place.name);
        if (!object) {
            return not_found(place.resource->qualified(), place.resource->group, place.name);
        }
        if (!object->written) {
            return of_the_mesh();
        }
        if (request.first("dryRun") != "All") {
            store.remove(*place.resource, place.ns, place.name);
        }
        HttpReply reply;
        reply.body = object_text(*object, Answer::kObjects, cluster.now());
        return reply;
    });
}

}  // namespace

std::string_view verb_of_write(std::string_view method, bool to_all) {
    if (to_all) {
        return method == "POST" ? "create" : "";
    }
    if (method == "PATCH") {
        return "patch";
    }
    return method == "DELETE" ? "delete" : "";
}

HttpReply kubernetes_write(
    LiveCluster& cluster, const HttpRequest& request, const WritePlace& place
) {
    if (place.name.empty()) {
        return create(cluster, request, place);
    }
    return request.method == "PATCH" ? patch(cluster, request, place)
                                     : remove(cluster, request, place);
}

}  // namespace meshscope::demo
