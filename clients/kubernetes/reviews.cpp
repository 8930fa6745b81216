#include "clients/kubernetes/reviews.hpp"

#include "clients/json/json_tokens.hpp"
#include "clients/json/json_walk.hpp"
#include "core/json_writer.hpp"
#include "core/text.hpp"

#include <string_view>
#include <utility>

namespace meshscope::clients::kubernetes {

using simdjson::error_code;
using simdjson::SUCCESS;

namespace {

std::string review(std::string_view group, std::string_view kind, const std::string& spec) {
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    json.field("apiVersion", std::string(group) + "/v1");
    json.field("kind", kind);
    json.key("spec").raw(spec);
    json.end_object();
    return body;
}

// Hands each member of `status` on; the review's kind must be `kind`, its status an object.
template <class Visit>
std::optional<Error> read_review(std::string body, std::string_view kind, const Visit& visit) {
    bool right_kind = false;
    bool has_status = false;
    const std::string beginning = first_printable(body);
    body.reserve(body.size() + simdjson::SIMDJSON_PADDING);
    const auto error = ThreadParser::get().parse(body, [&](json::value root) {
        return for_each_field(root, [&](const char* key, json::value field) -> error_code {
            if (is_key(key, "kind")) {
                right_kind = copy_of(field.raw_json_token()) == kind;
            } else if (is_key(key, "status")) {
                has_status = field.raw_json_token().front() == '{';
                return for_each_field(field, visit);
            }
            return SUCCESS;
        });
    });
    if (!error && right_kind && has_status) {
        return std::nullopt;
    }
    return Error(ErrorKind::kUpstreamProtocol, "kubernetes answered a review with something else")
        .with_upstream("kubernetes")
        .with_detail("the answer is no " + std::string(kind) + ": " + beginning);
}

bool is_true(json::value field) { return trim(field.raw_json_token()) == "true"; }

std::string text(json::value field) {
    const std::string_view token = field.raw_json_token();
    return is_string(token) ? copy_of(token) : std::string();
}

error_code read_texts(json::value field, std::vector<std::string>& out) {
    return for_each_item(field, [&](json::value item) {
        if (is_string(item.raw_json_token())) {
            out.push_back(copy_of(item.raw_json_token()));
        }
        return SUCCESS;
    });
}

error_code read_rule(json::value value, AccessRule& rule) {
    return for_each_field(value, [&](const char* key, json::value field) -> error_code {
        if (is_key(key, "verbs")) {
            return read_texts(field, rule.verbs);
        }
        if (is_key(key, "apiGroups")) {
            return read_texts(field, rule.groups);
        }
        if (is_key(key, "resources")) {
            return read_texts(field, rule.resources);
        }
        if (is_key(key, "resourceNames")) {
            return read_texts(field, rule.names);
        }
        return SUCCESS;
    });
}

}  // namespace

std::string token_review(const std::string& token) {
    std::string spec;
    JsonWriter(spec).begin_object().field("token", token).end_object();
    return review("authentication.k8s.io", "TokenReview", spec);
}

std::string access_review(const AccessQuestion& question) {
    std::string spec;
    JsonWriter json(spec);
    json.begin_object().key("resourceAttributes").begin_object();
    const std::pair<const char*, const std::string*> members[] = {
        {"namespace", &question.ns},
        {"verb", &question.verb},
        {"group", &question.group},
        {"resource", &question.resource},
        {"subresource", &question.subresource},
        {"name", &question.name},
    };
    for (const auto& [name, value] : members) {
        if (!value->empty()) {
            json.field(name, *value);
        }
    }
    json.end_object().end_object();
    return review("authorization.k8s.io", "SelfSubjectAccessReview", spec);
}

std::string rules_review(const std::string& ns) {
    std::string spec;
    JsonWriter(spec).begin_object().field("namespace", ns).end_object();
    return review("authorization.k8s.io", "SelfSubjectRulesReview", spec);
}

Result<TokenOwner> read_token_review(std::string body) {
    TokenOwner owner;
    const auto user = [&](const char* key, json::value field) -> error_code {
        if (is_key(key, "username")) {
            owner.username = text(field);
        } else if (is_key(key, "groups")) {
            owner.groups.clear();
            return read_texts(field, owner.groups);
        }
        return SUCCESS;
    };
    const auto error = read_review(
        std::move(body),
        "TokenReview",
        [&](const char* key, json::value field) -> error_code {
            if (is_key(key, "authenticated")) {
                owner.authenticated = is_true(field);
            } else if (is_key(key, "error")) {
                owner.error = text(field);
            } else if (is_key(key, "user")) {
                return for_each_field(field, user);
            }
            return SUCCESS;
        }
    );
    if (error) {
        return *error;
    }
    if (owner.authenticated && owner.username.empty()) {
        return Error(
                   ErrorKind::kUpstreamProtocol,
                   "kubernetes knows the token's owner but not the name"
        )
            .with_upstream("kubernetes");
    }
    return owner;
}

Result<AccessAnswer> read_access_review(std::string body) {
    AccessAnswer answer;
    bool denied = false;
    std::string failure;
    const auto error = read_review(
        std::move(body),
        "SelfSubjectAccessReview",
        [&](const char* key, json::value field) {
            if (is_key(key, "allowed")) {
                answer.allowed = is_true(field);
            } else if (is_key(key, "denied")) {
                denied = is_true(field);
            } else if (is_key(key, "reason")) {
                answer.reason = text(field);
            } else if (is_key(key, "evaluationError")) {
                failure = text(field);
            }
            return SUCCESS;
        }
    );
    if (error) {
        return *error;
    }
    answer.allowed = answer.allowed && !denied;
    if (!answer.allowed && answer.reason.empty()) {
        answer.reason = failure;
    }
    return answer;
}

Result<AccessRules> read_rules_review(std::string body) {
    AccessRules rules;
    const auto add_rule = [&](json::value item) {
        AccessRule rule;
        const auto failed = read_rule(item, rule);
        if (!failed) {
            rules.rules.push_back(std::move(rule));
        }
        return failed;
    };
    const auto error = read_review(
        std::move(body),
        "SelfSubjectRulesReview",
        [&](const char* key, json::value field) -> error_code {
            if (is_key(key, "incomplete")) {
                rules.incomplete = is_true(field);
            } else if (is_key(key, "resourceRules")) {
                return for_each_item(field, add_rule);
            }
            return SUCCESS;
        }
    );
    if (error) {
        return *error;
    }
    return rules;
}

}  // namespace meshscope::clients::kubernetes
