#include "demo/kubernetes/discovery.hpp"

#include "core/json_writer.hpp"
#include "demo/kubernetes/openapi.hpp"
#include "demo/kubernetes/resources.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace meshscope::demo {
namespace {

struct Group {
    std::string_view name;
    std::string_view version;
};

constexpr std::array kReviews = {
    Resource{"authentication.k8s.io", "v1", "selfsubjectreviews", "SelfSubjectReview", "", false},
    Resource{"authentication.k8s.io", "v1", "tokenreviews", "TokenReview", "", false},
    Resource{
        "authorization.k8s.io",
        "v1",
        "selfsubjectaccessreviews",
        "SelfSubjectAccessReview",
        "",
        false
    },
    Resource{
        "authorization.k8s.io", "v1", "selfsubjectrulesreviews", "SelfSubjectRulesReview", "", false
    },
};

// Those besides the core.
std::vector<Group> groups(bool custom_kinds) {
    std::vector<Group> out = {{"authentication.k8s.io", "v1"}, {"authorization.k8s.io", "v1"}};
    for (const Resource& resource : resources()) {
        const bool known = std::any_of(out.begin(), out.end(), [&resource](const Group& group) {
            return group.name == resource.group;
        });
        if (!resource.group.empty() && !known && (custom_kinds || !resource.custom)) {
            out.push_back({resource.group, resource.version});
        }
    }
    return out;
}

void write_group(JsonWriter& json, const Group& group, bool alone) {
    const std::string both = std::string(group.name) + "/" + std::string(group.version);
    json.begin_object();
    if (alone) {
        json.field("kind", "APIGroup").field("apiVersion", "v1");
    }
    json.field("name", group.name).key("versions").begin_array().begin_object();
    json.field("groupVersion", both).field("version", group.version).end_object().end_array();
    json.key("preferredVersion").begin_object();
    json.field("groupVersion", both).field("version", group.version).end_object().end_object();
}

HttpReply group_list(bool custom_kinds) {
    HttpReply reply;
    JsonWriter json(reply.body);
    json.begin_object().field("kind", "APIGroupList").field("apiVersion", "v1");
    json.key("groups").begin_array();
    for (const Group& group : groups(custom_kinds)) {
        write_group(json, group, false);
    }
    json.end_array().end_object();
    return reply;
}

void write_resource(
    JsonWriter& json, std::string name, const Resource& resource, std::vector<const char*> verbs
) {
    std::string singular(resource.kind);
    std::transform(singular.begin(), singular.end(), singular.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    json.begin_object().field("name", name).field("singularName", singular);
    json.field("namespaced", resource.namespaced).field("kind", resource.kind);
    json.key("verbs").begin_array();
    for (const char* verb : verbs) {
        json.string(verb);
    }
    json.end_array();
    if (!resource.short_name.empty()) {
        json.key("shortNames").begin_array().string(resource.short_name).end_array();
    }
    json.end_object();
}

HttpReply resource_list(std::string_view group, std::string_view version) {
    HttpReply reply;
    JsonWriter json(reply.body);
    json.begin_object().field("kind", "APIResourceList").field("apiVersion", "v1");
    json.field(
        "groupVersion",
        group.empty() ? std::string(version) : std::string(group) + "/" + std::string(version)
    );
    json.key("resources").begin_array();
    for (const Resource& resource : resources()) {
        if (resource.group != group || resource.version != version) {
            continue;
        }
        std::vector<const char*> verbs = {"get", "list", "watch"};
        if (resource.writable) {
            verbs.insert(verbs.end(), {"create", "patch", "delete"});
        }
        write_resource(json, std::string(resource.plural), resource, std::move(verbs));
        if (resource.kind == "Pod") {
            const Resource log{"", "v1", "pods/log", "Pod", ""};
            write_resource(json, "pods/log", log, {"get"});
        }
    }
    for (const Resource& resource : kReviews) {
        if (resource.group == group) {
            write_resource(json, std::string(resource.plural), resource, {"create"});
        }
    }
    json.end_array().end_object();
    return reply;
}

HttpReply version() {
    HttpReply reply;
    JsonWriter json(reply.body);
    json.begin_object().field("major", "1").field("minor", "33");
    json.field("gitVersion", "v1.33.4").field("gitTreeState", "clean");
    json.field("goVersion", "go1.24.5").field("compiler", "gc").field("platform", "linux/amd64");
    json.end_object();
    return reply;
}

HttpReply core_versions() {
    HttpReply reply;
    JsonWriter json(reply.body);
    json.begin_object().field("kind", "APIVersions").key("versions").begin_array().string("v1");
    json.end_array().key("serverAddressByClientCIDRs").begin_array().end_array().end_object();
    return reply;
}

}  // namespace

std::optional<HttpReply> discovery(const std::vector<std::string>& path, bool custom_kinds) {
    const std::string& first = path.front();
    if (first == "openapi") {
        return openapi(path, custom_kinds);
    }
    if (path.size() == 1) {
        if (first == "version") {
            return version();
        }
        if (first == "healthz" || first == "readyz" || first == "livez") {
            return plain_text(200, "ok");
        }
        if (first == "api") {
            return core_versions();
        }
        return first == "apis" ? std::optional(group_list(custom_kinds)) : std::nullopt;
    }
    if (first == "api" && path.size() == 2 && path[1] == "v1") {
        return resource_list("", "v1");
    }
    if (first != "apis" || path.size() > 3) {
        return std::nullopt;
    }
    for (const Group& group : groups(custom_kinds)) {
        if (group.name != path[1]) {
            continue;
        }
        if (path.size() == 3) {
            return path[2] == group.version ? std::optional(resource_list(group.name, path[2]))
                                            : std::nullopt;
        }
        HttpReply reply;
        JsonWriter json(reply.body);
        write_group(json, group, true);
        return reply;
    }
    return std::nullopt;
}

}  // namespace meshscope::demo
