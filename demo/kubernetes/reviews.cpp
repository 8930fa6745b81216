#include "demo/kubernetes/reviews.hpp"

#include "core/json_object.hpp"
#include "core/json_writer.hpp"
#include "demo/kubernetes/status.hpp"
#include "demo/mesh/random.hpp"

#include <array>
#include <optional>
#include <utility>

namespace meshscope::demo {
namespace {

constexpr std::string_view kAuthentication = "authentication.k8s.io";
constexpr std::string_view kAuthorization = "authorization.k8s.io";

struct Kind {
    std::string_view group;
    std::string_view plural;
    std::string_view kind;
};

constexpr std::array kKinds = {
    Kind{kAuthentication, "tokenreviews", "TokenReview"},
    Kind{kAuthentication, "selfsubjectreviews", "SelfSubjectReview"},
    Kind{kAuthorization, "selfsubjectaccessreviews", "SelfSubjectAccessReview"},
    Kind{kAuthorization, "selfsubjectrulesreviews", "SelfSubjectRulesReview"},
};

void write_texts(
    JsonWriter& json, std::string_view key, const std::vector<std::string_view>& texts
) {
    json.key(key).begin_array();
    for (const std::string_view text : texts) {
        json.string(text);
    }
    json.end_array();
}

void write_user(JsonWriter& json, std::string_view key, const User& user) {
    const std::uint64_t id = hash_of(user.name);
    json.key(key).begin_object().field("username", user.name);
    json.field("uid", uuid_of(id, mix(id, 1)));
    write_texts(json, "groups", user.groups);
    json.end_object();
}

void write_token_status(
    JsonWriter& json, const JsonObject& spec, const Users& users, SystemTime now
) {
    const std::string_view token = spec.text("token").value_or("");
    const User* found = token.empty() ? nullptr : users.with_token(token, now);
    json.key("status").begin_object();
    if (found == nullptr) {
        json.field("authenticated", false);
        json.field("error", "[invalid bearer token, token lookup failed]").end_object();
        return;
    }
    json.field("authenticated", true);
    write_user(json, "user", *found);
    write_texts(json, "audiences", {"https://kubernetes.default.svc"});
    json.end_object();
}

bool may_ask(const JsonObject& asked, const User& user) {
    const auto text = [&asked](std::string_view name) {
        return std::string(asked.text(name).value_or(""));
    };
    Attempt attempt{text("verb"), text("group"), text("resource"), text("namespace"), text("name")};
    if (const std::string part = text("subresource"); !part.empty()) {
        attempt.resource += "/" + part;
    }
    return allowed(user, attempt);
}

void write_access_status(JsonWriter& json, const JsonObject& spec, const User& user) {
    bool yes = false;
    if (const auto asked = spec.object("resourceAttributes")) {
        yes = may_ask(*asked, user);
    } else if (const auto page = spec.object("nonResourceAttributes")) {
        // What system:discovery lets everybody read.
        const std::string_view path = page->text("path").value_or("");
        yes = page->text("verb") == "get" &&
              (path == "/version" || path == "/healthz" || path.starts_with("/api"));
    }
    json.key("status").begin_object().field("allowed", yes);
    if (yes) {
        json.field("reason", "RBAC: allowed by the demo's rules");
    }
    json.end_object();
}

void write_rules_status(JsonWriter& json, const JsonObject& spec, const User& user) {
    json.key("status").begin_object().key("resourceRules").begin_array();
    for (const Rule* rule : rules_in(user, spec.text("namespace").value_or(""))) {
        json.begin_object();
        write_texts(json, "verbs", rule->verbs);
        write_texts(json, "apiGroups", rule->groups);
        write_texts(json, "resources", rule->resources);
        json.end_object();
    }
    json.end_array().key("nonResourceRules").begin_array().begin_object();
    write_texts(json, "verbs", {"get"});
    write_texts(json, "nonResourceURLs", {"/api", "/api/*", "/apis", "/healthz", "/version"});
    json.end_object().end_array().field("incomplete", false).end_object();
}

const Kind* kind_of(std::string_view plural) {
    for (const Kind& kind : kKinds) {
        if (kind.plural == plural) {
            return &kind;
        }
    }
    return nullptr;
}

}  // namespace

bool is_review(std::string_view group, std::string_view plural) {
    const Kind* kind = kind_of(plural);
    return kind != nullptr && kind->group == group;
}

HttpReply review(
    std::string_view plural,
    const std::string& body,
    const User& user,
    const Users& users,
    SystemTime now
) {
    const auto asked = JsonObject::parse(body);
    if (!asked) {
        return bad_request("the body of the request is not a JSON object");
    }
    const Kind& kind = *kind_of(plural);
    const std::string spec_text = [&asked] {
        for (const JsonMember& member : asked->members()) {
            if (member.name == "spec" && !member.is_text) {
                return member.value;
            }
        }
        return std::string("{}");
    }();
    const JsonObject spec = asked->object("spec").value_or(*JsonObject::parse("{}"));
    HttpReply reply;
    reply.status = 201;
    JsonWriter json(reply.body);
    json.begin_object().field("kind", kind.kind);
    json.field("apiVersion", std::string(kind.group) + "/v1");
    json.key("metadata").begin_object().key("creationTimestamp").null().end_object();
    if (kind.kind != "SelfSubjectReview") {
        json.key("spec").raw(spec_text);
    }
    if (kind.kind == "TokenReview") {
        write_token_status(json, spec, users, now);
    } else if (kind.kind == "SelfSubjectReview") {
        json.key("status").begin_object();
        write_user(json, "userInfo", user);
        json.end_object();
    } else if (kind.kind == "SelfSubjectAccessReview") {
        write_access_status(json, spec, user);
    } else {
        write_rules_status(json, spec, user);
    }
    json.end_object();
    return reply;
}

}  // namespace meshscope::demo
